import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** A program of the system that tests need, and the Debian package that brings it. */
interface Tool {
  readonly package: string;
  readonly present: () => boolean;
}

const hasCommand = (name: string) => () =>
  spawnSync("/bin/sh", ["-c", 'command -v "$1"', "sh", name]).status === 0;

const hasChineseFont = () =>
  /\S/.test(spawnSync("fc-list", [":lang=zh-cn"], { encoding: "utf8" }).stdout ?? "");

const SERVERS: readonly Tool[] = [
  { package: "docker-registry", present: hasCommand("docker-registry") },
  { package: "skopeo", present: hasCommand("skopeo") },
  { package: "oras", present: hasCommand("oras") },
  { package: "apache2-utils", present: hasCommand("htpasswd") },
  { package: "openssl", present: hasCommand("openssl") },
  { package: "python3", present: hasCommand("python3") },
  { package: "faketime", present: hasCommand("faketime") },
];
const BROWSER: readonly Tool[] = [
  { package: "chromium", present: hasCommand("chromium") },
  { package: "fonts-noto-cjk", present: hasChineseFont },
];

const NEEDED: Readonly<Record<string, readonly Tool[]>> = {
  integration: SERVERS,
  e2e: [...SERVERS, ...BROWSER],
};

/**
 * Sees to the programs that the parts need: as root on Debian what is missing is installed.
 * @returns the packages that are still missing
 */
export function provideTools(parts: readonly string[]): string[] {
  const needed = [...new Set(parts.flatMap((part) => NEEDED[part] ?? []))];
  const missing = () => needed.filter(({ present }) => !present()).map((tool) => tool.package);
  const before = missing();
  if (before.length === 0 || process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
    return before;
  }
  console.log(`tools: installing ${before.join(" ")} …`);
  const apt = (...args: string[]) =>
    spawnSync("apt-get", ["-qq", "-o", "Dpkg::Use-Pty=0", ...args], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    });
  apt("update");
  apt("install", "-y", "--no-install-recommends", ...before);
  return missing();
}
