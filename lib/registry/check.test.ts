import { expect, onTestFinished, test } from "vitest";
import { scriptedRegistry } from "../testing/scripted-registry.ts";
import { registryClient } from "./registry.testing.ts";
import type { RegistryCheck, RegistryOptions } from "./repository.ts";

const PASSWORD = "correct-horse-battery";
const basic = (password: string) => `Basic ${Buffer.from(`robot:${password}`).toString("base64")}`;

async function check(
  script: Parameters<typeof scriptedRegistry>[0],
  options: Partial<RegistryOptions> = {},
): Promise<RegistryCheck> {
  const server = await scriptedRegistry(script);
  onTestFinished(() => server.stop());
  return registryClient(server.origin, options).check();
}

const right = { username: "robot", password: PASSWORD };
const wrong = { username: "robot", password: "wrong" };

/** Lets anybody read; looks at a password only when it is shown. */
const open: Parameters<typeof scriptedRegistry>[0] = (request, response) => {
  const shown = request.headers.authorization;
  if (shown !== undefined && shown !== basic(PASSWORD)) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
  } else {
    response.end('{"repositories":["a","b"]}');
  }
};

test("a registry for everybody", async () => {
  expect(await check(open)).toMatchObject({
    authentication: "anonymous",
    canList: true,
    repositoriesSeen: 2,
  });
});

test("a 200 without a question proves no password: it is shown unasked", async () => {
  await expect(check(open, wrong)).rejects.toMatchObject({ code: "UNAUTHORIZED", status: 401 });
  expect(await check(open, right)).toMatchObject({ canList: true });
});

test("a registry without a catalogue is usable, but cannot list", async () => {
  for (const status of [401, 403, 404, 405]) {
    const result = await check((request, response) => {
      if (request.headers.authorization !== basic(PASSWORD)) {
        response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
      } else {
        response.writeHead(request.url === "/v2/" ? 200 : status).end("{}");
      }
    }, right);
    expect(result).toMatchObject({ authentication: "basic", canList: false, repositoriesSeen: 0 });
  }
});

test("the password is proven even where nothing can be listed", async () => {
  const refusing = check((_request, response) => {
    response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
  }, wrong);
  await expect(refusing).rejects.toMatchObject({ code: "UNAUTHORIZED" });
});

test.each([
  [
    "a web page",
    (): [number, Record<string, string>, string] => [200, { "content-type": "text/html" }, "<html>hi</html>"],
  ],
  ["nothing at /v2/", (): [number, Record<string, string>, string] => [404, {}, ""]],
  ["a catalogue that is none", (): [number, Record<string, string>, string] => [200, {}, "{}"]],
])("%s is no registry", async (_what, answer) => {
  const [status, headers, body] = answer();
  await expect(
    check((_request, response) => void response.writeHead(status, headers).end(body)),
  ).rejects.toMatchObject({
    name: "RegistryError",
  });
});

test("a person does not wait for a registry that is down", async () => {
  let asked = 0;
  const down = check((_request, response) => {
    asked += 1;
    response.writeHead(503).end();
  });
  await expect(down).rejects.toMatchObject({ status: 503 });
  // Once more after half a second: each further time would be twice as long in coming.
  expect(asked).toBe(2);
});
