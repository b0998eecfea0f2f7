import { spawn } from "node:child_process";

/** The Debian package that brings each tool the tests run. */
const PACKAGES: Record<string, string> = {
  "docker-registry": "docker-registry",
  skopeo: "skopeo",
  oras: "oras",
  htpasswd: "apache2-utils",
  openssl: "openssl",
};

export interface ToolResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface ToolOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Bytes for standard input. */
  input?: string | Uint8Array;
  /** Default 120 s; the tool is killed then. */
  timeoutMs?: number;
}

/** Says which package brings a tool that could not be started; tests fail with it, they never skip. */
export function missingTool(command: string, cause: unknown): Error {
  const from = PACKAGES[command];
  const remedy = from === undefined ? "install it" : `install the Debian package ${from}`;
  return new Error(`${command} could not be started: ${remedy}`, { cause });
}

/** Runs a tool to its end, whatever its exit code. @throws when it is not installed or does not end in time. */
export function tryTool(
  command: string,
  parameters: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  const timeoutMs = options.timeoutMs ?? 120_000;
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${command} ${parameters[0] ?? ""} did not end within ${timeoutMs} ms: ${stderr}`));
    }, timeoutMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(missingTool(command, error));
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, stdout, stderr });
    });
    // A tool that ends before it has read everything is judged by its exit code, not by this pipe.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input);
  });
}

/** Runs a tool and returns its standard output. @throws with its standard error when the exit code is not 0 */
export async function runTool(
  command: string,
  parameters: readonly string[],
  options: ToolOptions = {},
): Promise<string> {
  const result = await tryTool(command, parameters, options);
  if (result.code !== 0) {
    throw new Error(`${command} ${parameters[0] ?? ""} ended with ${result.code}: ${result.stderr.trim()}`);
  }
  return result.stdout;
}
