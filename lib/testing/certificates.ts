import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "./tool.ts";

/** A certificate authority that nobody trusts but those who are handed `certificate`. */
export interface TestCa {
  /** PEM of the authority. */
  certificate: string;
  certificatePath: string;
  /** A folder with `ca.crt` only, as skopeo's `--cert-dir` wants it. */
  directory: string;
  /** Signs a server certificate, by default for 127.0.0.1 and localhost, valid for `days` (negative: expired). */
  issue(options?: { names?: readonly string[]; days?: number }): Promise<ServerCertificate>;
  /** Deletes every file. */
  remove(): Promise<void>;
}

export interface ServerCertificate {
  certificatePath: string;
  keyPath: string;
  /** PEM. */
  certificate: string;
  key: string;
}

const LOOPBACK = ["IP:127.0.0.1", "DNS:localhost"];

/** Makes a private authority with openssl. */
export async function createTestCa(): Promise<TestCa> {
  const root = await mkdtemp(join(tmpdir(), "lockstep-ca-"));
  const directory = join(root, "trust");
  const certificatePath = join(directory, "ca.crt");
  const keyPath = join(root, "ca.key");
  await runTool("mkdir", ["-p", directory]);
  const subject = ["-subj", "/CN=Lockstep test authority"];
  const usage = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"];
  await runTool("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-days", "3650", ...subject, ...usage, "-keyout", keyPath, "-out", certificatePath],
  ]);
  let issued = 0;
  return {
    certificate: await readFile(certificatePath, "utf8"),
    certificatePath,
    directory,
    issue: (options = {}) => {
      issued += 1;
      return issueCertificate({ root, certificatePath, keyPath }, `server-${issued}`, options);
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function issueCertificate(
  authority: { root: string; certificatePath: string; keyPath: string },
  name: string,
  options: { names?: readonly string[]; days?: number },
): Promise<ServerCertificate> {
  const at = (extension: string) => join(authority.root, `${name}.${extension}`);
  const names = options.names ?? LOOPBACK;
  await writeFile(at("ext"), `subjectAltName=${names.join(",")}\nextendedKeyUsage=serverAuth\n`);
  await runTool("openssl", [
    ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-subj", "/CN=Lockstep test server", "-keyout", at("key"), "-out", at("csr")],
  ]);
  const day = (offset: number) =>
    `${new Date(Date.now() + offset * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, "")}`;
  const days = options.days ?? 3650;
  await runTool("openssl", [
    ...["x509", "-req", "-in", at("csr"), "-CA", authority.certificatePath, "-CAkey", authority.keyPath],
    ...["-not_before", day(Math.min(-1, days - 1)), "-not_after", day(days)],
    ...["-extfile", at("ext"), "-out", at("crt")],
  ]);
  return {
    certificatePath: at("crt"),
    keyPath: at("key"),
    certificate: await readFile(at("crt"), "utf8"),
    key: await readFile(at("key"), "utf8"),
  };
}
