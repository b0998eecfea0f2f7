import { createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { guardedConnector } from "./connector.ts";
import { DialAhead } from "./dial-ahead.ts";
import { allowAll } from "./egress.ts";

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) {
    cleanUp();
  }
});

async function listening(allows = true) {
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket.on("error", () => undefined).resume()));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const url = new URL(`http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`);
  const dialling = new DialAhead(guardedConnector(allows ? allowAll : { allows: () => false }));
  cleanUps.push(() => {
    dialling.close();
    server.close();
    for (const socket of accepted) {
      socket.destroy();
    }
  });
  const connect = () =>
    new Promise<Socket>((resolve, reject) => {
      const { protocol, hostname, host, port } = url;
      dialling.connect({ protocol, hostname, host, port } as never, (error, socket) =>
        error ? reject(error) : resolve(socket),
      );
    });
  return { accepted, url, dialling, connect };
}

test("connections are there before somebody wants them, and serve whoever does", async () => {
  const { accepted, url, dialling, connect } = await listening();
  dialling.begin(url);
  await expect.poll(() => accepted.length).toBe(16);
  const sockets = await Promise.all([connect(), connect()]);
  expect(new Set(sockets).size).toBe(2);
  expect(accepted.length).toBe(16);
  const heard = new Promise<string>((resolve) => {
    for (const socket of accepted) {
      socket.once("data", (bytes: Buffer) => resolve(bytes.toString()));
    }
  });
  sockets[0]?.write("hello");
  expect(await heard).toBe("hello");
  sockets.forEach((socket) => void socket.destroy());
});

test("what nobody took is closed with the client, what was taken is its taker's", async () => {
  const { accepted, url, dialling, connect } = await listening();
  dialling.begin(url);
  await expect.poll(() => accepted.length).toBe(16);
  const taken = await connect();
  dialling.close();
  await expect.poll(() => accepted.filter(({ destroyed }) => !destroyed).length).toBe(1);
  expect(taken.destroyed).toBe(false);
  taken.destroy();
});

test("without a beginning each is dialled as it is wanted", async () => {
  const { accepted, connect } = await listening();
  const socket = await connect();
  await expect.poll(() => accepted.length).toBe(1);
  socket.destroy();
});

test("what the rule denies is not dialled ahead either", async () => {
  const { accepted, url, dialling, connect } = await listening(false);
  dialling.begin(url);
  await expect(connect()).rejects.toThrow(/may not be dialled/);
  expect(accepted.length).toBe(0);
});
