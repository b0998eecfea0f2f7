import {
  type DestinationStream,
  type LogFn,
  type Logger,
  type LoggerOptions,
  pino,
  stdSerializers,
} from "pino";
import { config } from "./config.ts";

type LogArguments = Parameters<LogFn>;

const SECRET_FIELDS = [
  "password",
  "passwordHash",
  "passwordSealed",
  "newPassword",
  "currentPassword",
  "secret",
  "secretKey",
  "authorization",
  "token",
  "cookie",
  "databaseUrl",
];
/** pino's redaction looks at named depths only: a field of the line, and one or two objects below it. */
const DEPTHS = ["", "*.", "*.*."];

/** drizzle appends a statement's parameters to its messages; a parameter may be a password's hash. */
const withoutParameters = (text: string): string =>
  text.replace(/\nparams: [\s\S]*?(?=\n {4}at |\ncaused by:|$)/g, "");

const withoutUrlCredentials = (text: string): string => text.replace(/(\w+:\/\/)[^\s/@]+@/g, "$1");

/** An event address may end in its secret. */
const withoutPathSecrets = (text: string): string =>
  text.replace(/(\/api\/events\/[^/\s]+\/)[^\s"'?#]+/g, "$1[redacted]");

const clean = (text: string): string => withoutPathSecrets(withoutUrlCredentials(withoutParameters(text)));

/**
 * Of what hangs on an error only plain values: pg hangs the whole connection there. `detail` of Postgres repeats the row it
 * refused, so it stays out; that of a registry is what the registry said.
 */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) {
    return error;
  }
  const { type, message, stack, ...rest } = stdSerializers.err(error);
  const facts = Object.entries(rest).filter(
    ([name, value]) => typeof value !== "object" && !(name === "detail" && "severity" in rest),
  );
  return { type, ...Object.fromEntries(facts), message: clean(message), stack: clean(stack) };
}

/** Without a message of its own a line takes the error's, and that one past the serializer. */
function withCleanMessage(args: LogArguments): LogArguments {
  const [first, message] = args;
  const error = first instanceof Error ? first : (first as { err?: unknown } | undefined)?.err;
  return message === undefined && error instanceof Error ? [first, clean(error.message)] : args;
}

/** A logger of JSON lines whose secret fields are replaced; tests give it a destination. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: undefined,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializeError, error: serializeError },
    hooks: {
      logMethod(args, method) {
        method.apply(this, withCleanMessage(args));
      },
    },
    redact: {
      paths: DEPTHS.flatMap((depth) => SECRET_FIELDS.map((field) => `${depth}${field}`)),
      censor: "[redacted]",
    },
  };
  return pino(options, destination ?? standardOutput());
}

/**
 * Lines are written as they come. pino's own writer is not used: once the reader of our output is gone, it tries the last
 * line again for ever when the process wants to exit. What nobody reads is dropped.
 */
function standardOutput(): DestinationStream {
  process.stdout.on("error", () => undefined);
  return process.stdout;
}

export const log: Logger = createLogger(config().logLevel);
