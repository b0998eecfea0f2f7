import { expect, test, vi } from "vitest";
import { QueryClient } from "./query-client.ts";

/** A route whose answers are given by hand. */
function route() {
  const asked: { signal: AbortSignal; answer: (value: unknown) => void; fail: (error: Error) => void }[] = [];
  const queryFn = ({ signal }: { signal: AbortSignal }) =>
    new Promise<unknown>((answer, fail) => asked.push({ signal, answer, fail }));
  return { asked, queryFn };
}

const settled = () => new Promise((resume) => setTimeout(resume, 0));

test("two readers of a key share one request, and equal data stays the same object", async () => {
  const { asked, queryFn } = route();
  const client = new QueryClient();
  const query = client.query({ queryKey: ["rules", "a"], queryFn });
  expect(client.query({ queryKey: ["rules", "a"], queryFn })).toBe(query);
  query.watch(() => undefined);
  void query.read();
  void query.read();
  expect(asked).toHaveLength(1);
  asked[0]?.answer({ rows: [1] });
  await settled();
  const { data } = query.state;
  expect(data).toEqual({ rows: [1] });
  void query.read();
  asked[1]?.answer({ rows: [1] });
  await settled();
  expect(query.state.data).toBe(data);
});

test("an event reads what is shown anew, and only marks the rest", async () => {
  const { asked, queryFn } = route();
  const client = new QueryClient();
  const shown = client.query({ queryKey: ["task", "1"], queryFn, initialData: 1 });
  const beside = client.query({ queryKey: ["task", "1", "joins"], queryFn, initialData: 1 });
  const other = client.query({ queryKey: ["tasks", ""], queryFn, initialData: 1 });
  shown.watch(() => undefined);
  other.watch(() => undefined);
  const done = client.invalidateQueries({ queryKey: ["task", "1"] });
  expect(asked).toHaveLength(1);
  expect(beside.isOlderThan(60_000)).toBe(true);
  expect(other.isOlderThan(60_000)).toBe(false);
  asked[0]?.answer(2);
  await done;
  expect(shown.state).toMatchObject({ data: 2, isFetching: false });
});

test("of two requests the later one counts, whichever answers first", async () => {
  const { asked, queryFn } = route();
  const query = new QueryClient().query({ queryKey: ["a"], queryFn });
  query.watch(() => undefined);
  void query.read();
  void query.read({ anew: true });
  expect(asked[0]?.signal.aborted).toBe(true);
  asked[1]?.answer("new");
  await settled();
  asked[0]?.answer("old");
  await settled();
  expect(query.state).toMatchObject({ data: "new", isFetching: false });
});

test("a failure is tried once more, then told; what was read before stays", async () => {
  vi.useFakeTimers();
  try {
    const { asked, queryFn } = route();
    const query = new QueryClient().query({ queryKey: ["a"], queryFn, initialData: "before" });
    query.watch(() => undefined);
    const done = query.read();
    asked[0]?.fail(new Error("first"));
    await vi.advanceTimersByTimeAsync(1_100);
    expect(asked).toHaveLength(2);
    asked[1]?.fail(new Error("second"));
    await done;
    expect(query.state).toMatchObject({ data: "before", isError: true, isFetching: false });
    expect(String(query.state.error)).toContain("second");
  } finally {
    vi.useRealTimers();
  }
});

test("a request nobody waits for is cut off, and the next reader asks again", async () => {
  const { asked, queryFn } = route();
  const query = new QueryClient().query({ queryKey: ["a"], queryFn, initialData: 1 });
  const leave = query.watch(() => undefined);
  void query.read();
  leave();
  expect(asked[0]?.signal.aborted).toBe(true);
  expect(query.isOlderThan(60_000)).toBe(true);
  query.watch(() => undefined);
  void query.read();
  expect(asked).toHaveLength(2);
  asked[1]?.answer(2);
  await settled();
  expect(query.state.data).toBe(2);
});
