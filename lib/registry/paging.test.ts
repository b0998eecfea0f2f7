import { expect, onTestFinished, test } from "vitest";
import {
  type RecordedRequest,
  type ScriptedRegistry,
  scriptedRegistry,
} from "../testing/scripted-registry.ts";
import { allowAll } from "./egress.ts";
import { createRegistry } from "./remote-registry.ts";
import type { Registry, RegistryOptions } from "./repository.ts";

type Page = { body: unknown; link?: string; status?: number };

async function listing(
  page: (request: RecordedRequest, origin: string) => Page,
  vendor: RegistryOptions["vendor"] = "generic",
): Promise<{ registry: Registry; server: ScriptedRegistry }> {
  const server = await scriptedRegistry((request, response) => {
    const { body, link, status = 200 } = page(request, `http://${request.headers.host}`);
    response.writeHead(status, link === undefined ? {} : { link });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  onTestFinished(() => server.stop());
  const registry = createRegistry({ address: server.origin, vendor, plainHttp: true, egress: allowAll });
  onTestFinished(() => registry.close());
  return { registry, server };
}

async function all<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) {
    items.push(...page);
  }
  return items;
}

test.each([
  ["relative", () => '</v2/app/tags/list?n=0&last=b>; rel="next"'],
  ["absolute", (origin: string) => `<${origin}/v2/app/tags/list?last=b>; rel=next`],
  ["relative to the page", () => '<?last=b>; rel="next"'],
  ["among others", () => '</docs>; rel="help", </v2/app/tags/list?last=b>; rel="next"; title="a, b"'],
])("a Link that is %s leads on, however full the page", async (_what, link) => {
  const { registry, server } = await listing(({ url }, origin) =>
    url.includes("last=b") ? { body: { tags: ["c"] } } : { body: { tags: ["a", "b"] }, link: link(origin) },
  );
  expect(await all(registry.repository("app").tags())).toEqual(["a", "b", "c"]);
  expect(server.requests).toHaveLength(2);
});

test("no Link is the end, however full the page", async () => {
  const tags = Array.from({ length: 1000 }, (_, n) => `t${n}`);
  const { registry, server } = await listing(() => ({ body: { tags } }));
  expect(await all(registry.repository("app").tags())).toEqual(tags);
  expect(server.requests).toHaveLength(1);
});

test("null, an unknown repository and names that are none", async () => {
  const nothing = await listing(() => ({ body: { tags: null } }));
  expect(await all(nothing.registry.repository("app").tags())).toEqual([]);
  const unknown = await listing(() => ({ body: "404 page not found", status: 404 }));
  expect(await all(unknown.registry.repository("app").tags())).toEqual([]);
  const odd = await listing(() => ({ body: { tags: ["ok", "../x", "", 5, null, "a b", "x".repeat(129)] } }));
  expect(await all(odd.registry.repository("app").tags())).toEqual(["ok"]);
  const hostile = await listing(() => ({ body: { repositories: ["a/b", "../../etc", "A", "a//b"] } }));
  expect(await all(hostile.registry.repositories())).toEqual(["a/b"]);
});

test("pages that go round are refused", async () => {
  const { registry, server } = await listing(({ url }) => ({
    body: { tags: ["a"] },
    link: `<${url}>; rel="next"`,
  }));
  await expect(all(registry.repository("app").tags())).rejects.toMatchObject({ code: "REDIRECT_REFUSED" });
  expect(server.requests).toHaveLength(1);
  const between = await listing(({ url }) => ({
    body: { tags: ["a"] },
    link: `</v2/app/tags/list?last=${url.includes("last=x") ? "y" : "x"}>; rel="next"`,
  }));
  await expect(all(between.registry.repository("app").tags())).rejects.toThrow("circle");
});

test("pages that never end are refused after ten thousand", async () => {
  const { registry, server } = await listing(({ url }) => ({
    body: { tags: [] },
    link: `</v2/app/tags/list?page=${Number(new URL(url, "http://x").searchParams.get("page")) + 1}>; rel=next`,
  }));
  await expect(all(registry.repository("app").tags())).rejects.toThrow("the pages do not end");
  expect(server.requests).toHaveLength(10_000);
  // So many answers take longer than a test may on a busy machine.
}, 120_000);

test.each([
  ["another host", "<http://127.0.0.2/v2/app/tags/list>; rel=next"],
  ["another port", "<http://127.0.0.1:1/v2/app/tags/list>; rel=next"],
  ["no scheme", "<//evil.example.com/v2/app/tags/list>; rel=next"],
  ["user info", "<http://a:b@127.0.0.1/>; rel=next"],
  ["a file", "<file:///etc/passwd>; rel=next"],
])("a Link to %s is refused", async (_what, link) => {
  const { registry } = await listing(() => ({ body: { tags: ["a"] }, link }));
  await expect(all(registry.repository("app").tags())).rejects.toMatchObject({ code: "REDIRECT_REFUSED" });
});

test.each([
  ["a web page", "<html><title>Log in</title></html>"],
  ["JSON of something else", "{}"],
  ["a list", "[]"],
  ["names that are no list", '{"tags":{"0":"a"}}'],
  ["17 MiB", `{"tags":["${"a".repeat(17 * 1024 * 1024)}"]}`],
])("%s is no page", async (_what, body) => {
  const { registry } = await listing(() => ({ body }));
  await expect(all(registry.repository("app").tags())).rejects.toMatchObject({
    name: "RegistryError",
    status: 200,
  });
});

test("a Link that cannot be read is said", async () => {
  const { registry } = await listing(() => ({ body: { tags: [] }, link: "<unterminated" }));
  await expect(all(registry.repository("app").tags())).rejects.toMatchObject({ name: "RegistryError" });
});

test("the catalogue of CNCF Distribution is read from the namespace on, and no further", async () => {
  const { registry, server } = await listing(({ url }) => {
    const last = new URL(url, "http://x").searchParams.get("last");
    return last === "team"
      ? {
          body: { repositories: ["team-a/x", "team/a", "team/b/c"] },
          link: "</v2/_catalog?last=team%2Fb%2Fc>; rel=next",
        }
      : last === "team/b/c"
        ? { body: { repositories: ["team/d", "team2/x"] }, link: "</v2/_catalog?last=team2%2Fx>; rel=next" }
        : { body: { repositories: ["teamwork/x", "zoo"] }, link: "</v2/_catalog?last=zoo>; rel=next" };
  }, "distribution");
  expect(await all(registry.repositories({ namespace: "team" }))).toEqual(["team/a", "team/b/c", "team/d"]);
  expect(server.requests).toHaveLength(3);
});
