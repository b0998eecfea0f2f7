import { describe, expect, test } from "vitest";
import { MAX_CHART_VERSIONS, readIndex } from "./chart-index.ts";

const base = new URL("https://charts.example.com/team/");
const digest = "a".repeat(64);

async function read(text: string) {
  return readIndex(Buffer.from(text), base);
}

/** Name, tag, and the address or the reason. */
async function rows(text: string): Promise<string[][]> {
  const { charts } = await read(text);
  return [...charts].flatMap(([chart, versions]) =>
    [...versions].map(([tag, { url, problem }]) => [chart, tag, problem?.message ?? url]),
  );
}

const refused = (expected: string, actual: string) => `UNREADABLE_CHART: expected ${expected}, got ${actual}`;

describe("an index as it is written", () => {
  const web = ["web", "1.10", "https://charts.example.com/team/charts/web-1.10.tgz"];
  const api = ["api", "2.0.0_build.1", "https://charts.example.com/team/charts/api-2.0.0+build.1.tgz"];

  test.each([
    [
      "by ChartMuseum: lists are not indented",
      `apiVersion: v1
entries:
  api:
  - urls:
    - charts/api-2.0.0+build.1.tgz
    version: 2.0.0+build.1
  web:
  - description: |
      entries:
        fake:
      - version: 9.9.9
    keywords:
    - one
    urls:
    - charts/web-1.10.tgz
    version: 1.10
serverInfo: {}
`,
    ],
    [
      "by hand: deeper, quoted, with comments and blank lines",
      `# ours
entries: # all of them
    "api":

        # the newest
        - version: "2.0.0+build.1"
          urls: [charts/api-2.0.0+build.1.tgz]
    web:
        -   urls:
              - charts/web-1.10.tgz

            version: '1.10'
apiVersion: v1
`,
    ],
    [
      "in flow style, which is read as a whole",
      "{apiVersion: v1, entries: {api: [{version: 2.0.0+build.1, urls: [charts/api-2.0.0+build.1.tgz]}], web: [{version: 1.10, urls: [charts/web-1.10.tgz]}]}}",
    ],
    [
      "as JSON",
      JSON.stringify({
        entries: {
          api: [{ version: "2.0.0+build.1", urls: ["charts/api-2.0.0+build.1.tgz"] }],
          web: [{ version: "1.10", urls: ["charts/web-1.10.tgz"] }],
        },
      }),
    ],
  ])("%s", async (_name, text) => {
    expect(await rows(text)).toEqual([api, web]);
    expect(await rows(text.replaceAll("\n", "\r\n"))).toEqual([api, web]);
  });

  test("no entries, and where the server's API lies", async () => {
    const index = await read("apiVersion: v1\nentries: {}\nserverInfo:\n  contextPath: /museum\n");
    expect([index.charts.size, index.contextPath]).toEqual([0, "/museum"]);
    expect((await read("entries:\nserverInfo:\n  contextPath: //evil.example.com\n")).contextPath).toBe("");
  });

  test("digests with and without their algorithm", async () => {
    const one = (text: string) =>
      `entries:\n  web:\n  - version: 1.0.0\n    urls: [a.tgz]\n    digest: ${text}\n`;
    for (const [text, expected] of [
      [digest, `sha256:${digest}`],
      [`sha256:${digest.toUpperCase()}`, `sha256:${digest}`],
      ["none", null],
    ] as const) {
      expect((await read(one(text))).charts.get("web")?.get("1.0.0")?.digest).toBe(expected);
    }
  });
});

