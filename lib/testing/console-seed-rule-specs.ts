import type { rules } from "../db/schema/rules.ts";

type RuleRow = typeof rules.$inferInsert;

interface SeededTargetSpec {
  to: string;
  namespace?: string | null;
  paused?: true;
}

/** One rule of the seeded console; `key` is its name unless the name is long. */
interface RuleSpec
  extends Partial<
    Pick<
      RuleRow,
      | "description"
      | "repositoryPattern"
      | "tagPattern"
      | "override"
      | "onEvent"
      | "excludeTagPattern"
      | "semverRange"
      | "newestTags"
      | "platforms"
    >
  > {
  key: string;
  name?: string;
  from: string;
  namespace: string;
  type: RuleRow["resourceType"];
  targets: readonly SeededTargetSpec[];
  disabled?: true;
  /** `dueInHours` below zero: missed, nobody fired it. */
  schedule?: { cron: string; timeZone: string; dueInHours: number };
  verify?: {
    after: RuleRow["verifyAfter"];
    schedule: { cron: string; timeZone: string; deep: boolean };
  };
}

const LONG_NAME = "finance-compliance-archive-all-regions-two-cities-three-centres1";
const LONG_PATTERN =
  "(?:order|payment|settlement|reconciliation|risk|ledger|invoice|treasury)-(?:api|worker|gateway|cron|migrations)(?:-canary)?";

