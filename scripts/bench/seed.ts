import { printError } from "../print.ts";
import { seed, withServer } from "./console/database.ts";
import { SIZE } from "./console/seed-size.ts";

/** @returns the exit code */
export async function run(): Promise<number> {
  try {
    const startedAt = performance.now();
    await withServer((adminUrl) => seed(adminUrl, (line) => console.log(line)));
    const { rules, tasks, transfers, instances } = SIZE;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(
      `seeded in ${seconds} s: ${rules} rules, ${tasks} tasks, ${transfers} transfers, ${instances} instances`,
    );
    return 0;
  } catch (error) {
    printError(error);
    return 1;
  }
}
