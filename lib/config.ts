import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The environment lacks a setting or holds one that makes no sense. The message is written for whoever starts the process. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Settings of this process, from its environment. README.md, "Configuration", explains each. */
export interface Config {
  /** DATABASE_URL. @throws {ConfigError} when read and not set */
  readonly databaseUrl: string;
  /** LOCKSTEP_DATA, absolute. */
  readonly dataDir: string;
  /** 32 bytes, from SECRET_KEY or the file SECRET_KEY_FILE. @throws {ConfigError} when read and not set */
  readonly secretKey: Buffer;
  /** EGRESS_ALLOW: CIDRs, or single addresses, of loopback and private networks that registries may live in. */
  readonly egressAllow: readonly string[];
  /** TRUSTED_PROXIES: CIDRs of reverse proxies whose X-Forwarded-For names the client. */
  readonly trustedProxies: readonly string[];
  /** PUBLIC_URL: the address under which people open the console. */
  readonly publicUrl: URL | null;
  readonly host: string;
  readonly port: number;
  /** WORKER_CONCURRENCY: jobs that one worker process runs at a time. */
  readonly workerConcurrency: number;
  /** RECONCILE_HOURS: how often a rule that listens to events is compared whole. */
  readonly reconcileHours: number;
  /** TASK_RETENTION_DAYS, TASK_RETENTION_COUNT: older tasks are removed, and of a rule those beyond so many. */
  readonly taskRetention: { readonly days: number; readonly perRule: number };
  readonly logLevel: LogLevel;
  /** `next dev` serves the console: its pages may evaluate code. */
  readonly development: boolean;
  /** LOCKSTEP_PSEUDO_LOCALE=1: the cookie `lockstep-locale=en-XA` shows every text accented and longer; for tests only. */
  readonly pseudoLocale: boolean;
}

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Environment = Readonly<Record<string, string | undefined>>;

const SECRET_KEY_BYTES = 32;

/** Reads an environment. What every process needs is checked at once; a database or a key when it is first asked for. */
export function readConfig(env: Environment): Config {
  let secretKey: Buffer | undefined;
  return {
    get databaseUrl() {
      return databaseUrl(env);
    },
    get secretKey() {
      secretKey ??= readSecretKey(env);
      return secretKey;
    },
    // The bundler would otherwise take the whole project for a possible data folder.
    dataDir: resolve(/* turbopackIgnore: true */ env.LOCKSTEP_DATA || ".data"),
    egressAllow: list(env.EGRESS_ALLOW),
    trustedProxies: list(env.TRUSTED_PROXIES),
    publicUrl: publicUrl(env),
    host: env.HOST || "127.0.0.1",
    port: wholeNumber(env, "PORT", { fallback: 3000, min: 0, max: 65_535 }),
    workerConcurrency: wholeNumber(env, "WORKER_CONCURRENCY", { fallback: 8, min: 1, max: 64 }),
    reconcileHours: wholeNumber(env, "RECONCILE_HOURS", { fallback: 6, min: 1, max: 168 }),
    taskRetention: {
      days: wholeNumber(env, "TASK_RETENTION_DAYS", { fallback: 90, min: 1, max: 3_650 }),
      perRule: wholeNumber(env, "TASK_RETENTION_COUNT", { fallback: 10_000, min: 1, max: 1_000_000 }),
    },
    logLevel: logLevel(env),
    development: env.NODE_ENV === "development",
    pseudoLocale: env.LOCKSTEP_PSEUDO_LOCALE === "1",
  };
}

function list(text = ""): string[] {
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

let current: Config | undefined;

/** The settings of this process, read once. */
export function config(): Config {
  current ??= readConfig(process.env);
  return current;
}

function databaseUrl(env: Environment): string {
  const value = env.DATABASE_URL;
  if (!value) {
    throw new ConfigError("DATABASE_URL is not set. Example: postgres://user:password@host:5432/lockstep");
  }
  if (!URL.canParse(value) || !/^postgres(?:ql)?:$/.test(new URL(value).protocol)) {
    throw new ConfigError("DATABASE_URL is not a postgres:// URL.");
  }
  return value;
}

function readSecretKey(env: Environment): Buffer {
  if (env.SECRET_KEY) {
    return parseSecretKey(env.SECRET_KEY, "SECRET_KEY");
  }
  if (!env.SECRET_KEY_FILE) {
    throw new ConfigError(
      "Neither SECRET_KEY nor SECRET_KEY_FILE is set. All processes on one database need the same key.",
    );
  }
  let text: string;
  try {
    text = readFileSync(/* turbopackIgnore: true */ env.SECRET_KEY_FILE, "utf8");
  } catch (cause) {
    throw new ConfigError(`SECRET_KEY_FILE ${env.SECRET_KEY_FILE} cannot be read.`, { cause });
  }
  return parseSecretKey(text, `the file ${env.SECRET_KEY_FILE}`);
}

/** 32 bytes as 64 hexadecimal digits or as base64 (either alphabet). */
function parseSecretKey(text: string, where: string): Buffer {
  const value = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(value) ? Buffer.from(value, "hex") : Buffer.from(value, "base64");
  if (bytes.length !== SECRET_KEY_BYTES || !/^[\w+/=-]+$/.test(value)) {
    throw new ConfigError(
      `The secret key in ${where} is not 32 bytes in hexadecimal or base64. Make one with: openssl rand -hex 32`,
    );
  }
  return bytes;
}

function publicUrl(env: Environment): URL | null {
  if (!env.PUBLIC_URL) {
    return null;
  }
  if (!URL.canParse(env.PUBLIC_URL) || !/^https?:$/.test(new URL(env.PUBLIC_URL).protocol)) {
    throw new ConfigError("PUBLIC_URL is not an http:// or https:// URL.");
  }
  return new URL(env.PUBLIC_URL);
}

function wholeNumber(
  env: Environment,
  name: string,
  bounds: { fallback: number; min: number; max: number },
): number {
  const text = env[name]?.trim();
  if (!text) {
    return bounds.fallback;
  }
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < bounds.min || value > bounds.max) {
    throw new ConfigError(`${name} is not a whole number from ${bounds.min} to ${bounds.max}.`);
  }
  return value;
}

function logLevel(env: Environment): LogLevel {
  const value = env.LOG_LEVEL || "info";
  const known = LOG_LEVELS.find((level) => level === value);
  if (!known) {
    throw new ConfigError(`LOG_LEVEL is none of ${LOG_LEVELS.join(", ")}.`);
  }
  return known;
}