/** All types and targets, some that no page is made for: long, paused, disabled, never run, with markup in them. */
export const RULES: readonly RuleSpec[] = [
  {
    key: "trade-to-singapore",
    from: "shanghai",
    namespace: "trade",
    repositoryPattern: "(order|pay|cart)-.*",
    tagPattern: "v\\d+\\.\\d+\\.\\d+",
    type: "image",
    description: "交易业务的正式版本同步到新加坡",
    targets: [{ to: "singapore" }],
  },
  {
    key: "charts-to-frankfurt",
    schedule: { cron: "30 2 * * *", timeZone: "Asia/Shanghai", dueInHours: 10 },
    from: "shanghai",
    namespace: "charts",
    type: "chart",
    description: "所有 Helm Chart",
    targets: [{ to: "frankfurt", namespace: "cn/charts" }],
  },
  {
    key: "base-everywhere",
    from: "shanghai",
    namespace: "library",
    repositoryPattern: "(alpine|debian|distroless)/.*",
    type: "all",
    override: true,
    description: "基础镜像，一处构建，各地可用",
    targets: [
      { to: "singapore" },
      { to: "frankfurt", namespace: "mirror/library" },
      { to: "virginia" },
      { to: "tokyo", namespace: "" },
      { to: "hangzhou" },
      { to: "jakarta", paused: true },
    ],
  },
  {
    key: "nightly-to-hangzhou",
    onEvent: false,
    schedule: { cron: "0 1 * * *", timeZone: "Asia/Shanghai", dueInHours: 9 },
    from: "shanghai",
    namespace: "nightly",
    tagPattern: "nightly-\\d{8}",
    type: "image",
    targets: [{ to: "hangzhou" }],
  },
  {
    key: "payments-prod",
    from: "shanghai",
    namespace: "payments",
    tagPattern: "prod-.*",
    type: "image",
    override: true,
    description: "支付：覆盖 prod 标签",
    targets: [{ to: "beijing", namespace: "payments-dr" }],
  },
  {
    key: "risk-models",
    from: "shanghai",
    namespace: "risk/models",
    type: "all",
    targets: [{ to: "singapore" }],
  },
  {
    key: "archive-2024",
    onEvent: false,
    from: "shanghai",
    namespace: "archive",
    type: "all",
    disabled: true,
    description: "2024 年归档，已经做完",
    targets: [{ to: "hangzhou", namespace: "archive/2024" }],
  },
  {
    key: "partners-jakarta",
    from: "shanghai",
    namespace: "partners",
    type: "image",
    description: "合作方镜像",
    targets: [{ to: "jakarta", namespace: "partners-id", paused: true }],
  },
  {
    key: "just-created",
    from: "shanghai",
    namespace: "sandbox",
    type: "image",
    targets: [{ to: "singapore" }],
  },
  {
    key: "longest",
    onEvent: false,
    schedule: { cron: "0 4 * * 1,4", timeZone: "Europe/Berlin", dueInHours: -5 },
    name: LONG_NAME,
    from: "shanghai",
    namespace: "finance-compliance/archive/with/a/namespace/that/goes/on/for/quite/a/while/and-then-some",
    repositoryPattern: LONG_PATTERN,
    tagPattern:
      "v(?:0|[1-9]\\d*)\\.(?:0|[1-9]\\d*)\\.(?:0|[1-9]\\d*)(?:-(?:alpha|beta|rc)\\.\\d+)?(?:\\+[0-9A-Za-z.-]+)?",
    type: "image",
    description: "a".repeat(200),
    targets: [
      { to: "longest", namespace: "a/target/namespace/that/is/rather/long/as/well" },
      { to: "singapore" },
    ],
  },
  {
    key: "hub-mirror",
    from: "shanghai",
    namespace: "dockerhub",
    excludeTagPattern: ".*-(?:debug|windows.*)",
    semverRange: ">=1.20 <2",
    newestTags: 10,
    platforms: { mode: "sparse", names: ["linux/amd64", "linux/arm64"] },
    type: "all",
    targets: [{ to: "hangzhou" }],
  },
  {
    key: "ml-datasets",
    onEvent: false,
    schedule: { cron: "5 3 1,15 * *", timeZone: "America/Argentina/Buenos_Aires", dueInHours: 60 },
    from: "shanghai",
    namespace: "ml",
    repositoryPattern: "datasets/.*",
    type: "all",
    targets: [{ to: "beijing" }],
  },
  {
    key: "markup",
    from: "shanghai",
    namespace: "markup",
    type: "image",
    description: '<script>alert("1")</script> \u202eright to left\u202c 🚀🚀 {name} %s',
    targets: [{ to: "hostile" }, { to: "rtl" }],
  },
  {
    key: "everything",
    from: "shanghai",
    namespace: "",
    type: "all",
    description: "所有仓库，所有版本",
    verify: { after: "shallow", schedule: { cron: "0 3 * * 0", timeZone: "Asia/Shanghai", deep: true } },
    targets: [{ to: "hangzhou", namespace: "all-of-shanghai" }],
  },
  { key: "queue-me", from: "shanghai", namespace: "queue", type: "image", targets: [{ to: "singapore" }] },
  {
    key: "hangzhou-to-shanghai",
    from: "hangzhou",
    namespace: "build",
    tagPattern: "release-.*",
    type: "image",
    targets: [{ to: "shanghai", namespace: "from-hangzhou" }],
  },
  {
    key: "back-from-singapore",
    from: "singapore",
    namespace: "shared",
    type: "all",
    disabled: true,
    targets: [{ to: "shanghai" }],
  },
  {
    key: "singapore-to-jakarta",
    from: "singapore",
    namespace: "trade",
    type: "image",
    targets: [{ to: "jakarta" }],
  },
  {
    // Both of its ends are there: its form has something to preview.
    key: "lab-releases",
    from: "lab",
    namespace: "commerce",
    excludeTagPattern: ".*-(?:rc|beta).*",
    semverRange: ">=1.8 <4",
    newestTags: 1,
    type: "image",
    description: "实验仓库的最新正式版本",
    targets: [{ to: "lab-mirror", namespace: "mirror/commerce" }],
  },
  {
    key: "frankfurt-to-london",
    from: "frankfurt",
    namespace: "eu",
    type: "all",
    targets: [{ to: "london" }],
  },
];
