import { describe, expect, test } from "vitest";
import { DOCKER_MANIFEST } from "../registry/media-types.ts";
import type { DialectName } from "../schemas/words.ts";
import type { RegistryEvent } from "./event.ts";
import { MAX_EVENTS, parseEvents, UnreadableEvents } from "./parse-events.ts";

const D1 = `sha256:${"1".repeat(64)}`;
const D2 = `sha256:${"2".repeat(64)}`;

function parse(dialect: DialectName, body: unknown, headers: Record<string, string> = {}): RegistryEvent[] {
  return parseEvents(dialect, {
    header: (name) => headers[name.toLowerCase()] ?? null,
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  });
}

const push = (tag: string, digest: string | null = D1, repository = "team/app") => ({
  action: "push",
  repository,
  tag,
  digest,
});

/** As the server of that name sends it (docker-registry 2.8.3, headers of no interest left out). */
const distributionEvent = (target: object, action = "push", id = "320678d8-ca14-430f-8bb6-4ca139cd83f7") => ({
  id,
  timestamp: "2026-11-24T13:30:17.402973972Z",
  action,
  target: { mediaType: "application/vnd.oci.image.manifest.v1+json", size: 708, length: 708, ...target },
  request: {
    id: "6df24a34-0959-4923-81ca-14f09767db19",
    addr: "192.168.64.11:42961",
    host: "192.168.100.227:5000",
    method: "PUT",
    useragent: "curl/8",
  },
  actor: {},
  source: { addr: "xtal.local:5000", instanceID: "a53db899-3b4b-4a62-a067-8dd013beaca4" },
});

const resources = (tag: string, digest = D1) => ({
  resources: [{ digest, tag, resource_url: `hub.example.com/team/app:${tag}` }],
  repository: {
    date_created: 1_636_696_123,
    name: "app",
    namespace: "team",
    repo_full_name: "team/app",
    repo_type: "private",
  },
});

const githubPackage = (overrides: object = {}) => ({
  id: 10_696,
  name: "App",
  namespace: "Team",
  ecosystem: "CONTAINER",
  package_type: "CONTAINER",
  package_version: {
    id: 17_084,
    version: D1,
    container_metadata: { tag: { name: "1.0", digest: D1 }, labels: {}, manifest: {} },
  },
  ...overrides,
});

interface Case {
  name: string;
  dialect: DialectName;
  body: unknown;
  headers?: Record<string, string>;
  told: object[];
}

