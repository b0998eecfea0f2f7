import { describe, expect, test } from "vitest";
import { rawServer, textOf } from "./raw-server.testing.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

describe("silence has an end", () => {
  test("before the head, also where it trickles", async () => {
    const { ask } = await rawServer(
      (socket) => {
        const timer = setInterval(() => socket.write("H"), 10);
        socket.on("close", () => clearInterval(timer));
      },
      { headersMs: 300 },
    );
    const trickled = ask();
    await expect(trickled).rejects.toMatchObject({ name: "TransportError", retryable: true });
    const silent = await rawServer(() => undefined, { headersMs: 200 });
    await expect(silent.ask()).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  test("in the body", async () => {
    const { ask } = await rawServer(
      (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"),
      { idleBodyMs: 200 },
    );
    await expect(ask().then(textOf)).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  test("a reader that takes its time is not the server's silence, and holds the server back", async () => {
    let written = 0;
    const { ask } = await rawServer(
      (socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 67108864\r\n\r\n");
        const chunk = Buffer.alloc(65_536);
        const more = () => {
          while (written < 67_108_864) {
            written += chunk.length;
            if (!socket.write(chunk)) {
              return;
            }
          }
        };
        socket.on("drain", more);
        more();
      },
      { idleBodyMs: 3_000 },
    );
    const answer = await ask();
    const reader = answer.body[Symbol.asyncIterator]();
    await reader.next();
    // Longer than silence may last; what is read meanwhile is what buffers hold.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(written).toBeLessThan(40_000_000);
    let read = 0;
    for (let next = await reader.next(); !next.done; next = await reader.next()) {
      read += next.value.byteLength;
    }
    expect(read).toBeGreaterThan(60_000_000);
    expect(written).toBe(67_108_864);
  });
});

describe("giving up", () => {
  test("while the answer is waited for, and in its middle: the connection is closed, others are not", async () => {
    const { ask, accepted } = await rawServer((socket, _heard, bytes) => {
      const path = bytes.toString().split(" ")[1];
      socket.write(
        path === "/ok" ? OK : path === "/half" ? "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc" : "",
      );
    });
    const stop = new AbortController();
    const reason = new Error("stopped");
    const silent = ask("/silent", { signal: stop.signal });
    const half = await ask("/half", { signal: stop.signal });
    const body = textOf(half);
    expect(await ask("/ok").then(textOf)).toBe("ok");
    stop.abort(reason);
    await expect(silent).rejects.toBe(reason);
    await expect(body).rejects.toBe(reason);
    await expect.poll(() => accepted.filter(({ destroyed }) => !destroyed).length).toBe(1);
    expect(await ask("/ok").then(textOf)).toBe("ok");
    expect(accepted).toHaveLength(3);
    await expect(ask("/ok", { signal: stop.signal })).rejects.toBe(reason);
  });

  test("before there is a connection: whoever comes next gets it", async () => {
    const { ask, accepted } = await rawServer((socket) => void socket.write(OK));
    const stop = new AbortController();
    const first = ask("/", { signal: stop.signal });
    stop.abort();
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
    expect(await ask().then(textOf)).toBe("ok");
    expect(accepted.length).toBeLessThanOrEqual(2);
  });

  test("a client that is closed ends what is under way and begins nothing", async () => {
    const { ask, client, accepted } = await rawServer(() => undefined);
    const asked = ask();
    await expect.poll(() => accepted.length).toBe(1);
    await client.close();
    await expect(asked).rejects.toMatchObject({ code: "CONNECTION" });
    await expect(ask()).rejects.toThrow("closed");
    await expect.poll(() => accepted[0]?.destroyed).toBe(true);
  });
});

describe("what is sent", () => {
  async function* chunks(...texts: string[]) {
    for (const text of texts) {
      yield Buffer.from(text);
    }
  }

  test("lines, length and bytes as they should be", async () => {
    const heard: string[] = [];
    const { ask, origin } = await rawServer((socket, _heard, bytes) => {
      heard.push(bytes.toString());
      socket.write(OK);
    });
    await ask("/a%20b?c=d", { headers: { x: "y" } }).then(textOf);
    await ask("/", { method: "PUT", body: Buffer.from("bytes") }).then(textOf);
    await ask("/", { method: "POST" }).then(textOf);
    await ask("/", { method: "PUT", headers: { "content-length": "4" }, body: chunks("ab", "", "cd") }).then(
      textOf,
    );
    const host = `host: ${new URL(origin).host}\r\nconnection: keep-alive\r\nuser-agent: lockstep\r\n`;
    expect(heard.join("")).toBe(
      [
        `GET /a%20b?c=d HTTP/1.1\r\n${host}x: y\r\n\r\n`,
        `PUT / HTTP/1.1\r\n${host}content-length: 5\r\n\r\nbytes`,
        `POST / HTTP/1.1\r\n${host}content-length: 0\r\n\r\n`,
        `PUT / HTTP/1.1\r\n${host}content-length: 4\r\n\r\nabcd`,
      ].join(""),
    );
  });

  test.each([
    ["too few", ["ab"]],
    ["too many", ["abcd", "e"]],
    ["none", []],
  ])(
    "%s bytes of what was announced: the request fails, and the connection is used no more",
    async (_what, texts) => {
      const { ask, accepted } = await rawServer(() => undefined);
      const body = chunks(...texts);
      const sent = ask("/", { method: "PUT", headers: { "content-length": "4" }, body });
      await expect(sent).rejects.toMatchObject({ name: "TransportError", code: "CONNECTION" });
      await expect.poll(() => accepted.every(({ destroyed }) => destroyed)).toBe(true);
    },
  );

  test("content that fails is what the request fails with", async () => {
    const { ask } = await rawServer(() => undefined);
    const broken = new Error("the source is gone");
    const body = (async function* () {
      yield Buffer.from("ab");
      throw broken;
    })();
    await expect(ask("/", { method: "PUT", headers: { "content-length": "4" }, body })).rejects.toBe(broken);
  });

  test("an answer before all was sent is heard; no more is asked of the content, nothing else goes over this connection", async () => {
    const { ask, accepted } = await rawServer((socket, heard) => {
      if (heard === 1) {
        socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
      }
    });
    let closed = false;
    const body = (async function* () {
      try {
        yield Buffer.alloc(1_000);
        await new Promise(() => undefined);
      } finally {
        closed = true;
      }
    })();
    const iterator = body[Symbol.asyncIterator]();
    let returned = false;
    const watched: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => iterator.next(),
        return: async () => {
          returned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const answer = await ask("/", { method: "PUT", headers: { "content-length": "9000" }, body: watched });
    expect(answer.status).toBe(413);
    expect(await textOf(answer)).toBe("no");
    await expect.poll(() => returned).toBe(true);
    expect(closed).toBe(false);
    await expect.poll(() => accepted[0]?.destroyed).toBe(true);
    expect((await ask()).status).toBe(413);
    expect(accepted).toHaveLength(2);
  });

  test("content that is long in coming is not the server's silence", async () => {
    const { ask } = await rawServer((socket, _heard, bytes) => {
      if (bytes.includes("cd")) {
        socket.write("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
      }
    });
    const body = (async function* () {
      yield Buffer.from("ab");
      await new Promise((resolve) => setTimeout(resolve, 3_500));
      yield Buffer.from("cd");
    })();
    const headers = { "content-length": "4" };
    expect((await ask("/", { method: "PUT", headers, body, headersTimeoutMs: 3_000 })).status).toBe(201);
  });

  test("a server that takes nothing of a large body is silent", async () => {
    const { ask } = await rawServer((socket) => void socket.pause());
    const body = (async function* () {
      for (let sent = 0; sent < 64; sent += 1) {
        yield Buffer.alloc(1024 * 1024);
      }
    })();
    const headers = { "content-length": String(64 * 1024 * 1024) };
    const asked = ask("/", { method: "PUT", headers, body, headersTimeoutMs: 300 });
    await expect(asked).rejects.toMatchObject({ code: "TIMEOUT" });
  });
});

describe("connections", () => {
  test("as many as requests at once, and no more however many follow", async () => {
    const { ask, accepted } = await rawServer((socket) => void setTimeout(() => socket.write(OK), 20));
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(Array.from({ length: 8 }, () => ask().then(textOf)));
    }
    expect(accepted.length).toBeLessThanOrEqual(8);
  });

  test("are there before somebody wants them, and serve whoever does", async () => {
    const { ask, accepted, client, origin } = await rawServer((socket) => void socket.write(OK));
    client.dialAhead(new URL(origin), 16);
    await expect.poll(() => accepted.length).toBe(16);
    await Promise.all(Array.from({ length: 16 }, () => ask().then(textOf)));
    expect(accepted).toHaveLength(16);
    await client.close();
    await expect.poll(() => accepted.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test("that were just made are taken after one that has carried an answer", async () => {
    const asked: number[] = [];
    const { ask, accepted, client, origin } = await rawServer((socket) => {
      asked.push(accepted.indexOf(socket));
      socket.write(OK);
    });
    await ask().then(textOf);
    client.dialAhead(new URL(origin), 4);
    await expect.poll(() => accepted.length).toBe(4);
    await ask().then(textOf);
    await ask().then(textOf);
    expect(asked).toEqual([0, 0, 0]);
  });

  test("one that was closed while it rested is not used again", async () => {
    const { ask, accepted } = await rawServer((socket) => void socket.write(OK));
    expect(await ask().then(textOf)).toBe("ok");
    const gone = new Promise((resolve) => accepted[0]?.once("close", resolve));
    accepted[0]?.end();
    await gone;
    expect(await ask().then(textOf)).toBe("ok");
    expect(accepted).toHaveLength(2);
  });

  test("that cannot be made fail whoever waits for them, each of them", async () => {
    const { client } = await rawServer(() => undefined);
    const url = new URL("http://127.0.0.1:1/");
    const asks = Array.from({ length: 5 }, () => client.send({ method: "GET", url, headers: {} }));
    const ends = await Promise.allSettled(asks);
    expect(ends.map((end) => end.status === "rejected" && end.reason.code)).toEqual(
      Array(5).fill("CONNECTION"),
    );
  });
});
