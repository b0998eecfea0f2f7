import { defineConfig } from "vitest/config";

/**
 * Two projects: `unit` needs nothing but Node (it is part of `npm run check`),
 * `integration` (files named *.integration.test.ts) needs Postgres, docker-registry, skopeo and oras.
 */
const shared = {
  environment: "node" as const,
  passWithNoTests: false,
  // What is waited for comes at once on an idle machine; on a busy one a second, which is the default, is not patience.
  expect: { poll: { timeout: 30_000, interval: 20 } },
};

export default defineConfig({
  test: {
    projects: [
      {
        resolve: {
          alias: {
            "@": import.meta.dirname,
            "server-only": `${import.meta.dirname}/lib/testing/server-only.ts`,
          },
        },
        test: {
          ...shared,
          name: "unit",
          // Half of the time is spent waiting: on two processors three files at once take 35 s, two 46.
          maxWorkers: 3,
          // Projects with other numbers of workers run one after the other.
          sequence: { groupOrder: 0 },
          // Seconds are for a machine that does other things as well; no unit test needs one of them.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ["{lib,app,components,scripts}/**/*.test.{ts,tsx}"],
          exclude: ["**/*.integration.test.ts"],
        },
      },
      {
        resolve: {
          alias: {
            "@": import.meta.dirname,
            "server-only": `${import.meta.dirname}/lib/testing/server-only.ts`,
          },
        },
        test: {
          ...shared,
          name: "integration",
          include: ["{lib,scripts}/**/*.integration.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          // next-auth names modules of Next without their ending, which only a bundler finds.
          server: { deps: { inline: ["next-auth"] } },
        },
      },
    ],
  },
});
