import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { encode } from "next-auth/jwt";
import { derivedKey } from "../../../lib/auth/keys.ts";
import { database } from "../../../lib/db/client.ts";
import { sessions } from "../../../lib/db/schema/people.ts";
import { freePort } from "../../../lib/testing/free-port.ts";
import { seedUser } from "../../../lib/testing/seed.ts";
import { actionsKey, ensureBuild } from "../../build.ts";
import { ROOT } from "../../root.ts";
import type { Trust } from "../trust-case.ts";
import { SECRET_KEY, until } from "./scene.ts";

const READY_WITHIN_MS = 30_000;
const ANSWER_WITHIN_MS = 60_000;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A web process of the production build, and a root user who is signed in. */
export interface Web {
  readonly origin: string;
  readonly pid: number;
  /** @throws when nothing answers within a minute */
  get(path: string, locale?: "zh-CN" | "en"): Promise<Answer>;
  /** Calls a server action as its page does. @throws when the connection breaks */
  act(call: ActionCall): Promise<Answer>;
  /** Keeps a live stream open, as a page does, until the case has ended. */
  watch(): void;
  /** SIGKILL, and whatever it had to say is lost. */
  kill(): Promise<void>;
  /** At the same address. */
  start(): Promise<void>;
}

interface ActionCall {
  readonly name: string;
  readonly input: object;
  readonly submissionKey: string;
  readonly signal?: AbortSignal;
  /** Another way to the process than its own address. */
  readonly via?: string;
}

/** Starts `next start` on the database at `url`; DATABASE_URL of this process is another way to the same one. */
export async function startWeb(trust: Trust, url: string): Promise<Web> {
  await ensureBuild(trust.step);
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const cookie = `lockstep-session=${await sessionCookie()}`;
  let child = await launch();
  trust.cleanup(() => end(child));

  async function launch(): Promise<ChildProcess> {
    const started = spawn(
      process.execPath,
      [join(ROOT, "node_modules/next/dist/bin/next"), "start", "-H", "127.0.0.1", "-p", String(port)],
      { cwd: ROOT, stdio: "ignore", env: environment(url) },
    );
    await until(
      "the console answers",
      READY_WITHIN_MS,
      async () => (await fetch(`${origin}/api/healthz`)).ok,
    );
    return started;
  }

  return {
    origin,
    get pid() {
      return child.pid ?? 0;
    },
    get: (path, locale = "en") =>
      answerOf(
        fetch(`${origin}${path}`, {
          headers: { cookie: `${cookie}; lockstep-locale=${locale}`, accept: "text/html,application/json" },
          redirect: "manual",
          signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        }),
      ),
    act: ({ name, input, submissionKey, signal, via = origin }) =>
      answerOf(
        fetch(`${via}/rules`, {
          method: "POST",
          body: actionBody(input, submissionKey),
          headers: { cookie, origin: via, "next-action": actionId(name), accept: "text/x-component" },
          signal: signal ?? AbortSignal.timeout(ANSWER_WITHIN_MS),
        }),
      ),
    watch() {
      const closing = new AbortController();
      trust.cleanup(() => closing.abort());
      fetch(`${origin}/api/live`, { headers: { cookie }, signal: closing.signal })
        .then(async (response) => {
          for await (const _part of response.body ?? []) {
            // Only that it is open matters.
          }
        })
        .catch(() => undefined);
    },
    kill: () => end(child),
    start: async () => {
      child = await launch();
    },
  };
}

async function answerOf(request: Promise<Response>): Promise<Answer> {
  const response = await request;
  return { status: response.status, text: await response.text() };
}

function environment(url: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: actionsKey(),
    DATABASE_URL: url,
    SECRET_KEY,
    EGRESS_ALLOW: "127.0.0.1/32",
    LOG_LEVEL: "error",
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

/** What signing in leaves in a browser. */
async function sessionCookie(): Promise<string> {
  process.env.SECRET_KEY = SECRET_KEY;
  const sid = randomBytes(32).toString("base64url");
  await database()
    .insert(sessions)
    .values({
      idHash: createHash("sha256").update(sid).digest("hex"),
      userId: await seedUser(database()),
      expiresAt: sql`now() + interval '1 day'`,
      // Long ago: what only notes that a session is used must not be what fails.
      lastSeenAt: sql`now() - interval '1 hour'`,
      ip: null,
      userAgent: "trust",
    });
  const secret = derivedKey("session-cookie").toString("hex");
  return encode({ token: { sid }, secret, salt: "lockstep-session" });
}

/** The arguments of an action, a state and a form, as React sends them. */
function actionBody(input: object, submissionKey: string): FormData {
  const body = new FormData();
  body.set("_1_json", JSON.stringify(input));
  body.set("_1_submissionKey", submissionKey);
  body.set("0", JSON.stringify([{ status: "idle" }, "$K1"]));
  return body;
}

interface Manifest {
  node: Record<string, { exportedName: string }>;
}

function actionId(name: string): string {
  const path = join(ROOT, ".next/server/server-reference-manifest.json");
  const { node } = JSON.parse(readFileSync(path, "utf8")) as Manifest;
  const [id] = Object.entries(node).find(([, { exportedName }]) => exportedName === name) ?? [];
  if (id === undefined) {
    throw new Error(`the build has no action ${name}`);
  }
  return id;
}
