import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AccessLog, parseAccessLog } from "./access-log.ts";
import type { TestCa } from "./certificates.ts";
import { freePort } from "./free-port.ts";
import { missingTool, runTool } from "./tool.ts";

export interface DockerRegistryOptions {
  /** Basic auth with one account. */
  htpasswd?: { username: string; password: string };
  /** Bearer tokens of this server, signed with what the certificate vouches for. */
  token?: { realm: string; service: string; issuer: string; certificatePath: string };
  /** HTTPS with a certificate of this authority. */
  tls?: TestCa;
  port?: number;
  /** Where pushes are told, and the header that says who tells. */
  notify?: { url: string; authorization: string };
  /** REGISTRY_STORAGE_DELETE_ENABLED; default true. */
  deletes?: boolean;
  /** false: a restart forgets every open upload (R3). */
  secret?: boolean;
  /** Its content lies on a disk of so many MiB. Needs the right to mount: root, or user namespaces. */
  diskMib?: number;
  /** Beside our own environment. */
  env?: Record<string, string>;
  /** URLs that layers may name instead of being here; default none. */
  foreignUrls?: string;
  /** Keep the access log for `accessLog()`; default true. */
  accessLog?: boolean;
}

/** A running CNCF Distribution server. */
export interface DockerRegistry {
  /** `http://127.0.0.1:<port>` or `https://…`. */
  origin: string;
  /** `127.0.0.1:<port>`, as references of skopeo and oras begin. */
  host: string;
  /** The origin with a slash at its end. */
  url: string;
  /** Where the content is kept. */
  dataDir: string;
  /** Ends it and deletes its content. */
  stop(): Promise<void>;
  /** SIGKILL; the content stays for `restart`. */
  kill(): Promise<void>;
  /** Starts it again at the same address with the same content; ends it first if it runs. */
  restart(): Promise<void>;
  /** Every request answered so far, over restarts. */
  accessLog(): Promise<AccessLog>;
}

const START_TIMEOUT_MS = 15_000;

/**
 * Starts the real CNCF Distribution (Debian package docker-registry) on the loopback, with a folder of its own.
 * @throws when it is not installed or does not answer within 15 s
 */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const root = await mkdtemp(join(tmpdir(), "lockstep-registry-"));
  const dataDir = join(root, "data");
  await mkdir(dataDir);
  const port = options.port ?? (await freePort());
  const host = `127.0.0.1:${port}`;
  const origin = `${options.tls === undefined ? "http" : "https"}://${host}`;
  const configPath = join(root, "config.yml");
  await writeFile(configPath, await configuration(root, host, options));

  const disk = options.diskMib === undefined ? undefined : { mib: options.diskMib, dataDir };
  const accessPath = join(root, "access.log");
  const start = () =>
    startProcess({
      ...{ configPath, origin, disk, accessPath },
      ca: options.tls?.certificate,
      saidPath: join(root, "said.log"),
      env: options.env,
    });
  let child = await start();
  return {
    origin,
    host,
    url: `${origin}/`,
    dataDir,
    stop: async () => {
      await end(child, "SIGTERM");
      await rm(root, { recursive: true, force: true });
    },
    kill: () => end(child, "SIGKILL"),
    restart: async () => {
      await end(child, "SIGTERM");
      child = await start();
    },
    accessLog: async () => {
      await settled(accessPath);
      return new AccessLog(parseAccessLog(await readFile(accessPath, "utf8")));
    },
  };
}

