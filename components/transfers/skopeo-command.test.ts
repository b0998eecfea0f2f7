import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { type SkopeoEnd, skopeoCommand } from "./skopeo-command.ts";

const SOURCE: SkopeoEnd = {
  host: "registry.sh.example.com",
  plainHttp: false,
  username: null,
  privateCa: false,
  repository: "ai/gateway",
  tag: "1.0",
};
const TARGET: SkopeoEnd = { ...SOURCE, host: "127.0.0.1:5000", repository: "mirror/gateway" };

test("names both ends with host, repository and tag, and an end without TLS", () => {
  expect(skopeoCommand(SOURCE, { ...TARGET, plainHttp: true })).toEqual({
    command:
      "skopeo copy --all --preserve-digests --dest-tls-verify=false docker://registry.sh.example.com/ai/gateway:1.0 docker://127.0.0.1:5000/mirror/gateway:1.0",
    passwords: [],
    certificates: [],
  });
});

test("names the account, never a password, and where the certificate of a private authority goes", () => {
  const { command, passwords, certificates } = skopeoCommand(
    { ...SOURCE, username: "puller" },
    { ...TARGET, username: "robot$ai+sync", privateCa: true },
  );
  expect(command).toBe(
    `skopeo copy --all --preserve-digests --src-creds puller:"$SOURCE_PASSWORD" --dest-creds 'robot$ai+sync:'"$TARGET_PASSWORD" --dest-cert-dir certs/target docker://registry.sh.example.com/ai/gateway:1.0 docker://127.0.0.1:5000/mirror/gateway:1.0`,
  );
  expect(passwords).toEqual(["SOURCE_PASSWORD", "TARGET_PASSWORD"]);
  expect(certificates).toEqual(["certs/target"]);
});

test("one image of an index is named by its digest at the source, and is alone", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  expect(skopeoCommand({ ...SOURCE, digest }, TARGET).command).toBe(
    `skopeo copy --preserve-digests docker://registry.sh.example.com/ai/gateway@${digest} docker://127.0.0.1:5000/mirror/gateway:1.0`,
  );
});

test("an end without TLS needs no certificate", () => {
  expect(skopeoCommand({ ...SOURCE, plainHttp: true, privateCa: true }, TARGET).command).not.toContain(
    "cert-dir",
  );
});

/** The words that a shell makes of it: skopeo is a function that prints its arguments, a line each. */
function wordsOf(command: string): string[] {
  const script = `skopeo() { for word in "$@"; do printf '%s\\n' "$word"; done; }\n${command}`;
  const env = { ...process.env, SOURCE_PASSWORD: "s3cret 1", TARGET_PASSWORD: "$(echo no)" };
  return execFileSync("/bin/sh", ["-c", script], { env, encoding: "utf8" }).trimEnd().split("\n");
}

test("a shell reads every name as one word and runs nothing, however hostile", () => {
  const hostile = 'it\'s; $(touch /tmp/x) `id` "q" \\ *';
  const { command } = skopeoCommand(
    { ...SOURCE, username: hostile, repository: hostile },
    { ...TARGET, username: "u", tag: hostile },
  );
  expect(wordsOf(command)).toEqual([
    ...["copy", "--all", "--preserve-digests", "--src-creds", `${hostile}:s3cret 1`],
    ...["--dest-creds", "u:$(echo no)"],
    `docker://registry.sh.example.com/${hostile}:1.0`,
    `docker://127.0.0.1:5000/mirror/gateway:${hostile}`,
  ]);
});