const cases: Case[] = [
  {
    name: "a pushed tag; a layer, an image of the older kind by digest and a pull beside it say nothing",
    dialect: "distribution",
    body: {
      events: [
        distributionEvent({ repository: "team/app", digest: D2, mediaType: "application/octet-stream" }),
        distributionEvent({ repository: "team/app", digest: D2, mediaType: DOCKER_MANIFEST }),
        distributionEvent({ repository: "team/app", digest: D1, tag: "1.0" }),
        distributionEvent({ repository: "team/app", digest: D1, tag: "1.0" }, "pull"),
        distributionEvent({ repository: "team/app", digest: D1, fromRepository: "other" }, "mount"),
      ],
    },
    told: [{ id: "320678d8-ca14-430f-8bb6-4ca139cd83f7", ...push("1.0") }],
  },
  {
    name: "a manifest by digest: it may be a signature",
    dialect: "distribution",
    body: { events: [distributionEvent({ repository: "team/app", digest: D2 })] },
    told: [{ action: "push", repository: "team/app", tag: null, digest: D2 }],
  },
  {
    name: "events without an id stay apart",
    dialect: "distribution",
    body: {
      events: [
        distributionEvent({ repository: "team/app", digest: D1, tag: "1.0" }, "push", ""),
        distributionEvent({ repository: "team/app", digest: D1, tag: "1.1" }, "push", ""),
      ],
    },
    told: [
      { id: expect.stringMatching(/^[0-9a-f]{64}\.0$/), ...push("1.0") },
      { id: expect.stringMatching(/^[0-9a-f]{64}\.1$/), ...push("1.1") },
    ],
  },
  {
    name: "a deletion, by digest or by tag",
    dialect: "distribution",
    body: {
      events: [
        distributionEvent({ repository: "team/app", digest: D1 }, "delete"),
        distributionEvent({ repository: "team/app", tag: "1.0" }, "delete"),
      ],
    },
    told: [
      { action: "delete", tag: null, digest: D1 },
      { action: "delete", tag: "1.0", digest: null },
    ],
  },
  {
    name: "PUSH_ARTIFACT in the format Default",
    dialect: "harbor",
    body: { type: "PUSH_ARTIFACT", occur_at: 1_586_922_308, operator: "admin", event_data: resources("1.0") },
    told: [push("1.0")],
  },
  {
    name: "a push in the format CloudEvents",
    dialect: "harbor",
    body: {
      specversion: "1.0",
      id: "66c7f97b",
      requestid: "8cf4",
      source: "/projects/1/webhook/policies/1",
      type: "harbor.artifact.pushed",
      datacontenttype: "application/json",
      time: "2026-04-03T06:31:22Z",
      data: resources("1.0"),
      operator: "admin",
    },
    told: [{ id: "66c7f97b.0", ...push("1.0") }],
  },
  {
    name: "a digest where the tag belongs: no tag was pushed, it may be a signature",
    dialect: "harbor",
    body: { type: "PUSH_ARTIFACT", event_data: resources(D1) },
    told: [{ action: "push", repository: "team/app", tag: null, digest: D1 }],
  },
  {
    name: "DELETE_ARTIFACT",
    dialect: "harbor",
    body: { type: "DELETE_ARTIFACT", event_data: resources("1.0") },
    told: [{ action: "delete", tag: "1.0", digest: D1 }],
  },
  {
    name: "UPLOAD_CHART of its chart repository",
    dialect: "harbor",
    body: { type: "UPLOAD_CHART", event_data: { ...resources("0.1.0"), resources: [{ tag: "0.1.0" }] } },
    told: [push("0.1.0", null)],
  },
  {
    name: "DELETE_CHART",
    dialect: "harbor",
    body: { type: "DELETE_CHART", event_data: { ...resources("0.1.0"), resources: [{ tag: "0.1.0" }] } },
    told: [{ action: "delete", tag: "0.1.0", digest: null }],
  },
  {
    name: "the end of a scan",
    dialect: "harbor",
    body: { type: "SCANNING_COMPLETED", event_data: resources("1.0") },
    told: [],
  },
  {
    name: "pushImage",
    dialect: "tcr",
    body: {
      type: "pushImage",
      occur_at: 1_589_106_605,
      operator: "332133****",
      event_data: resources("1.0"),
    },
    told: [push("1.0")],
  },
  {
    name: "uploadChart",
    dialect: "tcr",
    body: { type: "uploadChart", occur_at: 1, event_data: resources("0.1.0") },
    told: [push("0.1.0")],
  },
  {
    name: "downloadChart",
    dialect: "tcr",
    body: { type: "downloadChart", event_data: resources("0.1.0") },
    told: [],
  },
  {
    name: "an updated image, binary mode",
    dialect: "zot",
    headers: { "ce-type": "zotregistry.image.updated", "ce-id": "c1", "ce-specversion": "1.0" },
    body: {
      name: "team/app",
      reference: "1.0",
      digest: D1,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      manifest: "{}",
    },
    told: [{ id: "c1", ...push("1.0") }],
  },
  ...[
    { what: "a signature is told of what it signs", manifest: { subject: { digest: D1 } } },
    { what: "an image of an index is no push of a tag", manifest: { layers: [] } },
    { what: "a subject that is no digest is nobody", manifest: { subject: { digest: "sha256:../x" } } },
  ].map(({ what, manifest }, index) => ({
    name: `by digest: ${what}`,
    dialect: "zot" as const,
    headers: { "ce-type": "zotregistry.image.updated", "ce-id": "c4", "ce-specversion": "1.0" },
    body: { name: "team/app", reference: D2, digest: D2, manifest: JSON.stringify(manifest) },
    told: index === 0 ? [{ id: "c4", ...push(D1.replace(":", "-"), D2) }] : [],
  })),
  {
    name: "by digest, without the manifest: the registry is asked",
    dialect: "zot",
    headers: { "ce-type": "zotregistry.image.updated", "ce-id": "" },
    body: { name: "team/app", reference: D2, digest: D2 },
    told: [{ id: expect.stringMatching(/^[0-9a-f]{64}$/), action: "push", tag: null, digest: D2 }],
  },
  {
    name: "a deleted image, structured mode, another beginning of the type",
    dialect: "zot",
    body: {
      specversion: "1.0",
      id: "c2",
      source: "zotregistry.dev",
      type: "com.example.image.deleted",
      data: { name: "team/app", reference: "1.0", digest: D1 },
    },
    told: [{ id: "c2", action: "delete", tag: "1.0" }],
  },
  {
    name: "a new repository is no push",
    dialect: "zot",
    headers: { "ce-type": "zotregistry.repository.created", "ce-id": "c3" },
    body: { name: "team/app" },
    told: [],
  },
  {
    name: "a push",
    dialect: "docker-hub",
    body: {
      callback_url: "https://registry.hub.docker.com/u/team/app/hook/2141b5bi5i5b02bec211i4eeih0242eg11000a/",
      push_data: { pushed_at: 1_417_566_161, pusher: "trustedbuilder", tag: "1.0" },
      repository: { name: "app", namespace: "team", owner: "team", repo_name: "team/app", is_private: true },
    },
    told: [push("1.0", null)],
  },
  {
    name: "two tags in a list",
    dialect: "quay",
    body: {
      name: "app",
      repository: "team/app",
      namespace: "team",
      docker_url: "quay.io/team/app",
      homepage: "https://quay.io/repository/team/app",
      updated_tags: ["1.0", "latest"],
    },
    told: [push("1.0", null), push("latest", null)],
  },
  {
    name: "tags as a map",
    dialect: "quay",
    body: { repository: "team/app", updated_tags: { latest: "b750fe79" } },
    told: [push("latest", null)],
  },
  {
    name: "a finished build",
    dialect: "quay",
    body: { repository: "team/app", build_id: "296ec063", docker_tags: ["latest"] },
    told: [],
  },
  {
    name: "a published container, `registry_package`",
    dialect: "ghcr",
    headers: { "x-github-event": "registry_package", "x-github-delivery": "72d3162e" },
    body: { action: "published", registry_package: githubPackage() },
    told: [{ id: "72d3162e", ...push("1.0") }],
  },
  {
    name: "a published container, `package`",
    dialect: "ghcr",
    headers: { "x-github-delivery": "72d3162f" },
    body: { action: "updated", package: githubPackage({ package_type: "container" }) },
    told: [{ id: "72d3162f", ...push("1.0") }],
  },
  {
    name: "a package of npm, and a ping",
    dialect: "ghcr",
    body: { action: "published", package: githubPackage({ package_type: "npm" }) },
    told: [],
  },
  { name: "the ping after setting it up", dialect: "ghcr", body: { zen: "Design for failure." }, told: [] },
  {
    name: "one event",
    dialect: "generic",
    body: { repository: "team/app", tag: "1.0" },
    told: [push("1.0", null)],
  },
  {
    name: "several with ids",
    dialect: "generic",
    body: {
      events: [
        { id: "a", action: "push", repository: "team/app", tag: "1.0", digest: D1 },
        { id: "b", action: "delete", repository: "team/app", tag: "2.0" },
      ],
    },
    told: [
      { id: "a", ...push("1.0") },
      { id: "b", action: "delete", tag: "2.0" },
    ],
  },
];

