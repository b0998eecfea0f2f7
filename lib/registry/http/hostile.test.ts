import { describe, expect, test } from "vitest";
import { rawServer, textOf } from "./raw-server.testing.ts";

// RFC 9112. Whatever is answered, it is read as what it says or refused, within limits, and nothing of it ever reaches
// another request.

const OK = "HTTP/1.1 200 OK\r\n";
const answering = (bytes: string | Buffer) => rawServer((socket) => void socket.write(bytes));
const ending = (bytes: string) => rawServer((socket) => void socket.end(bytes));

describe("heads that are refused", () => {
  test.each([
    ["a banner of another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    ["HTTP/0.9", "<html>hello</html>\r\n\r\n"],
    ["HTTP/2", "HTTP/2 200\r\n\r\n"],
    ["a minor version that nobody knows", "HTTP/1.2 200 OK\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n"],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n"],
    ["a status above all classes", "HTTP/1.1 999 OK\r\ncontent-length: 0\r\n\r\n"],
    ["a status that is none", "HTTP/1.1 abc OK\r\ncontent-length: 0\r\n\r\n"],
    ["a space before the status line", " HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"],
    ["two spaces in the status line", "HTTP/1.1  200 OK\r\ncontent-length: 0\r\n\r\n"],
    ["a NUL in the reason", "HTTP/1.1 200 O\0K\r\ncontent-length: 0\r\n\r\n"],
    ["a field without a colon", `${OK}content-length 0\r\n\r\n`],
    ["a field without a name", `${OK}: 0\r\n\r\n`],
    ["a space before the colon", `${OK}content-length : 0\r\n\r\n`],
    ["a space in a name", `${OK}content length: 0\r\n\r\n`],
    ["a name of other letters", `${OK}c\u00f6ntent: 0\r\n\r\n`],
    ["a letter that is another in lower case", `${OK}\u212aeep-alive: 0\r\n\r\n`],
    ["a control character behind ASCII", `${OK}x: a\u0085b\r\ncontent-length: 0\r\n\r\n`],
    ["a bare CR at the end of a line", `${OK}x: a\r\r\ncontent-length: 0\r\n\r\n`],
    ["a line without a colon before one that has it", `${OK}x\r\ny: 1\r\n\r\n`],
    ["a NUL in a value", `${OK}x: a\0b\r\ncontent-length: 0\r\n\r\n`],
    ["a bare CR in a value", `${OK}x: a\rcontent-length: 3\r\ncontent-length: 0\r\n\r\n`],
    ["a bare LF in a value", `${OK}x: a\ncontent-length: 3\r\ncontent-length: 0\r\n\r\n`],
    ["a folded first field", `${OK} content-length: 0\r\n\r\n`],
    ["a switch of protocols", "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n"],
  ])("%s", async (_what, bytes) => {
    const { ask, accepted } = await answering(bytes);
    await expect(ask()).rejects.toMatchObject({ name: "TransportError", code: "CONNECTION" });
    await expect.poll(() => accepted.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test.each([
    ["one that never ends", `${OK}x: ${"a".repeat(20_000)}`],
    ["one of many fields", `${OK}${"x: y\r\n".repeat(4_000)}\r\n`],
    ["one after another that says nothing", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1_000)],
  ])("longer than 16 KiB: %s", async (_what, bytes) => {
    const { ask } = await answering(bytes);
    await expect(ask()).rejects.toThrow("the head of the answer is over 16384 bytes");
  });
});

describe("lengths that can be read in two ways are refused", () => {
  test.each([
    ["two that differ", "content-length: 3\r\ncontent-length: 5\r\n"],
    ["two that agree", "content-length: 3\r\ncontent-length: 3\r\n"],
    ["a list of them", "content-length: 3, 3\r\n"],
    ["with a sign", "content-length: +3\r\n"],
    ["below nothing", "content-length: -1\r\n"],
    ["in hexadecimal", "content-length: 0x3\r\n"],
    ["a fraction", "content-length: 3.0\r\n"],
    ["with an exponent", "content-length: 3e0\r\n"],
    ["none", "content-length:\r\n"],
    ["more than can be counted", "content-length: 99999999999999999999\r\n"],
    ["folded", "content-length: 3\r\n 3\r\n"],
    ["a non-breaking space", "content-length: \u00a03\r\n"],
    ["a length beside chunks", "content-length: 3\r\ntransfer-encoding: chunked\r\n"],
    ["chunks beside a length", "transfer-encoding: chunked\r\ncontent-length: 3\r\n"],
    ["chunked twice", "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n"],
    ["compressed and chunked", "transfer-encoding: gzip, chunked\r\n"],
    ["another coding", "transfer-encoding: gzip\r\n"],
    ["a coding that nobody knows", "transfer-encoding: xchunked\r\n"],
    ["chunked, with a vertical tab", "transfer-encoding: \u000bchunked\r\n"],
  ])("%s", async (_what, fields) => {
    const { ask } = await answering(`${OK}${fields}\r\n3\r\nabc\r\n0\r\n\r\n`);
    await expect(ask()).rejects.toMatchObject({ name: "TransportError", code: "CONNECTION" });
  });

  test("chunks of HTTP/1.0", async () => {
    const { ask } = await answering(
      "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    );
    await expect(ask()).rejects.toMatchObject({ code: "CONNECTION" });
  });
});

describe("chunks that are refused", () => {
  test.each([
    ["no size", "\r\nabc\r\n0\r\n\r\n"],
    ["a size that is none", "xyz\r\nabc\r\n0\r\n\r\n"],
    ["a size with a sign", "+3\r\nabc\r\n0\r\n\r\n"],
    ["a size below nothing", "-3\r\nabc\r\n0\r\n\r\n"],
    ["a size with its base", "0x3\r\nabc\r\n0\r\n\r\n"],
    ["a space before a size", " 3\r\nabc\r\n0\r\n\r\n"],
    ["a size of 2^64 + 3", "10000000000000003\r\nabc\r\n0\r\n\r\n"],
    ["a bare LF behind a size", "3\nabc\r\n0\r\n\r\n"],
    ["a bare CR behind a size", "3\rabc\r\n0\r\n\r\n"],
    ["a bare LF behind a chunk", "3\r\nabc\n0\r\n\r\n"],
    ["a chunk longer than its size", "3\r\nabcd\r\n0\r\n\r\n"],
    ["nothing between chunks", "3\r\nabc3\r\ndef\r\n0\r\n\r\n"],
    ["a NUL in an extension", "3;a\0\r\nabc\r\n0\r\n\r\n"],
    ["an extension without an end", `3;${"a".repeat(5_000)}`],
    ["a trailer without an end", `3\r\nabc\r\n0\r\n${`x: ${"y".repeat(500)}\r\n`.repeat(100)}`],
    ["a bare LF at the end", "3\r\nabc\r\n0\r\n\n"],
  ])("%s", async (_what, body) => {
    const { ask, accepted } = await answering(`${OK}transfer-encoding: chunked\r\n\r\n${body}`);
    const read = ask().then(textOf);
    await expect(read).rejects.toMatchObject({ name: "TransportError", code: "CONNECTION" });
    await expect.poll(() => accepted.every(({ destroyed }) => destroyed)).toBe(true);
  });
});

describe("answers that end early are failures", () => {
  test.each([
    ["before anything", ""],
    ["in the status line", "HTTP/1.1 2"],
    ["in the head", `${OK}content-len`],
    ["after an interim answer", "HTTP/1.1 100 Continue\r\n\r\n"],
    ["in the body", `${OK}content-length: 10\r\n\r\nabc`],
    ["in a chunk", `${OK}transfer-encoding: chunked\r\n\r\n5\r\nabc`],
    ["behind a chunk", `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc`],
    ["before the last chunk", `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`],
    ["in the trailer", `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n`],
  ])("%s", async (_what, bytes) => {
    const { ask } = await ending(bytes);
    await expect(ask().then(textOf)).rejects.toMatchObject({
      name: "TransportError",
      code: "CONNECTION",
      retryable: true,
    });
  });
});

describe("what is allowed is understood", () => {
  test.each([
    ["a length", `${OK}content-length: 3\r\n\r\nabc`],
    ["a length in any case, with white space", `${OK}CONTENT-Length: \t3 \t\r\n\r\nabc`],
    ["no reason", "HTTP/1.1 200\r\ncontent-length: 3\r\n\r\nabc"],
    ["an empty reason", "HTTP/1.1 200 \r\ncontent-length: 3\r\n\r\nabc"],
    [
      "interim answers before it",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\na: b\r\n\r\n${OK}content-length: 3\r\n\r\nabc`,
    ],
    ["chunks", `${OK}transfer-encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n`],
    ["chunks in any case", `${OK}Transfer-Encoding: Chunked\r\n\r\n00003\r\nabc\r\n000\r\n\r\n`],
    ["a size followed by spaces", `${OK}transfer-encoding: chunked\r\n\r\n3  \r\nabc\r\n0\r\n\r\n`],
    [
      "extensions and a trailer",
      `${OK}transfer-encoding: chunked\r\n\r\n3;a="b"\r\nabc\r\n0;c\r\nx: y\r\n\r\n`,
    ],
    ["a folded field", `${OK}x: a\r\n  b\r\ncontent-length: 3\r\n\r\nabc`],
  ])("%s, whole and byte by byte", async (_what, bytes) => {
    const whole = await answering(bytes);
    expect(await whole.ask().then(textOf)).toBe("abc");
    const slow = await rawServer(async (socket) => {
      for (const byte of Buffer.from(bytes, "latin1")) {
        await new Promise((written) => socket.write(Buffer.of(byte), written));
        await new Promise(setImmediate);
      }
    });
    expect(await slow.ask().then(textOf)).toBe("abc");
  });

  test("a body that ends with the connection", async () => {
    const { ask, accepted } = await ending(`${OK}\r\nabc`);
    expect(await ask().then(textOf)).toBe("abc");
    expect(accepted).toHaveLength(1);
  });

  test("repeated and folded fields are joined, UTF-8 is read as such", async () => {
    const { ask } = await answering(
      Buffer.from(`${OK}x: a\r\nX: b\r\n\tc\r\nLocation: /\u00fc\r\ncontent-length: 0\r\n\r\n`, "utf8"),
    );
    const { headers } = await ask();
    expect(headers.get("x")).toBe("a, b c");
    expect(headers.get("location")).toBe("/\u00fc");
  });

  test.each([
    ["HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"],
    ["HEAD", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"],
    ["GET", "HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n"],
    ["GET", "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n"],
  ] as const)("no body: %s %j, and the connection is used again", async (method, bytes) => {
    const { ask, accepted } = await answering(bytes);
    for (let round = 0; round < 3; round += 1) {
      expect(await ask("/", { method }).then(textOf)).toBe("");
    }
    expect(accepted).toHaveLength(1);
  });

  test("a large body in pieces of any size arrives as it was sent", async () => {
    const bytes = Buffer.from(
      Array.from({ length: 3_000_000 }, (_, index) => (index * 31 + (index >> 8)) & 255),
    );
    const { ask } = await rawServer(async (socket) => {
      socket.write(`${OK}transfer-encoding: chunked\r\n\r\n`);
      for (let at = 0, size = 1; at < bytes.length; at += size, size = ((size * 7) % 300_000) + 1) {
        const piece = bytes.subarray(at, at + size);
        socket.write(`${piece.length.toString(16)}\r\n`);
        socket.write(piece);
        socket.write("\r\n");
      }
      socket.write("0\r\n\r\n");
    });
    const answer = await ask();
    const read = await answer.body.bytes(bytes.length, () => new Error("too long"));
    expect(read.equals(bytes)).toBe(true);
  });
});

describe("nothing of one answer reaches another request", () => {
  const SMUGGLED = `${OK}content-length: 4\r\n\r\nevil`;

  test.each([
    ["behind a length", `${OK}content-length: 3\r\n\r\nabc${SMUGGLED}`],
    ["behind the last chunk", `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n${SMUGGLED}`],
    ["a line end behind a length", `${OK}content-length: 3\r\n\r\nabc\r\n`],
  ])("more than was said, %s: the connection is used no more", async (_what, first) => {
    const { ask, accepted } = await rawServer((socket) => {
      socket.write(accepted.length === 1 ? first : `${OK}content-length: 4\r\n\r\ngood`);
    });
    expect(await ask().then(textOf)).toBe("abc");
    expect(await ask().then(textOf)).toBe("good");
    expect(accepted).toHaveLength(2);
  });

  test("what comes unasked on a connection that rests closes it", async () => {
    const { ask, accepted } = await rawServer((socket) => {
      const rest = `${OK}content-length: 3\r\n\r\n`;
      socket.write(accepted.length === 1 ? `${rest}abc` : `${rest}def`);
    });
    expect(await ask().then(textOf)).toBe("abc");
    accepted[0]?.write(SMUGGLED);
    await expect.poll(() => accepted[0]?.destroyed).toBe(true);
    expect(await ask().then(textOf)).toBe("def");
  });

  test.each([
    ["connection: close\r\n", 3],
    ["connection: x, Close\r\n", 3],
    ["keep-alive: timeout=1\r\n", 3],
    ["keep-alive: timeout=0\r\n", 3],
    ["keep-alive: timeout=60, max=9\r\n", 1],
    ["connection: keep-alive\r\n", 1],
    ["connection: closed\r\n", 1],
  ])("%j: three requests need %d connections", async (fields, connections) => {
    const { ask, accepted } = await answering(`${OK}${fields}content-length: 3\r\n\r\nabc`);
    for (let round = 0; round < 3; round += 1) {
      expect(await ask().then(textOf)).toBe("abc");
    }
    expect(accepted).toHaveLength(connections);
  });

  test("HTTP/1.0 closes", async () => {
    const { ask, accepted } = await answering("HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\nabc");
    await ask().then(textOf);
    await ask().then(textOf);
    expect(accepted).toHaveLength(2);
  });
});

describe("fields that would end the head are not sent", () => {
  test.each([
    ["x", "a\r\nauthorization: evil"],
    ["x", "a\nb"],
    ["x", "a\0b"],
    ["x", "\u0100"],
    ["x: y\r\nz", "a"],
    ["", "a"],
  ])("%j: %j", async (name, value) => {
    const { ask, accepted } = await answering(`${OK}content-length: 0\r\n\r\n`);
    await expect(ask("/", { headers: { [name]: value } })).rejects.toThrow(TypeError);
    expect(accepted).toHaveLength(0);
  });
});
