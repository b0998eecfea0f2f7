import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const sourceOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const filesOf = (pattern: string): string[] =>
  globSync(pattern, { cwd: ROOT })
    .filter((path) => !/\.test\.tsx?$/.test(path))
    .sort();

/** What somebody may see who is nobody yet, and what must not need a session: each by name, with its reason. */
const PUBLIC = new Set([
  "app/login/page.tsx", // signing in
  "app/(console)/[...missing]/page.tsx", // says that there is no such page
  "app/setup/page.tsx", // guarded by the one-time token
  "app/api/healthz/route.ts", // for load balancers; says ok or not
  "app/api/events/[instanceId]/[[...secret]]/route.ts", // for registries: by a token of their own
]);

/** Every page and route, and the permissions that it asks for. A new one is entered here, or it is refused. */
const ENTRIES: Record<string, string[]> = {
  "app/(console)/account/page.tsx": ["account:view"],
  "app/(console)/audit/page.tsx": ["audit:view"],
  "app/(console)/instances/[id]/edit/page.tsx": ["instance:edit"],
  "app/(console)/instances/[id]/page.tsx": ["instance:view"],
  "app/(console)/instances/new/page.tsx": ["instance:create"],
  "app/(console)/instances/page.tsx": ["instance:list"],
  "app/(console)/notifications/page.tsx": ["notice:view"],
  "app/(console)/page.tsx": ["overview:view"],
  "app/(console)/rules/[id]/edit/page.tsx": ["instance:view", "rule:edit"],
  "app/(console)/rules/[id]/page.tsx": ["rule:view"],
  "app/(console)/rules/new/page.tsx": ["instance:view", "rule:create"],
  "app/(console)/rules/page.tsx": ["instance:list", "rule:view"],
  "app/(console)/settings/page.tsx": ["account:view", "settings:view"],
  "app/(console)/tasks/[id]/page.tsx": ["task:view"],
  "app/(console)/tasks/page.tsx": ["task:view"],
  "app/(console)/transfers/[id]/page.tsx": ["task:view"],
  "app/(console)/users/page.tsx": ["user:list"],
  "app/api/activity/route.ts": ["task:view"],
  "app/api/instances/[id]/namespaces/route.ts": ["instance:namespaces"],
  "app/api/instances/[id]/route.ts": ["instance:view"],
  "app/api/instances/concerns/route.ts": ["instance:list"],
  "app/api/instances/options/route.ts": ["instance:list"],
  "app/api/instances/route.ts": ["instance:list"],
  "app/api/live/route.ts": ["instance:list"],
  "app/(console)/rules/[id]/deletions/page.tsx": ["rule:view"],
  "app/api/rules/[id]/deletions/counts/route.ts": ["rule:view"],
  "app/api/rules/[id]/deletions/route.ts": ["rule:view"],
  "app/api/rules/[id]/impact/route.ts": ["rule:delete"],
  "app/api/rules/[id]/route.ts": ["rule:view"],
  "app/api/rules/cycle/route.ts": ["rule:create"],
  "app/api/rules/preview/route.ts": ["rule:edit", "rule:preview", "rule:trigger"],
  "app/api/rules/impact/route.ts": ["rule:switch"],
  "app/api/rules/route.ts": ["rule:view"],
  "app/api/tasks/[id]/deletions/route.ts": ["task:view"],
  "app/api/tasks/[id]/failures/route.ts": ["task:view"],
  "app/api/tasks/[id]/joins/route.ts": ["task:view"],
  "app/api/tasks/[id]/log/route.ts": ["task:view"],
  "app/api/tasks/[id]/route.ts": ["task:view"],
  "app/api/tasks/[id]/samples/route.ts": ["task:view"],
  "app/api/tasks/[id]/transfers/route.ts": ["task:view"],
  "app/api/tasks/route.ts": ["task:view"],
  "app/api/overview/route.ts": ["overview:view"],
  "app/(console)/topology/page.tsx": ["topology:view"],
  "app/api/topology/route.ts": ["topology:view"],
  "app/api/topology/rules/route.ts": ["topology:view"],
};

/** Reads by POST: what is asked is too long for a URL. */
const LONG_QUESTIONS = new Set(["app/api/rules/preview/route.ts"]);

/** Takes what a machine sends; it carries no cookie, so that no page of anybody's can send it for somebody. */
const MACHINES = new Set(["app/api/events/[instanceId]/[[...secret]]/route.ts"]);

