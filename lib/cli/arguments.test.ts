import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseArguments, type SyncOptions } from "./arguments.ts";
import { UsageError } from "./usage-error.ts";

const MINIMUM = [
  "--source",
  "https://a.example.com",
  "--source-namespace",
  "team",
  "--target",
  "b.example.com:5000",
];

async function parsed(argv: string[], env: Record<string, string> = {}): Promise<SyncOptions> {
  const options = await parseArguments(argv, env);
  if (options === "help") {
    throw new Error("help");
  }
  return options;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lockstep-cli-"));
  writeFileSync(join(folder, "ca.pem"), "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");
  writeFileSync(join(folder, "not.pem"), "hello");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the least that is needed, and what it means", async () => {
  const options = await parsed(MINIMUM);
  expect(options).toMatchObject({
    source: {
      registry: { address: "https://a.example.com", plainHttp: false, username: undefined },
      charts: null,
    },
    target: { registry: { address: "https://b.example.com:5000", plainHttp: false }, charts: null },
    selection: { namespace: "team", resourceType: "all" },
    targetNamespace: null,
    referrers: true,
    override: false,
    verify: "no",
    dryRun: false,
    concurrency: 48,
    maxBytesPerSecond: null,
    maxCopies: null,
    json: false,
    cacheFolder: null,
  });
  expect((await parsed(MINIMUM, { HOME: "/home/me" })).cacheFolder).toBe("/home/me/.cache/lockstep");
  expect(options.selection.repository.matches("anything")).toBe(true);
});

test("every option", async () => {
  const options = await parsed(
    [
      ...[
        "--source",
        "http://a:5000",
        "--source-plain-http",
        "--source-namespace",
        "",
        "--source-ca",
        join(folder, "ca.pem"),
      ],
      ...[
        "--target",
        "b:5000",
        "--target-plain-http",
        "--target-namespace",
        "x/y",
        "--target-ca",
        join(folder, "ca.pem"),
      ],
      ...[
        "--repository",
        "web|api",
        "--tag",
        "v\\d+",
        "--type",
        "chart",
        "--override",
        "--dry-run",
        "--no-referrers",
      ],
      ...["--concurrency", "1", "--json", "--no-cache"],
      ...["--max-bandwidth", "1.5MB/s", "--max-concurrency", "3"],
    ],
    {
      ...{ SOURCE_USERNAME: "s", SOURCE_PASSWORD: "sp", TARGET_USERNAME: "t", TARGET_PASSWORD: "tp" },
      HOME: "/home/me",
    },
  );
  expect(options).toMatchObject({
    source: { registry: { address: "http://a:5000", plainHttp: true, username: "s", password: "sp" } },
    target: { registry: { address: "http://b:5000", plainHttp: true, username: "t", password: "tp" } },
    selection: { namespace: "", resourceType: "chart" },
    targetNamespace: "x/y",
    referrers: false,
    override: true,
    dryRun: true,
    concurrency: 1,
    maxBytesPerSecond: 1_500_000,
    maxCopies: 3,
    json: true,
    cacheFolder: null,
  });
  expect(options.target.registry?.caCertificate).toContain("BEGIN CERTIFICATE");
  expect(options.selection.repository.matches("api")).toBe(true);
  expect(options.selection.tag.matches("v1-rc")).toBe(false);
});

test("tags are chosen by expression, exclusion, range and the newest", async () => {
  const narrow = ["--exclude-tag", ".*-rc.*", "--semver", ">=1.4 <2", "--newest", "3"];
  const { selection } = await parsed([...MINIMUM, ...narrow]);
  expect(selection.newest).toBe(3);
  expect(selection.exclude?.matches("1.5.0-rc1")).toBe(true);
  expect([selection.semver?.matches("v1.4.0"), selection.semver?.matches("latest")]).toEqual([true, false]);
  const plain = (await parsed([...MINIMUM, "--exclude-tag", "", "--semver", ""])).selection;
  expect([plain.exclude, plain.semver, plain.newest]).toEqual([undefined, undefined, undefined]);
});

test.each([
  [[], null],
  [["--platform", "linux/amd64"], { mode: "single", names: ["linux/amd64"] }],
  [
    ["--platform", "linux/amd64,linux/arm/v7", "--platform", "linux/amd64"],
    { mode: "sparse", names: ["linux/amd64", "linux/arm/v7"] },
  ],
  [["--platform", "linux/amd64", "--platform-mode", "sparse"], { mode: "sparse", names: ["linux/amd64"] }],
])("platforms: %j", async (argv, platforms) => {
  expect((await parsed([...MINIMUM, ...argv])).platforms).toEqual(platforms);
});

test("help needs nothing else", async () => {
  expect(await parseArguments(["--help"], {})).toBe("help");
});