describe("what each sender sends", () => {
  test.each(cases)("$dialect: $name", ({ dialect, body, headers, told }) => {
    const events = parse(dialect, body, headers);
    expect(events).toMatchObject(told);
    expect(events).toHaveLength(told.length);
  });
});

describe("what breaks the grammar is left out", () => {
  const names = ["../etc", "Team/App", "team//app", "team/app?x", "a".repeat(256), "", "team/app\u0000"];
  test.each(names)("repository %j", (repository) => {
    expect(parse("generic", { repository, tag: "1.0" })).toEqual([]);
  });

  test.each(["-x", "a/b", "a:b", "x".repeat(129), "\u202e", ""])("tag %j", (tag) => {
    expect(parse("generic", { repository: "team/app", tag })).toEqual([]);
  });

  test("a digest that is none is as good as unsaid", () => {
    const [event] = parse("generic", { repository: "team/app", tag: "1.0", digest: "sha256:../../x" });
    expect(event).toMatchObject(push("1.0", null));
  });

  test("an id is printable and short, and two that differ stay two", () => {
    const ids = [
      "a 1",
      "a1",
      "构建-1",
      "构建-2",
      "",
      `${"x".repeat(900)}1`,
      `${"x".repeat(900)}2`,
      "\u0000é",
    ];
    const tag = { action: "push", target: { repository: "team/app", tag: "1.0" } };
    const stored = ids
      .flatMap((id) => parse("distribution", { events: [{ id, ...tag }] }))
      .map(({ id }) => id);
    expect(new Set(stored).size).toBe(ids.length);
    for (const id of stored) {
      expect(id).toMatch(/^[\x21-\x7e]{1,200}$/);
    }
  });

  test("a push that names neither tag nor digest says nothing", () => {
    expect(parse("generic", { repository: "team/app" })).toEqual([]);
    expect(parse("generic", { repository: "team/app", digest: "sha256:zz" })).toEqual([]);
  });
});

