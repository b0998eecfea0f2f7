import { beforeAll, expect, test } from "vitest";
import { storedUpload } from "./upload-memory.ts";

beforeAll(() => {
  process.env.SECRET_KEY = "00".repeat(32);
});

const place = { taskId: "t", targetInstanceId: "i", digest: "sha256:a", repository: "team/app" };
const state = (received: number) => ({ url: `http://registry/upload?_state=token-${received}`, received });

/** A table of one row that is written when the test says so. */
function row() {
  const written: (string | null)[] = [];
  const turns: (() => void)[] = [];
  const write = (sealed: string | null) =>
    new Promise<void>((resolve) => {
      turns.push(() => {
        written.push(sealed);
        resolve();
      });
    });
  return { written, turns, write, wantedAfter: () => true };
}

test("what one keeps another goes on with; the row shows nothing of it", async () => {
  const table = row();
  const upload = storedUpload(place, null, table);
  expect(upload).toMatchObject({ begun: undefined, kept: false });
  upload.keep(state(7));
  expect(upload.kept).toBe(true);
  table.turns.shift()?.();
  await upload.settled();
  const [sealed = ""] = table.written;
  expect(sealed).not.toContain("token");
  expect(storedUpload(place, sealed, table)).toMatchObject({ begun: state(7), kept: true });
});

test("sealed at another place, with another key, or none of ours: nobody goes on with it", async () => {
  const table = row();
  const upload = storedUpload(place, null, table);
  upload.keep(state(7));
  table.turns.shift()?.();
  await upload.settled();
  const sealed = table.written[0] ?? "";
  expect(storedUpload({ ...place, repository: "team/other" }, sealed, table).begun).toBeUndefined();
  expect(storedUpload(place, sealed.replace(/\.[0-9a-f]{8}\./, ".00000000."), table).begun).toBeUndefined();
  expect(storedUpload(place, "no sealed text", table).begun).toBeUndefined();
});

test("while one is being written the latest of those that come waits, and nobody waits for it but `settled`", async () => {
  const table = row();
  const upload = storedUpload(place, null, table);
  for (const received of [1, 2, 3, 4]) {
    upload.keep(state(received));
  }
  let settled = false;
  const settling = upload.settled().then(() => {
    settled = true;
  });
  expect(table.turns).toHaveLength(1);
  table.turns.shift()?.();
  await expect.poll(() => table.turns.length).toBe(1);
  expect(settled).toBe(false);
  table.turns.shift()?.();
  await settling;
  const begun = table.written.map((sealed) => storedUpload(place, sealed, table).begun?.received);
  expect(begun).toEqual([1, 4]);
});

test("a write that fails is not felt; null leaves nothing to go on with", async () => {
  const failing = storedUpload(place, null, {
    write: () => Promise.reject(new Error("the database is away")),
    wantedAfter: () => false,
  });
  failing.keep(state(1));
  await failing.settled();
  expect([failing.kept, failing.wantedAfter(new Error())]).toEqual([true, false]);
  failing.keep(null);
  await failing.settled();
  expect(failing.kept).toBe(false);
});
