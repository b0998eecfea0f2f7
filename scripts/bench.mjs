import { bootstrap } from "./bootstrap.mjs";

const HELP = `npm run bench [-- WORKLOAD …]: the same copies by us and by every comparable tool on this machine, in paired rounds on real servers.

  W1                   40 repositories × 5 tags that share layers: 730 MB, 2.6 GB if each is filled without mounts
  W2                   the same again, nothing to do
  W3                   one layer of 2 GiB; and of 5 GiB, by ourselves alone
  W4                   3,000 tags on 300 small manifests: full, and again
  W5                   both registries 100 ms away, 15 tags, 75 MB: full, and again
  tags                 1,000, 10,000 and 100,000 tags between two registries of our own: plan, copy, memory
  queue                W1 through trigger, queue, database and a worker, beside the command
  workers              W5 ten times as large by one worker, and by two
  console              lists, search, deletions, events and streams with 10,000 rules, 100,000 tasks, 1,000,000 transfers
  seed                 makes that database anew

  --rounds 5           paired rounds, in alternating order
  --seed 1             the content follows from it
  --only oras          compare with these tools alone (comma between); none: ourselves alone
  --check              the exit code is 1 where a goal is missed; by itself: nothing is measured, and each goal of all of these is
                       printed with the figure that was found last, one that never was measured counting as missed

Peers are skopeo and oras, and crane and regsync where they are on the PATH; where they are not, the best of them is worked out from
skopeo's time in the same round, and said to be derived. crane-x4, four cranes side by side, is shown and not counted. Figures go to bench/RESULTS.md. Minutes, on a machine that does nothing else.`;

if (process.argv.includes("--help")) {
  console.log(HELP);
  process.exit(0);
}
await bootstrap(import.meta.url);
/** Sections of their own; everything else is a workload. */
const SECTIONS = {
  seed: () => import("./bench/seed.ts"),
  console: () => import("./bench/console/run.ts"),
};
const [section = "", ...args] = process.argv.slice(2);
if (Object.hasOwn(SECTIONS, section)) {
  const { run } = await SECTIONS[section]();
  process.exit(await run(args));
}
const { runBench } = await import("./bench/run.ts");
process.exit(await runBench(process.argv.slice(2)));