describe("what is no event at all is refused", () => {
  const bodies = [
    "",
    "{",
    "null",
    "[]",
    '"x"',
    '{"events":{}}',
    '{"events":[1]}',
    '{"__proto__":{"tag":"1"}}',
  ];
  const dialects: DialectName[] = ["distribution", "harbor", "tcr", "zot", "docker-hub", "quay", "generic"];
  test.each(dialects.flatMap((dialect) => bodies.map((body) => [dialect, body] as const)))(
    "%s: %s",
    (dialect, body) => {
      expect(() => parse(dialect, body)).toThrow(UnreadableEvents);
    },
  );

  test("bytes that are no UTF-8", () => {
    const request = { header: () => null, body: Buffer.from([0x7b, 0xff, 0x7d]) };
    expect(() => parseEvents("generic", request)).toThrow(UnreadableEvents);
  });

  test("more events than a request may hold", () => {
    const events = (count: number) => ({
      events: Array.from({ length: count }, (_, n) => ({ repository: "team/app", tag: `${n}` })),
    });
    expect(parse("generic", events(MAX_EVENTS))).toHaveLength(MAX_EVENTS);
    expect(() => parse("generic", events(MAX_EVENTS + 1))).toThrow(UnreadableEvents);
  });
});

test("the same body is the same event where it holds a time, and another one where it holds none", () => {
  const idOf = (dialect: DialectName, body: object) => parse(dialect, body)[0]?.id;
  const timed = { type: "pushImage", occur_at: 1, event_data: resources("1.0") };
  const untimed = { repository: "team/app", updated_tags: ["1.0"] };
  expect(idOf("tcr", timed)).toBe(idOf("tcr", timed));
  expect(idOf("tcr", { ...timed, occur_at: 2 })).not.toBe(idOf("tcr", timed));
  expect(idOf("quay", untimed)).not.toBe(idOf("quay", untimed));
});
