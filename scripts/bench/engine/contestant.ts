import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../root.ts";
import { SYNC_FLAGS, syncBundle } from "../../sync-bundle.mjs";
import { NAMESPACE } from "./content.ts";
import type { Command } from "./measure-command.ts";

/** What is to be copied, as a tool is told. */
export interface Job {
  /** `127.0.0.1:<port>` of both ends. */
  readonly source: string;
  readonly target: string;
  readonly tags: readonly { readonly repository: string; readonly tag: string }[];
}

/** A tool that copies. */
export interface Contestant {
  readonly name: string;
  /** What it is called on the machine, where that is not its name. */
  readonly program?: string;
  /** Files that it wants are written before: that is no part of its time. */
  command(job: Job): Command;
}

export const OURS = "lockstep";

/**
 * The command as `npm run sync` runs it, once the file is made that it is run from; start-up included.
 * @param folder where it remembers what it saw in its last run
 */
const ours = (file: string, folder = mkdtempSync(join(tmpdir(), "cache-"))): Contestant => ({
  name: OURS,
  command: ({ source, target }) => ({
    program: join(ROOT, "node_modules/.bin/node"),
    parameters: [
      ...SYNC_FLAGS,
      file,
      ...["--source", `http://${source}`, "--source-plain-http", "--source-namespace", NAMESPACE],
      ...["--target", `http://${target}`, "--target-plain-http", "--json"],
    ],
    // Other runs of the bench may have had the same ports.
    env: { XDG_CACHE_HOME: folder },
  }),
});

/** One process for everything: it remembers then which repository of the target holds a layer, and mounts it. */
const skopeo: Contestant = {
  name: "skopeo",
  command({ source, target, tags }) {
    const images = Object.fromEntries(
      [...Map.groupBy(tags, ({ repository }) => repository)].map(([repository, places]) => [
        repository,
        places.map(({ tag }) => tag),
      ]),
    );
    // JSON is YAML.
    const list = written(JSON.stringify({ [source]: { "tls-verify": false, images } }));
    const options = ["--all", "--src", "yaml", "--dest", "docker", "--dest-tls-verify=false"];
    return {
      program: "skopeo",
      parameters: ["--insecure-policy", "sync", ...options, list, `${target}/${NAMESPACE}`],
    };
  },
};

/** A process a tag; four repositories at once, whose tags come one after the other, or every layer would travel for each of them. */
const oras: Contestant = {
  name: "oras",
  command({ source, target, tags }) {
    const copy = "oras cp --from-plain-http --to-plain-http --no-tty";
    const scripts = [...Map.groupBy(tags, ({ repository }) => repository).values()].map((places) => {
      const lines = places.map(
        ({ repository, tag }) => `${source}/${repository}:${tag} ${target}/${repository}:${tag}`,
      );
      return written(lines.map((pair) => `${copy} ${pair} || exit 1\n`).join(""));
    });
    return forEach(scripts, { words: 1, atOnce: 4 }, "sh");
  },
};

/** Several processes of it side by side, by a script of ours: more than the tool does by itself, so it is shown, and no goal is held against it. */
export const BEYOND = "crane-x4";

/** A process a repository. @param atOnce processes; one after the other is how peers.md measured what the goals are held against */
const crane = (name: string, atOnce: number): Contestant => ({
  name,
  program: "crane",
  command: ({ source, target, tags }) =>
    forEach(
      [...new Set(tags.map(({ repository }) => repository))].map(
        (repository) => `${source}/${repository} ${target}/${repository}`,
      ),
      { words: 2, atOnce },
      "crane --insecure copy --all-tags --jobs 8",
    ),
});

/** @param parallel repositories at once, with twice as many requests to each end; undefined: as it is when nothing is set */
const regsync = (name: string, parallel?: number): Contestant => ({
  name,
  program: "regsync",
  command({ source, target, tags }) {
    const reqConcurrent = parallel && parallel * 2;
    const creds = [source, target].map((registry) => ({ registry, tls: "disabled", reqConcurrent }));
    const sync = [...new Set(tags.map(({ repository }) => repository))].map((repository) => ({
      source: `${source}/${repository}`,
      target: `${target}/${repository}`,
      type: "repository",
    }));
    const list = written(JSON.stringify({ version: 1, creds, defaults: { parallel }, sync }));
    return { program: "regsync", parameters: ["once", "-c", list] };
  },
});

/** Ourselves, and every peer that is on this machine. */
export async function contestants(): Promise<Contestant[]> {
  return [
    ours(await syncBundle()),
    ...[
      ...[skopeo, oras, crane("crane", 1), crane(BEYOND, 4)],
      ...[regsync("regsync", 4), regsync("regsync-plain")],
    ].filter(({ name, program = name }) => isInstalled(program)),
  ];
}

const isInstalled = (program: string) =>
  spawnSync("/bin/sh", ["-c", 'command -v "$1"', "sh", program]).status === 0;

/** @param words of a line, which are given to the command; `atOnce`: processes */
function forEach(
  lines: readonly string[],
  { words, atOnce }: { words: number; atOnce: number },
  command: string,
): Command {
  const list = written(`${lines.join("\n")}\n`);
  return {
    program: "/bin/sh",
    parameters: ["-c", `exec xargs -P${atOnce} -n${words} ${command} <"$1"`, "sh", list],
  };
}

function written(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "job-")), "job");
  writeFileSync(path, text);
  return path;
}
