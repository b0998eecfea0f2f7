import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { config } from "../../lib/config.ts";
import { printError } from "../print.ts";
import { ROOT } from "../root.ts";
import { onStopSignal } from "../signals.ts";
import { type Child, superviseChild } from "../stack/child.ts";
import { StartError } from "../stack/data-folder.ts";
import { AT_ONCE, type Stack, type StopBounds, startStack } from "../stack.ts";
import { type DemoLog, openLog } from "./log.ts";

/** The demo's registries are on this machine; the console's own rule would refuse them. */
const EGRESS_ALLOW = "127.0.0.0/8";
/** What would point the demo at somebody's real data. */
const NOT_OURS = ["DATABASE_URL", "SECRET_KEY", "SECRET_KEY_FILE", "PUBLIC_URL"];
const START_MS = 20_000;
const STOP_REGISTRIES_MS = 3_000;

/**
 * Starts everything, shows the first sync, and runs until it is asked to stop; with `exit` it ends after the first sync.
 * @returns the exit code
 */
export async function runDemo({ exit }: { exit: boolean }): Promise<number> {
  const dataDir = resolve(ROOT, process.env.LOCKSTEP_DEMO_DATA || ".demo");
  for (const name of NOT_OURS) {
    delete process.env[name];
  }
  mkdirSync(dataDir, { recursive: true });
  const demo = new Demo(dataDir);
  const asked = Promise.withResolvers<undefined>();
  onStopSignal(
    () => {
      console.log("\nstopping (Ctrl-C again: at once) …");
      asked.resolve(undefined);
    },
    () => demo.hurry(),
  );
  try {
    const code = await Promise.race([demo.start(), asked.promise]);
    if (code === undefined || exit) {
      return code ?? (exit ? 1 : 0);
    }
    await asked.promise;
    return 0;
  } catch (error) {
    demo.log.printTail();
    printError(error);
    return 1;
  } finally {
    await demo.stop();
  }
}

class Demo {
  readonly log: DemoLog;
  readonly #dataDir: string;
  #starting: Promise<Stack> | undefined;
  #stack: Stack | undefined;
  #registries: Child | undefined;
  #seed: ChildProcess | undefined;
  #bounds: StopBounds | undefined;
  #stopping = false;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.log = openLog(join(dataDir, "demo.log"));
  }

  /** @returns the exit code of the first sync: 0 only if every transfer succeeded */
  async start(): Promise<number> {
    const { host, port } = config();
    this.#starting = startStack({
      dataDir: this.#dataDir,
      env: { EGRESS_ALLOW },
      host,
      port,
      onLine: (source, line) => {
        this.log.write(source, line);
        if (source === "start") {
          console.log(line);
        }
      },
    });
    this.#stack = await this.#starting;
    // Not before: the stack has locked the data folder, and two demos must not move each other's registries.
    await this.#startRegistries();
    if (this.#stopping) {
      return 1;
    }
    const code = await this.#firstSync(this.#stack);
    if (!this.#stopping) {
      console.log(`  logs:       ${this.log.path}\n\nconsole: ${this.#stack.origin}`);
    }
    return code;
  }

  #startRegistries(): Promise<void> {
    return new Promise((done, fail) => {
      const tooLate = setTimeout(() => fail(new StartError("The demo registries did not start.")), START_MS);
      this.#registries = superviseChild({
        name: "registries",
        args: [join(ROOT, "scripts/demo/registries.ts"), this.#dataDir],
        env: process.env,
        onLine: (line) => {
          this.log.write("registries", line);
          if (line === "ready") {
            clearTimeout(tooLate);
            done();
          }
        },
      });
    });
  }

  async #firstSync({ env, origin }: Stack): Promise<number> {
    this.#seed = spawn(process.execPath, [join(ROOT, "scripts/demo/seed.ts"), this.#dataDir, origin], {
      cwd: ROOT,
      env: env as NodeJS.ProcessEnv,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const [code] = (await once(this.#seed, "exit")) as [number | null];
    return code ?? 1;
  }

  /** What is being stopped is stopped at once. */
  hurry(): void {
    this.#bounds = AT_ONCE;
    this.#stack?.stop(AT_ONCE);
  }

  /** Workers drain first: they still need the registries. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#seed?.kill();
    const stack = await this.#starting?.catch(() => undefined);
    await stack?.stop(this.#bounds);
    await this.#registries?.stop(STOP_REGISTRIES_MS);
  }
}