async function configuration(root: string, host: string, options: DockerRegistryOptions): Promise<string> {
  const lines = [
    "version: 0.1",
    "log:",
    "  level: info",
    "  accesslog:",
    `    disabled: ${options.accessLog === false}`,
    "storage:",
    "  filesystem:",
    `    rootdirectory: ${join(root, "data")}`,
    "  delete:",
    `    enabled: ${options.deletes !== false}`,
    "http:",
    `  addr: ${host}`,
    ...(options.secret === false ? [] : ["  secret: lockstep-tests"]),
  ];
  if (options.foreignUrls !== undefined) {
    lines.push("validation:", "  manifests:", "    urls:", `      allow: ["${options.foreignUrls}"]`);
  }
  if (options.tls !== undefined) {
    const { certificatePath, keyPath } = await options.tls.issue();
    lines.push("  tls:", `    certificate: ${certificatePath}`, `    key: ${keyPath}`);
  }
  if (options.htpasswd !== undefined) {
    const { username, password } = options.htpasswd;
    const path = join(root, "htpasswd");
    await writeFile(path, await runTool("htpasswd", ["-Bbn", username, password]));
    lines.push("auth:", "  htpasswd:", "    realm: lockstep-tests", `    path: ${path}`);
  }
  if (options.token !== undefined) {
    const { realm, service, issuer, certificatePath } = options.token;
    lines.push("auth:", "  token:", `    realm: ${realm}`, `    service: ${service}`);
    lines.push(`    issuer: ${issuer}`, `    rootcertbundle: ${certificatePath}`);
  }
  if (options.notify !== undefined) {
    const { url, authorization } = options.notify;
    lines.push("notifications:", "  endpoints:", "    - name: lockstep", `      url: ${url}`);
    lines.push("      headers:", `        Authorization: [${authorization}]`);
    lines.push("      timeout: 2s", "      threshold: 3", "      backoff: 500ms");
    // As components/events/snippets.ts says.
    lines.push("      ignore:", "        actions: [pull]", "        mediatypes: [application/octet-stream]");
  }
  return `${lines.join("\n")}\n`;
}

interface Launch {
  configPath: string;
  origin: string;
  ca: string | undefined;
  disk: { mib: number; dataDir: string } | undefined;
  /** What was asked of it, a line each. */
  accessPath: string;
  /** Whatever else it says. */
  saidPath: string;
  env: Record<string, string> | undefined;
}

/**
 * It writes into files: whoever measures what it does is not woken for each line of it. `disk`: on one of its own, a mount that nobody
 * else sees.
 */
function spawnServer({ accessPath, saidPath, ...launch }: Launch): ChildProcess {
  const files = [openSync(accessPath, "a"), openSync(saidPath, "a")];
  try {
    return spawnInto(files, launch);
  } finally {
    files.forEach(closeSync);
  }
}

function spawnInto(
  files: readonly number[],
  { configPath, disk, env }: Pick<Launch, "configPath" | "disk" | "env">,
): ChildProcess {
  const options = {
    stdio: ["ignore", ...files] as ["ignore", number, number],
    env: { ...process.env, OTEL_TRACES_EXPORTER: "none", ...env },
  };
  if (!disk) {
    return spawn("docker-registry", ["serve", configPath], options);
  }
  const script = 'mount -t tmpfs -o size="$1"m tmpfs "$2" && exec docker-registry serve "$3"';
  const rights = process.getuid?.() === 0 ? ["-m"] : ["-rm"];
  const parameters = [...rights, "sh", "-c", script, "sh", String(disk.mib), disk.dataDir, configPath];
  return spawn("unshare", parameters, options);
}

async function startProcess(launch: Launch): Promise<ChildProcess> {
  const child = spawnServer(launch);
  let failure: unknown;
  child.once("error", (error) => {
    failure = missingTool("docker-registry", error);
  });
  // A test process that dies must not leave a server behind.
  const reap = () => child.kill("SIGKILL");
  process.once("exit", reap);
  child.once("exit", () => process.removeListener("exit", reap));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(launch.origin, launch.ca))) {
    if (failure !== undefined) {
      throw failure;
    }
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(
        `docker-registry did not start at ${launch.origin}: ${await lastWords(launch.saidPath)}`,
      );
    }
    await sleep(25);
  }
  return child;
}

/** Any answer will do: with auth it is 401. */
function answers(origin: string, ca: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const send = ca === undefined ? requestHttp : requestHttps;
    const request = send(`${origin}/v2/`, { ca, timeout: 1000, agent: false }, (response) => {
      response.resume();
      resolve(true);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(false));
    request.end();
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const gone = once(child, "exit");
  child.kill(signal);
  const hammer = setTimeout(() => child.kill("SIGKILL"), 3000);
  await gone;
  clearTimeout(hammer);
}

/** The server writes a line after its answer went out: wait until none has come for a moment. */
async function settled(accessPath: string): Promise<void> {
  let seen = -1;
  for (let size = 0; seen !== size; size = (await stat(accessPath)).size) {
    seen = size;
    await sleep(60);
  }
}

async function lastWords(saidPath: string): Promise<string> {
  return (await readFile(saidPath, "utf8")).trimEnd().split("\n").at(-1) ?? "";
}
