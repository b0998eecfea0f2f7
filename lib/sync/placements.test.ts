import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Claim, memoryPlacements } from "./placements.ts";

const never = new AbortController().signal;
const blob = { signal: never, mountable: true };
const manifest = { signal: never, mountable: false };

async function bring(claiming: Promise<Claim>): Promise<Extract<Claim, { kind: "bring" }>> {
  const claim = await claiming;
  if (claim.kind !== "bring") {
    throw new Error("it is placed already");
  }
  return claim;
}

/** Whether a promise has settled by now. */
async function pending(promise: Promise<unknown>): Promise<boolean> {
  const late = Symbol();
  return (await Promise.race([promise, sleep(10, late)])) === late;
}

describe("each digest is brought once", () => {
  test("whoever wants it in the same repository waits, and finds it placed", async () => {
    const placements = memoryPlacements();
    const first = await bring(placements.claim("sha256:a", "r", blob));
    const second = placements.claim("sha256:a", "r", blob);
    expect(await pending(second)).toBe(true);
    await first.placed();
    expect(await second).toEqual({ kind: "placed" });
  });

  test("a blob wanted elsewhere waits for the first flight, and is mounted", async () => {
    const placements = memoryPlacements();
    const first = await bring(placements.claim("sha256:a", "r", blob));
    const second = placements.claim("sha256:a", "s", blob);
    expect(await pending(second)).toBe(true);
    await first.placed();
    expect((await bring(second)).mountFrom).toBe("r");
  });

  test("a manifest cannot be mounted: it is brought into every repository at once", async () => {
    const placements = memoryPlacements();
    await bring(placements.claim("sha256:a", "r", manifest));
    expect((await bring(placements.claim("sha256:a", "s", manifest))).mountFrom).toBeUndefined();
  });

  test("when a flight is given up, exactly one of those who wait goes on", async () => {
    const placements = memoryPlacements();
    const first = await bring(placements.claim("sha256:a", "r", blob));
    const waiting = [1, 2, 3].map(() => placements.claim("sha256:a", "r", blob));
    await first.abandoned();
    const next = await bring(Promise.race(waiting));
    expect(next.mountFrom).toBeUndefined();
    await next.placed();
    const kinds = (await Promise.all(waiting)).map((claim) => claim.kind).sort();
    expect(kinds).toEqual(["bring", "placed", "placed"]);
  });

  test("100 flights over 10 repositories: one stream, nine mounts, the rest find it there", async () => {
    const placements = memoryPlacements();
    const seen = { streamed: 0, mounted: 0, placed: 0 };
    const fly = async (repository: string): Promise<void> => {
      const claim = await placements.claim("sha256:a", repository, blob);
      if (claim.kind === "placed") {
        seen.placed += 1;
        return;
      }
      seen[claim.mountFrom === undefined ? "streamed" : "mounted"] += 1;
      await sleep(1);
      await claim.placed();
    };
    await Promise.all(Array.from({ length: 100 }, (_, flight) => fly(`r${flight % 10}`)));
    expect(seen).toEqual({ streamed: 1, mounted: 9, placed: 90 });
  });
});

test("an abort ends the wait, and leaves the flight of the other alone", async () => {
  const placements = memoryPlacements();
  const first = await bring(placements.claim("sha256:a", "r", blob));
  const stop = new AbortController();
  const second = placements.claim("sha256:a", "r", { signal: stop.signal, mountable: true });
  stop.abort(new Error("stopped"));
  await expect(second).rejects.toThrow("stopped");
  await first.placed();
  expect(await placements.claim("sha256:a", "r", blob)).toEqual({ kind: "placed" });
});