/** Permissions that the calls of a source name. */
function permissionsOf(source: string, calls: string): string[] {
  const found = source.matchAll(new RegExp(`\\b(?:${calls})(?:<[^(]*>)?\\(\\s*"([a-z:-]+)"`, "g"));
  return [...new Set([...found].map(([, permission]) => permission ?? ""))].sort();
}

describe("pages and routes", () => {
  const files = filesOf("app/**/{page,route,default}.{ts,tsx,js,jsx}");

  test("each one has its entry, and each entry its file", () => {
    expect(files).toEqual([...Object.keys(ENTRIES), ...PUBLIC].sort());
  });

  test.each(Object.entries(ENTRIES))("%s asks for %j", (path, permissions) => {
    const calls = path.endsWith("/page.tsx") ? "authorizePage|authorize" : "respond|authorize";
    expect(permissionsOf(sourceOf(path), calls)).toEqual(permissions);
  });

  test.each(Object.keys(ENTRIES).filter((path) => path.endsWith("/page.tsx")))(
    "%s is guarded by authorizePage",
    (path) => {
      expect(permissionsOf(sourceOf(path), "authorizePage")).not.toEqual([]);
    },
  );

  test.each(Object.keys(ENTRIES).filter((path) => path.endsWith("/page.tsx")))(
    "%s answers its refusals itself, with their status",
    (path) => {
      expect(sourceOf(path)).toMatch(/^export default consolePage\(\w+, /m);
    },
  );

  test.each(files.filter((path) => /\/route\.tsx?$/.test(path)))("%s only reads", (path) => {
    const source = sourceOf(path);
    const methods = [...source.matchAll(/^export (?:async )?(?:function|const) ([A-Z]+)\b/gm)];
    expect(methods.map(([, method]) => method)).toEqual([
      LONG_QUESTIONS.has(path) || MACHINES.has(path) ? "POST" : "GET",
    ]);
    // What a form of another page could send asks where it comes from, although it changes nothing.
    expect(source.includes("fromOwnPage(request.headers)")).toBe(LONG_QUESTIONS.has(path));
  });

  test.each([...MACHINES])("%s asks who sends, before it reads what", (path) => {
    const source = sourceOf(path);
    const asks = source.indexOf("await authenticateSender(");
    expect(asks).toBeGreaterThan(0);
    expect(source.indexOf("parseEvents(dialect")).toBeGreaterThan(asks);
    expect(source).not.toMatch(/cookie|currentUser/);
  });

  test("a public page reads nothing that belongs to somebody", () => {
    for (const path of [...PUBLIC].filter(
      (name) => !name.endsWith("healthz/route.ts") && !MACHINES.has(name),
    )) {
      expect(sourceOf(path), path).not.toContain("lib/data/");
    }
  });
});

/** Before anybody is signed in. */
const OPEN_ACTIONS = [
  "claimSetupAction: setup:claim",
  "setBrowserLocaleAction: session:language",
  "signInAction: session:sign-in",
];

describe("actions", () => {
  const sources = filesOf("{app,components,lib}/**/*.{ts,tsx}").map(
    (path) => [path, sourceOf(path)] as const,
  );
  const marked = sources.filter(([, source]) => /^\s*["']use server["']/m.test(source));

  test("stand in lib/actions only, never inside a component", () => {
    expect(marked.map(([path]) => path)).toEqual(
      ["account", "deletions", "instances", "locale", "notices", "rules", "settings", "tasks", "users"].map(
        (name) => `lib/actions/${name}.ts`,
      ),
    );
    for (const [path, source] of marked) {
      expect(source.startsWith('"use server";'), path).toBe(true);
    }
  });

  test.each(marked)("%s exports nothing that is not made with a permission", (_path, source) => {
    const exported = [...source.matchAll(/^export (.*)$/gm)].map(([, rest]) => rest ?? "");
    expect(exported.length).toBeGreaterThan(0);
    for (const rest of exported) {
      expect(rest).toMatch(/^const [a-zA-Z]+Action = (?:action|openAction)\("[a-z:-]+", \{$/);
    }
  });

  test("only signing in, the set-up and the language before them are open", () => {
    const open = marked.flatMap(([, source]) =>
      [...source.matchAll(/^export const (\w+) = openAction\("([a-z:-]+)"/gm)].map(
        ([, name, permission]) => `${name}: ${permission}`,
      ),
    );
    expect(open.sort()).toEqual(OPEN_ACTIONS);
  });

  test("nobody but authorize makes an Actor", () => {
    const casts = sources.filter(([, source]) => /\bas (?:unknown as )?Actor\b/.test(source));
    expect(casts.map(([path]) => path)).toEqual(["lib/auth/authorize.ts"]);
  });
});
