/**
 * The import law (ARCHITECTURE.md): each folder names what it may import; everything else is refused.
 * `lib/law.test.ts` runs it and plants a violation to see that it bites.
 */
const LIB = "^lib/";
const own = (folder) => `^lib/${folder}/`;
const npm = (...names) => `^node_modules/(${names.join("|")})/`;
/** Marks a folder that may use the modules of Node. */
const NODE = "node";

const ENGINE = ["^lib/registry/", "^lib/sync/"];
const law = {
  "lib/registry": [
    own("registry"),
    NODE,
    npm("undici", "http-link-header", "@types/http-link-header", "yaml", "p-limit", "tldts"),
  ],
  "lib/pattern": [own("pattern"), npm("re2js", "semver", "@types/semver")],
  "lib/schemas": [
    own("schemas"),
    "^lib/errors\\.ts$",
    own("pattern"),
    "^lib/registry/(?:reference|digest|media-types)\\.ts$",
    npm("zod"),
  ],
  "lib/events": [
    own("events"),
    own("pattern"),
    "^lib/sync/destination\\.ts$",
    "^lib/schemas/words\\.ts$",
    "^lib/registry/(?:reference|digest|digest-tag)\\.ts$",
    NODE,
    npm("zod"),
  ],
  "lib/notices": [
    own("notices"),
    own("format"),
    own("schemas"),
    "^lib/registry/(?:post|errors)\\.ts$",
    "^messages/",
    NODE,
  ],
  "lib/sync": [own("sync"), own("registry"), own("pattern"), own("schemas"), NODE, npm("p-limit", "semver")],
  "lib/db": [
    own("db"),
    own("schemas"),
    "^lib/(?:config|secrets|errors|log)\\.ts$",
    NODE,
    npm("drizzle-orm", "pg", "@types/pg", "uuid"),
    "^drizzle/",
  ],
  "lib/queue": [
    own("queue"),
    own("db"),
    own("schemas"),
    "^lib/(?:config|errors)\\.ts$",
    NODE,
    npm("drizzle-orm", "pg-boss", "uuid", "pg", "@types/pg"),
  ],
  "lib/jobs": [
    own("jobs"),
    own("events"),
    own("queue"),
    own("db"),
    own("schemas"),
    own("pattern"),
    own("notices"),
    ...ENGINE,
    "^lib/(?:config|errors|secrets|log)\\.ts$",
    NODE,
    npm("drizzle-orm", "pg-boss", "pg", "@types/pg", "pino", "uuid", "p-limit"),
  ],
  "lib/data": [
    own("data"),
    own("events"),
    own("notices"),
    own("queue"),
    own("db"),
    own("schemas"),
    "^lib/(?:errors|secrets)\\.ts$",
    "^lib/auth/(?:actor|permissions)\\.ts$",
    // What is certain of a failure is told also to whom its registry's words are not.
    "^lib/format/failure-key\\.ts$",
    NODE,
    npm("drizzle-orm", "uuid", "server-only", "next"),
  ],
  "lib/auth": [
    own("auth"),
    own("db"),
    own("events"),
    own("schemas"),
    "^lib/(?:config|errors|secrets|log|pseudo-locale)\\.ts$",
    NODE,
    npm("next-auth", "@auth", "drizzle-orm", "next", "@node-rs", "server-only", "uuid"),
  ],
  "lib/actions": [
    own("actions"),
    own("auth"),
    own("data"),
    own("schemas"),
    own("pattern"),
    own("registry"),
    own("notices"),
    "^lib/sync/(?:scan|plan|selection|destination|preview|probe-tag|remembered-registry|open-stores|both-stores)\\.ts$",
    "^lib/(?:errors|config|log)\\.ts$",
    NODE,
    npm("next", "next-intl", "zod", "server-only", "uuid"),
  ],
  "lib/cli": [
    own("cli"),
    own("pattern"),
    own("schemas"),
    own("format"),
    ...ENGINE,
    "^lib/(?:config|errors)\\.ts$",
    "^messages/",
    NODE,
  ],
  "lib/format": [own("format"), own("schemas"), "^messages/"],
  "lib/testing": [own("testing"), own("db"), own("schemas"), NODE, npm("pg", "@types/pg", "drizzle-orm", "uuid", "@swc")],
  components: [
    "^components/",
    "^lib/actions/",
    "^lib/(?:schemas|pattern|format)/",
    "^lib/registry/(?:reference|digest)\\.ts$",
    "^lib/sync/probe\\.ts$",
    npm(
      "react",
      "react-dom",
      "@types/react",
      "@types/react-dom",
      "next",
      "next-intl",
      "use-intl",
      "radix-ui",
      "@radix-ui",
      "cmdk",
      "lucide-react",
      "clsx",
      "@xyflow",
      "geist",
    ),
  ],
  app: [
    "^app/",
    "^components/",
    "^lib/(?:actions|auth|data|events|schemas|format|registry|pattern)/",
    "^lib/sync/(?:scan|plan|selection|destination)\\.ts$",
    // Which version this is.
    "^package\\.json$",
    "^lib/(?:errors|config|log)\\.ts$",
    NODE,
    npm(
      "react",
      "react-dom",
      "@types/react",
      "@types/react-dom",
      "next",
      "next-intl",
      "use-intl",
      "geist",
      "next-auth",
      "lucide-react",
      "clsx",
      "zod",
      "server-only",
    ),
  ],
};

module.exports = {
  forbidden: [
    ...Object.entries(law).map(([folder, allowed]) => ({
      name: `law-${folder.replace("/", "-")}`,
      severity: "error",
      comment: `${folder} may import only what the import law names`,
      // `x.testing.ts` is what the tests beside it share.
      from: { path: `^${folder}/`, pathNot: "\\.test(?:ing)?\\.tsx?$" },
      to: {
        pathNot: allowed.filter((path) => path !== NODE),
        ...(allowed.includes(NODE) ? { dependencyTypesNot: ["core"] } : {}),
      },
    })),
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "testing-is-not-product",
      severity: "error",
      from: { path: "^(?:app|components|lib)/", pathNot: "(?:^lib/testing/|\\.test(?:ing)?\\.tsx?$)" },
      to: { path: "^lib/testing/" },
    },
    {
      name: "not-resolvable",
      severity: "error",
      from: { path: `${LIB}|^app/|^components/` },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};
