import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startRegistry } from "../../../lib/testing/registry/server.ts";
import { temporaryRegistry } from "../../../lib/testing/registry/temporary-registry.ts";
import { runSync } from "../../../lib/testing/sync-command.ts";
import { NAMESPACE } from "../engine/content.ts";
import { fill } from "./many-tags.ts";

const TAGS = 1_200;
const PAGES = 2;

test("planning asks the source once a tag, and once a page of lists", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "lockstep-many-"));
  await fill(dataDir, 1, TAGS);
  const source = await startRegistry({ dataDir });
  const target = await temporaryRegistry();
  try {
    const run = await runSync([
      ...["--source", source.origin, "--source-plain-http", "--source-namespace", NAMESPACE, "--dry-run"],
      ...["--target", target.origin, "--target-plain-http"],
    ]);
    expect(run.summary).toMatchObject({ copied: TAGS, failed: 0 });
    expect(source.accessLog().total).toBe(TAGS + PAGES + 1);
    // One tag shows that the target is empty, and a list that the others are not there: how many are asked meanwhile is a matter of time.
    expect(target.accessLog().count("PUT")).toBe(0);
    expect(target.accessLog().total).toBeLessThanOrEqual(TAGS + 1);
  } finally {
    await source.stop();
    await target.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 120_000);