describe("what is wrong with one version stays with it", () => {
  const good = "  good:\n  - version: 1.0.0\n    urls: [good.tgz]\n";
  const goodRow = ["good", "1.0.0", "https://charts.example.com/team/good.tgz"];

  test.each([
    ["latest", "1.0.0 ", "no semantic version"],
    ["a very odd one", "", "no semantic version"],
  ])("a version that is none: %s", async (version) => {
    const [row] = await rows(`entries:\n  web:\n  - version: ${version}\n    urls: [web.tgz]\n${good}`);
    expect(row?.[2]).toBe(refused("a semantic version", `web ${version}`));
  });

  test.each([
    ["on another protocol", "oci://registry.example.com/web:1.0.0", "oci://registry.example.com/web:1.0.0"],
    ["that reads files", "file:///etc/passwd", "file:///etc/passwd"],
    [
      "with credentials in it",
      "https://me:secret@charts.example.com/web.tgz",
      "https://charts.example.com/web.tgz",
    ],
    ["down from https", "http://charts.example.com/web.tgz", "http://charts.example.com/web.tgz"],
  ])("an address %s", async (_name, url, shown) => {
    const all = await rows(`entries:\n  web:\n  - version: 1.0.0\n    urls:\n    - ${url}\n${good}`);
    expect(all).toEqual([["web", "1.0.0", refused("an address of web 1.0.0 over HTTP", shown)], goodRow]);
    expect(JSON.stringify(all)).not.toContain("secret");
  });

  test.each([
    ["no version", "- urls: [web.tgz]", "a version of web"],
    ["a list of texts", "- one", "a version of web"],
    ["no list", "  version: 1.0.0", "a list of versions of web"],
    ["broken YAML", '- version: "1.0.0', "an entry of web in YAML"],
    ["an entry without an end", `- urls: [${"[],".repeat(100_000)}`, "an entry of web in YAML"],
    ["a tag of a language", "- !!js/function 'x'", "a version of web"],
  ])("%s", async (_name, entry, expected) => {
    const all = await rows(`entries:\n${good}  web:\n  ${entry}\n`);
    expect(all[0]).toEqual(goodRow);
    expect(all[1]?.[2]).toContain(`expected ${expected}`);
  });

  test("aliases that multiply", async () => {
    const level = (n: number) =>
      `l${n}: &l${n} [${Array(9)
        .fill(`*l${n - 1}`)
        .join(", ")}]`;
    const bomb = ["l0: &l0 [x, x]", ...Array.from({ length: 9 }, (_, n) => level(n + 1)), "version: *l9"];
    const [row, ...others] = await rows(`entries:\n  web:\n  - ${bomb.join("\n    ")}\n${good}`);
    expect(row?.[2]).toMatch(/entry of web in YAML.*alias/i);
    expect(others).toEqual([goodRow]);
  });

  test("twice: the same archive is one, two archives are none", async () => {
    const twice = (second: string) =>
      `entries:\n  web:\n  - {version: 1.0.0, urls: [a.tgz], digest: ${digest}}\n  - {version: 1.0.0, urls: [b.tgz], digest: ${second}}\n`;
    expect(await rows(twice(digest))).toEqual([["web", "1.0.0", "https://charts.example.com/team/a.tgz"]]);
    expect(await rows(twice("b".repeat(64)))).toEqual([
      ["web", "1.0.0", refused("one archive of web 1.0.0", "two in the index")],
    ]);
  });

  test("a chart whose name is no repository's, beside one whose name it resembles", async () => {
    const one = (name: string) => `  ${name}:\n  - version: 1.0.0\n    urls: [web.tgz]\n`;
    const reason = refused("a chart's name of lower-case letters, digits and dashes", "My Web");
    expect(await rows(`entries:\n${one("My Web")}`)).toEqual([["my-web", "1.0.0", reason]]);
    expect(await rows(`entries:\n${one("My Web")}${one("my-web")}`)).toEqual([
      ["my-web", "1.0.0", "https://charts.example.com/team/web.tgz"],
    ]);
  });
});

describe("what is no index", () => {
  test.each([
    ["text", "hello", "an index of charts"],
    ["a list", "- a\n- b\n", "an index of charts"],
    ["entries that are a list", "entries:\n- a\n", "an index of charts"],
    ["broken flow style", "{entries: [", "an index of charts in YAML"],
    ["deep nesting", `{entries: ${"[".repeat(5_000)}`, "an index of charts"],
    ["JSON of nothing but lists", `{"entries":{"a":[${"[],".repeat(6_000_000)}[]]}}`, "laid out as Helm"],
    ["a large one without the usual layout", `{entries: {a: [${" ".repeat(2_100_000)}]}`, "laid out as Helm"],
  ])("%s", async (_name, text, expected) => {
    await expect(read(text)).rejects.toMatchObject({ code: "UNREADABLE_CHART" });
    await expect(read(text)).rejects.toThrow(expected);
  });

  test("more versions than anybody has", async () => {
    const entries = {
      web: Array.from({ length: MAX_CHART_VERSIONS + 1 }, (_, n) => ({ version: `1.0.${n}`, urls: ["a"] })),
    };
    await expect(read(JSON.stringify({ entries }))).rejects.toThrow(`at most ${MAX_CHART_VERSIONS} versions`);
  });
});

test("other work goes on while one entry after the other cannot be read", async () => {
  await read("entries: {}");
  const unclosed = (name: string) => `  ${name}:\n  - {version: 1.0.0, more: [${"a, ".repeat(5_000)}\n`;
  const names = Array.from({ length: 20 }, (_, number) => `c${number}`);
  let turns = 0;
  const count = (): NodeJS.Immediate =>
    setImmediate(() => {
      turns += 1;
      counting = count();
    });
  let counting = count();
  const found = await rows(`entries:\n${names.map(unclosed).join("")}`);
  clearImmediate(counting);
  expect(found).toHaveLength(20);
  expect(found.map(([, , reason]) => reason?.startsWith("UNREADABLE_CHART")).every(Boolean)).toBe(true);
  expect(turns).toBeGreaterThan(1);
});