describe("wrong usage says what is wrong", () => {
  const change = (option: string, value: string) => {
    const argv = [...MINIMUM];
    argv[argv.indexOf(option) + 1] = value;
    return argv;
  };
  test.each<[string[], RegExp, Record<string, string>?]>([
    [[], /--source is required/],
    [MINIMUM.slice(0, 2), /--target is required/],
    [[...MINIMUM.slice(0, 2), ...MINIMUM.slice(4)], /--source-namespace is required/],
    [[...MINIMUM, "--nonsense"], /--nonsense/],
    [[...MINIMUM, "stray"], /stray/],
    [change("--source", "http://a.example.com"), /--source-plain-http/],
    [change("--source", "https://a/path"), /https:\/\/host\[:port\]/],
    [change("--source", "https://me:secret@a"), /SOURCE_USERNAME and SOURCE_PASSWORD/],
    [change("--source", "ftp://a"), /--source must be/],
    [change("--source", "not a url"), /--source must be/],
    [change("--source-namespace", "Team"), /Team is not a namespace/],
    [change("--source-namespace", "a//b"), /not a namespace/],
    [[...MINIMUM, "--target-namespace", "../x"], /--target-namespace \.\.\/x is not a namespace/],
    [[...MINIMUM, "--source-plain-http"], /but --source is https/],
    [[...MINIMUM, "--type", "chartz"], /--type must be all, image or chart/],
    [[...MINIMUM, "--concurrency", "0"], /1 to 64/],
    [[...MINIMUM, "--concurrency", "many"], /1 to 64/],
    [[...MINIMUM, "--max-concurrency", "0"], /^--max-concurrency must be a whole number from 1 to 1000/],
    [[...MINIMUM, "--max-bandwidth", "10"], /^--max-bandwidth must be a rate .* not 10$/],
    [[...MINIMUM, "--max-bandwidth", "1KB/s"], /from 10KB\/s/],
    [[...MINIMUM, "--max-bandwidth", "fast"], /such as 10MB\/s, not fast/],
    [[...MINIMUM, "--repository", "foo)|(?:bar"], /^--repository character 4, \): .*without an opening/],
    [[...MINIMUM, "--tag", "v(?!1)"], /^--tag character 2, \(\?!: RE2 has no look-around/],
    [[...MINIMUM, "--exclude-tag", "v("], /^--exclude-tag character 2/],
    [[...MINIMUM, "--semver", "latest"], /^--semver must be a range of versions, .* not latest$/],
    [[...MINIMUM, "--newest", "0"], /^--newest must be a whole number from 1 to 10000, not 0$/],
    [[...MINIMUM, "--platform", "amd64"], /^--platform must be os\/architecture, .* not amd64$/],
    [[...MINIMUM, "--platform", ""], /^--platform must be os\/architecture/],
    [[...MINIMUM, "--platform-mode", "single"], /^--platform-mode says how --platform is meant/],
    [
      [...MINIMUM, "--platform", "a/b", "--platform-mode", "both"],
      /^--platform-mode must be sparse or single/,
    ],
    [[...MINIMUM, "--platform", "a/b,a/c", "--platform-mode", "single"], /takes one --platform, not 2/],
    [[...MINIMUM, "--target-ca", "/no/such/file"], /--target-ca .*cannot be read \(ENOENT\)/],
    [MINIMUM, /TARGET_USERNAME and TARGET_PASSWORD/, { TARGET_USERNAME: "me" }],
    [change("--target", "a.example.com"), /same namespace of the same registry/],
  ])("%j", async (argv, message, env = {}) => {
    const parsing = parseArguments(argv, env);
    await expect(parsing).rejects.toBeInstanceOf(UsageError);
    await expect(parsing).rejects.toThrow(message);
    // A password in an address is not repeated.
    await expect(parsing).rejects.not.toThrow(/secret/);
  });

  test("a file without a certificate", async () => {
    const parsing = parsed([...MINIMUM, "--source-ca", join(folder, "not.pem")]);
    await expect(parsing).rejects.toThrow(/holds no PEM certificate/);
  });
});

test("to read every byte again is to verify as well", async () => {
  expect((await parsed([...MINIMUM, "--verify"])).verify).toBe("yes");
  expect((await parsed([...MINIMUM, "--deep"])).verify).toBe("deep");
  expect((await parsed([...MINIMUM, "--verify", "--deep"])).verify).toBe("deep");
});

describe("chart repositories", () => {
  const NAMESPACE = ["--source-namespace", "team"];

  test("beside a registry or instead of it, with the same credentials", async () => {
    const { source, target } = await parsed(
      [
        ...["--source-charts", "a.example.com/chartrepo/", ...NAMESPACE],
        ...["--target", "b.example.com", "--target-charts", "https://b.example.com/chartrepo"],
      ],
      { TARGET_USERNAME: "t", TARGET_PASSWORD: "tp" },
    );
    expect([source.registry, source.charts?.address]).toEqual([null, "https://a.example.com/chartrepo"]);
    expect(target).toMatchObject({
      registry: { address: "https://b.example.com", username: "t", password: "tp" },
      charts: { address: "https://b.example.com/chartrepo", username: "t", password: "tp" },
    });
  });

  test.each([
    ["nothing to copy to", ["--source-charts", "a.example.com"], "--target is required"],
    [
      "a registry into a chart repository",
      ["--source", "a.example.com", "--source-charts", "a.example.com", "--target-charts", "b.example.com"],
      "name one with --target",
    ],
    [
      "OCI charts into a chart repository",
      ["--source", "a.example.com", "--target", "b.example.com", "--target-charts", "b.example.com"],
      "OCI charts of --source go to --target",
    ],
    [
      "images out of a chart repository",
      ["--source-charts", "a.example.com", "--target", "b.example.com", "--type", "image"],
      "--type image finds nothing",
    ],
    [
      "into itself",
      ["--source-charts", "a.example.com/x", "--target-charts", "a.example.com/x/"],
      "same namespace",
    ],
    ["in the clear", ["--source-charts", "http://a", "--target", "b"], "--source-plain-http"],
    ["with a query", ["--source-charts", "a.example.com?x", "--target", "b"], "--source-charts must be"],
    ["with credentials", ["--source-charts", "https://u:pw@a", "--target", "b"], "must not hold credentials"],
  ])("%s is refused", async (_name, argv, message) => {
    const refused = parsed([...argv, ...NAMESPACE]);
    await expect(refused).rejects.toBeInstanceOf(UsageError);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow("pw");
  });
});
