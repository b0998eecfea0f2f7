import { config } from "../../lib/config.ts";
import { printError, printLine } from "../print.ts";
import { onStopSignal } from "../signals.ts";
import { AT_ONCE, type Stack, startStack } from "../stack.ts";

/** Runs the console until it is asked to stop. @returns the exit code */
export async function runStart(): Promise<number> {
  const stopped = Promise.withResolvers<number>();
  let starting: Promise<Stack> | undefined;
  let asked = false;
  onStopSignal(
    () => {
      asked = true;
      printLine("start", "stopping: workers finish what they are at (Ctrl-C again: at once) …");
      starting?.then((stack) => stack.stop()).then(() => stopped.resolve(0), stopped.reject);
    },
    () => {
      printLine("start", "stopping at once");
      starting?.then((stack) => stack.stop(AT_ONCE)).then(() => stopped.resolve(1), stopped.reject);
    },
  );
  try {
    const { dataDir, host, port } = config();
    starting = startStack({ dataDir, host, port, onLine: printLine });
    const { origin, setupUrl } = await starting;
    if (!asked) {
      console.log(`console: ${config().publicUrl?.origin ?? origin}`);
      if (setupUrl) {
        console.log(`setup: ${setupUrl}`);
      }
    }
    return await stopped.promise;
  } catch (error) {
    printError(error);
    return 1;
  }
}
