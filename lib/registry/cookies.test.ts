import { expect, onTestFinished, test } from "vitest";
import { scriptedRegistry } from "../testing/scripted-registry.ts";
import { allowAll } from "./egress.ts";
import { createRegistry } from "./remote-registry.ts";

/** Cookies that are kept between registries, or sessions that a load balancer pins, have broken other clients (T21). */
test("no cookie comes back to who set it, or to anybody", async () => {
  const servers = await Promise.all(
    ["first", "second"].map((name) =>
      scriptedRegistry((_request, response) => {
        response.writeHead(200, { "set-cookie": `sid=${name}; Path=/` }).end('{"tags":["v1"]}');
      }),
    ),
  );
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
  const registries = servers.map(({ origin }) =>
    createRegistry({ address: origin, vendor: "generic", plainHttp: true, egress: allowAll }),
  );
  onTestFinished(async () => {
    await Promise.all(registries.map((registry) => registry.close()));
  });
  for (let round = 0; round < 3; round++) {
    for (const registry of registries) {
      for await (const tags of registry.repository("app").tags()) {
        expect(tags).toEqual(["v1"]);
      }
    }
  }
  const sent = servers.flatMap(({ requests }) => requests.map(({ headers }) => headers.cookie));
  expect(sent).toEqual(Array.from({ length: 6 }, () => undefined));
});
