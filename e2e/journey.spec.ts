import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { clientOf, skopeoDigest, skopeoPull } from "../lib/testing/clients.ts";
import { type Artifact, image, layer } from "../lib/testing/content.ts";
import { type DockerRegistry, startDockerRegistry } from "../lib/testing/docker-registry.ts";
import { helmChart } from "../lib/testing/helm-chart.ts";
import { pushContent } from "../lib/testing/push-content.ts";
import type { RunningRegistry } from "../lib/testing/registry/server.ts";
import { temporaryRegistry } from "../lib/testing/registry/temporary-registry.ts";
import { slowBlobs } from "../lib/testing/slow-blobs.ts";
import { openStage, type Stage } from "../scripts/measure/stage.ts";
import { LANGUAGES, type Language, pattern, wordsOf } from "../scripts/words.ts";
import {
  beginning,
  expectTaskStatus,
  fillInstance,
  openRulesOf,
  ruleRow,
  signIn,
  signOut,
} from "./journey.ts";

/** The guide, as a person follows it: one browser, one story, each test a chapter; told once in each language. */
test.describe.configure({ mode: "serial" });

const ROOT = { username: "zhoumin", password: "the first door is open" };
const CHEN = { username: "chenli", password: "a sub-account of ours" };
const ACCOUNT = { username: "robot", password: "target-secret-4711" };
const MIB = 1024 * 1024;

const NAMES: Record<
  Language,
  Record<"root" | "chen" | "source" | "target" | "region" | "description", string>
> = {
  "zh-CN": {
    root: "周敏",
    chen: "陈立",
    source: "上海",
    target: "新加坡",
    region: "华东",
    description: "交易镜像，同步到新加坡",
  },
  en: {
    root: "Zhou Min",
    chen: "Chen Li",
    source: "Shanghai",
    target: "Singapore",
    region: "East China",
    description: "Images of trade, synced to Singapore",
  },
};

const base = layer("journey base", 256 * 1024);
const big = image({ layers: [base, layer("journey big", 3 * MIB)] });
const small = (name: string): Artifact => image({ layers: [base, layer(name, 48 * 1024)] });
const api = { "v1.0.0": small("api 1"), "v1.1.0": small("api 2") };

/** The first is told to the console that all specs share, the others to one of their own: a console is set up once. */
async function consoleFor(language: Language): Promise<Pick<Stage, "origin" | "setupUrl" | "stop">> {
  return language === LANGUAGES[0]
    ? {
        origin: process.env.E2E_ORIGIN ?? "",
        setupUrl: process.env.E2E_SETUP_URL ?? "",
        stop: async () => undefined,
      }
    : openStage("empty", 1);
}

for (const language of LANGUAGES) {
  test.describe(language, () => tell(language));
}

function tell(language: Language): void {
  const t = wordsOf(language);
  const names = NAMES[language];
  // Half a minute, or until the test has seen it move.
  const slow = slowBlobs(MIB / 8);
  let own: Pick<Stage, "origin" | "setupUrl" | "stop">;
  let source: RunningRegistry;
  let target: DockerRegistry;
  let page: Page;

  const open = async (browser: Browser): Promise<Page> => {
    const context = await browser.newContext({ baseURL: own.origin, locale: language });
    return context.newPage();
  };
  const connected = (how: string, n: number) =>
    pattern(
      t("instances.test.ok", { how: t(`instances.test.authentication.${how}`), n, latency: 7 }).replace(
        "7",
        "{latency}",
      ),
    );
  /** `v(?=1)`: what stands at its second character is no RE2. */
  const patternTrouble = () =>
    pattern(
      t("pattern.unsupported", { position: 2, fragment: "{fragment}", reason: t("pattern.look-around") }),
    );

  test.beforeAll(async ({ browser }) => {
    own = await consoleFor(language);
    source = await temporaryRegistry({ intercept: slow.intercept });
    target = await startDockerRegistry({ htpasswd: ACCOUNT });
    slow.slow(big, 2 * MIB);
    await pushContent(source.origin, "trade/worker", "v2.0.0", big);
    for (const [tag, artifact] of Object.entries(api)) {
      await pushContent(source.origin, "trade/order-api", tag, artifact);
    }
    await pushContent(source.origin, "trade/order-api", "nightly", small("nightly"));
    await pushContent(
      source.origin,
      "trade/charts/web",
      "1.0.0",
      helmChart({ name: "web", version: "1.0.0" }),
    );
    await pushContent(source.origin, "scratch/tmp", "v1.0.0", small("scratch"));
    page = await open(browser);
  });

  test.afterAll(async () => {
    await page?.close();
    await source?.stop();
    await target?.stop();
    await own?.stop();
  });

  test("sets the console up by the one-time link, once", async ({ browser }) => {
    const setupUrl = own.setupUrl ?? "";
    await page.goto(setupUrl);
    await page.getByLabel(t("auth.username")).fill(ROOT.username);
    await page.getByLabel(t("auth.displayName")).fill(names.root);
    await page
      .getByLabel(beginning(t("auth.password")), { exact: false })
      .first()
      .fill("short");
    await page.getByLabel(t("auth.passwordAgain")).fill("other");
    await page.getByRole("button", { name: t("auth.setup.next") }).click();
    await expect(page.getByText(t("validation.password-short")).first()).toBeVisible();
    await expect(page).toHaveURL(/\/setup/);
    await page
      .getByLabel(beginning(t("auth.password")))
      .first()
      .fill(ROOT.password);
    await page.getByLabel(t("auth.passwordAgain")).fill(ROOT.password);
    await page.getByRole("button", { name: t("auth.setup.next") }).click();
    await expect(page).toHaveURL(/\/instances\/new/);

    const stranger = await open(browser);
    await stranger.goto(setupUrl);
    await expect(stranger).not.toHaveURL(/\/setup/);
    await stranger.close();
  });

  test("signs out and in again; a wrong password is refused in words", async () => {
    await page.goto("/instances");
    await signOut(page, t);
    await page.getByLabel(t("auth.username")).fill(ROOT.username);
    await page.getByLabel(t("auth.password"), { exact: true }).fill("not the password");
    await page.getByRole("button", { name: t("auth.signIn") }).click();
    await expect(page.getByText(t("errors.sign-in-failed"))).toBeVisible();
    await signIn(page, t, ROOT);
  });

  test("registers two instances and tests their connections", async () => {
    await page.goto("/instances/new");
    await page.getByRole("button", { name: t("instances.form.create") }).click();
    await expect(
      page.getByText(pattern(t("common.fieldsToFix", { n: 7 }).replace("7", "{n}"))),
    ).toBeVisible();
    await fillInstance(page, t, { name: names.source, region: names.region, address: source.origin });
    await page.getByRole("button", { name: t("instances.form.test") }).click();
    await expect(page.getByText(connected("anonymous", 4))).toBeVisible();
    await page.getByRole("button", { name: t("instances.form.create") }).click();
    await expect(page.getByRole("heading", { name: names.source })).toBeVisible();

    await page.goto("/instances/new");
    await fillInstance(page, t, { name: names.target, region: names.region, address: target.origin });
    await page.getByRole("button", { name: t("instances.form.test") }).click();
    await expect(
      page.getByText(new RegExp(t("errors.failure.login-required.title", { inst: "" }))),
    ).toBeVisible();
    await page.getByLabel(t("instances.form.username"), { exact: true }).fill(ACCOUNT.username);
    await page.getByLabel(beginning(t("instances.form.password"))).fill("wrong");
    await page.getByRole("button", { name: t("instances.form.test") }).click();
    await expect(
      page.getByText(new RegExp(t("errors.failure.credentials.title", { inst: "", status: "" }))),
    ).toBeVisible();
    await page.getByLabel(beginning(t("instances.form.password"))).fill(ACCOUNT.password);
    await page.getByRole("button", { name: t("instances.form.test") }).click();
    await expect(page.getByText(connected("basic", 0))).toBeVisible();
    await page.getByRole("button", { name: t("instances.form.create") }).click();
    await expect(page.getByRole("heading", { name: names.target })).toBeVisible();
    await expect(page.getByText(ACCOUNT.password)).toHaveCount(0);

    await page.getByRole("link", { name: t("instances.edit") }).click();
    await page.getByLabel(t("instances.region")).fill(names.target);
    await page.getByRole("button", { name: t("instances.form.save") }).click();
    await expect(page.getByText(t("instances.form.saved"), { exact: true })).toBeVisible();
    await expect(page).toHaveURL(/\/instances\/[0-9a-f-]+$/);
  });

  test("switches the current instance", async () => {
    await page.goto("/rules");
    const switcher = page.getByRole("button", { name: beginning(t("rules.switcher.label")) });
    await switcher.click();
    await page.getByRole("option", { name: new RegExp(names.source) }).click();
    await expect(switcher).toContainText(names.source);
    await expect(page.getByText(t("rules.empty.title", { instance: names.source }))).toBeVisible();
    const there = page.url();
    await page.reload();
    expect(page.url()).toBe(there);
    await expect(switcher).toContainText(names.source);
    await page.goto("/rules?view=tasks");
    await expect(page).toHaveURL(/instance=.*view=tasks|view=tasks.*instance=/);
    await page.goto(there);
  });

  test("creates a rule with every field; it appears enabled and back-fills", async () => {
    await page.getByRole("link", { name: t("rules.empty.action") }).click();
    await expect(page.getByRole("heading", { name: t("rules.form.titleNew") })).toBeVisible();
    await page.getByRole("button", { name: t("rules.form.submit"), exact: true }).click();
    await expect(
      page.getByText(pattern(t("common.fieldsToFix", { n: 7 }).replace("7", "{n}"))),
    ).toBeVisible();

    await page
      .getByLabel(beginning(t("rules.form.name")))
      .first()
      .fill("trade-sg");
    await page.getByLabel(t("rules.form.description")).fill(names.description);
    await expect(page.getByLabel(t("rules.form.sourceInstance"))).toHaveValue(new RegExp(names.source));
    const namespace = page.getByRole("combobox", { name: beginning(t("rules.form.namespace")) });
    await namespace.click();
    await page.getByRole("option", { name: "trade" }).click();
    const tagPattern = page.getByLabel(t("rules.form.tagPattern"), { exact: true });
    await tagPattern.fill("v(?=1)");
    await expect(page.getByText(patternTrouble())).toBeVisible();
    await tagPattern.fill("v\\d+\\..*");
    await expect(page.getByText(patternTrouble())).toHaveCount(0);
    await page.getByLabel(t("rules.form.repositoryPattern"), { exact: true }).fill("(order|work).*");
    await page.getByRole("radio", { name: t("rules.type.image") }).click();
    await page.getByRole("combobox", { name: new RegExp(t("rules.form.targetInstance")) }).click();
    await page.getByRole("option", { name: new RegExp(names.target) }).click();
    await page.getByRole("combobox", { name: new RegExp(t("rules.form.targetNamespace")) }).fill("trade-sg");
    const override = page.getByRole("switch", { name: t("rules.form.override") });
    await expect(override).not.toBeChecked();
    await override.click();
    await expect(page.getByText(t("preview.overwriteNote.none"))).toBeVisible();
    await override.click();
    await expectPreview();
    await expect(page.getByRole("checkbox", { name: t("rules.form.backfill") })).toBeChecked();
    await page.getByRole("button", { name: t("rules.form.submit"), exact: true }).click();

    // Nothing had been synced before: saving leads to the first task.
    await expect(page).toHaveURL(/\/tasks\/[0-9a-f-]+$/);
    await openRulesOf(page, t, names.source);
    const row = ruleRow(page, "trade-sg");
    await expect(row.getByRole("switch")).toBeChecked();
  });

  /** What the form showed before anything was saved: the tags that match, and why another one does not. */
  async function expectPreview(): Promise<void> {
    const preview = page.getByRole("complementary", { name: t("preview.title") });
    await expect(preview.getByText(t("preview.repositories.of", { n: 3 }))).toBeVisible();
    const rows = preview.getByRole("table", { name: t("preview.caption") }).getByRole("row");
    await expect(rows.filter({ hasText: t("preview.verdict.copy") })).toHaveCount(3);
    await expect(rows.filter({ hasText: "worker" })).toContainText("v2.0.0");
    await expect(rows.filter({ hasText: "nightly" })).toHaveCount(0);
    await preview.getByLabel(t("preview.probe.label")).fill("order-api:nightly");
    await expect(preview.getByText(t("preview.probe.tag.none", { text: "nightly" }))).toBeVisible();
    await preview.getByLabel(t("preview.probe.label")).fill("order-api:v1.0.0");
    await expect(preview.getByRole("status").getByText(t("preview.verdict.copy"))).toBeVisible();
    await expect(
      preview.getByText(t("preview.canRead", { instance: names.source, ns: "trade" })),
    ).toBeVisible();
  }

  test("the log shows the task live to its end: ratio, repositories, duration", async () => {
    await ruleRow(page, "trade-sg").getByRole("link", { name: "trade-sg", exact: true }).click();
    await expect(page.getByRole("heading", { name: t("rules.log") })).toBeVisible();
    const log = page.getByRole("row").filter({ hasText: "#1" });
    await expect(log.getByText(new RegExp(t("status.task.running")))).toBeVisible();
    slow.release();
    // Nothing is reloaded from here on: the page hears of the end by itself.
    await expect(log.getByText(t("status.task.succeeded"), { exact: true })).toBeVisible({ timeout: 60_000 });
    await expect(log).toContainText("3/3");
    await expect(log).toContainText(/\d:\d\d/);
    await expect(log.getByRole("cell").filter({ hasText: /^2$/ })).toBeVisible();
  });

  test("what arrived is byte for byte what was pushed, and nothing else", async () => {
    const registry = clientOf(target, { account: ACCOUNT, plainHttp: true });
    expect(await skopeoDigest(registry, "trade-sg/worker", "v2.0.0")).toBe(big.manifest.digest);
    expect(await skopeoDigest(registry, "trade-sg/order-api", "v1.1.0")).toBe(api["v1.1.0"].manifest.digest);
    await skopeoPull(registry, "trade-sg/worker", "v2.0.0");
    await expect(skopeoDigest(registry, "trade-sg/order-api", "nightly")).rejects.toThrow();
    await expect(skopeoDigest(registry, "trade-sg/charts/web", "1.0.0")).rejects.toThrow();
  });

  /** In the log: what stands around it may name the task too. */
  const taskLink = (number: string) =>
    page.getByRole("row").filter({ hasText: number }).getByRole("link", { name: number, exact: true });

  test("opens the task and sees each transfer", async () => {
    await taskLink("#1").click();
    await expect(page).toHaveURL(/\/tasks\//);
    await expectTaskStatus(page, t("status.task.succeeded"));
    await expect(page.getByRole("row").filter({ hasText: t("status.transfer.copied") })).toHaveCount(3);
    await page.getByRole("link", { name: t("transfers.open", { name: "trade/worker:v2.0.0" }) }).click();
    const { digest } = big.manifest;
    await expect(page.getByText(`sha256:${digest.slice(7, 13)}…${digest.slice(-6)}`)).toBeVisible();
  });

  test("triggers by hand: everything is up to date", async () => {
    await openRulesOf(page, t, names.source);
    await ruleRow(page, "trade-sg")
      .getByRole("button", { name: t("rules.trigger"), exact: true })
      .click();
    await expect(page.getByText(t("rules.toast.triggered", { rule: "trade-sg" }))).toBeVisible();
    await ruleRow(page, "trade-sg").getByRole("link", { name: "trade-sg", exact: true }).click();
    const log = page.getByRole("row").filter({ hasText: "#2" });
    await expect(log.getByText(t("status.task.succeeded"), { exact: true })).toBeVisible({ timeout: 30_000 });
    await taskLink("#2").click();
    await expect(page.getByRole("row").filter({ hasText: t("status.transfer.up-to-date") })).toHaveCount(3);
  });

  test("switches a rule off and on; a disabled one is not triggered", async () => {
    await openRulesOf(page, t, names.source);
    const row = ruleRow(page, "trade-sg");
    await row.getByRole("switch").click();
    await expect(row.getByRole("switch")).not.toBeChecked();
    await expect(page.getByText(t("rules.toast.disabled", { rule: "trade-sg" }))).toBeVisible();
    await page.reload();
    await expect(row.getByRole("switch")).not.toBeChecked();
    await expect(row.getByText(t("rules.trigger"), { exact: true })).toHaveAttribute("aria-disabled", "true");
    await row.getByRole("switch").click();
    // It turns before it is saved, and what is edited next is what was saved.
    await expect(page.getByText(t("rules.toast.enabled", { rule: "trade-sg" }))).toBeVisible();
    await expect(row.getByRole("switch")).toBeChecked();
  });

  test("configures every parameter; the next task follows the new rule", async () => {
    await ruleRow(page, "trade-sg")
      .getByRole("link", { name: t("rules.configure"), exact: true })
      .click();
    await expect(page.getByRole("heading", { name: t("rules.form.titleEdit") })).toBeVisible();
    await page
      .getByLabel(beginning(t("rules.form.name")))
      .first()
      .fill("all-charts");
    await page.getByLabel(t("rules.form.description")).fill("");
    const namespace = page.getByRole("combobox", { name: beginning(t("rules.form.namespace")) });
    await namespace.fill("trade/charts");
    await page.getByLabel(t("rules.form.repositoryPattern"), { exact: true }).fill("");
    await page.getByLabel(t("rules.form.tagPattern"), { exact: true }).fill("");
    await page.getByRole("radio", { name: t("rules.type.chart") }).click();
    await page.getByRole("combobox", { name: new RegExp(t("rules.form.targetNamespace")) }).fill("charts");
    await page.getByRole("switch", { name: t("rules.form.override") }).click();
    await page.getByRole("button", { name: t("rules.form.save"), exact: true }).click();
    await expect(page.getByText(t("rules.toast.saved"), { exact: true })).toBeVisible();
    await expect(page.getByRole("heading", { name: "all-charts" })).toBeVisible();
    await page.getByRole("button", { name: t("rules.trigger"), exact: true }).click();
    const log = page.getByRole("row").filter({ hasText: "#3" });
    await expect(log.getByText(t("status.task.succeeded"), { exact: true })).toBeVisible({ timeout: 30_000 });
    const registry = clientOf(target, { account: ACCOUNT, plainHttp: true });
    expect(await skopeoDigest(registry, "charts/web", "1.0.0")).toMatch(/^sha256:/);
  });

  test("a sub-account sees and does exactly what it was granted", async ({ browser }) => {
    await page.goto("/users");
    await page.getByRole("button", { name: t("users.create.action") }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(beginning(t("auth.username"))).fill(CHEN.username);
    await dialog.getByLabel(t("auth.displayName")).fill(names.chen);
    await dialog.getByLabel(beginning(t("users.create.password"))).fill(CHEN.password);
    await dialog.getByRole("button", { name: t("users.create.submit") }).click();
    await expect(page.getByText(t("users.create.done"))).toBeVisible();

    const chen = await open(browser);
    await signIn(chen, t, CHEN);
    await chen.goto("/rules");
    await expect(chen.getByText(t("rules.noInstance.otherTitle"))).toBeVisible();

    const grant = async (level: string) => {
      await page.goto("/users?view=grants");
      await page
        .getByRole("checkbox", {
          name: t("users.matrix.slot", {
            user: names.chen,
            instance: names.source,
            grant: t(`common.grant.${level}`),
          }),
        })
        .click();
      await page.getByRole("button", { name: t("users.matrix.save") }).click();
      await expect(page.getByText(t("users.matrix.saved"))).toBeVisible();
    };
    await grant("view");
    await chen.goto("/rules");
    await expect(ruleRow(chen, "all-charts")).toBeVisible();
    await expect(ruleRow(chen, "all-charts").getByText(t("rules.trigger"), { exact: true })).toHaveAttribute(
      "aria-disabled",
      "true",
    );
    const ruleHref = await chen.getByRole("link", { name: "all-charts", exact: true }).getAttribute("href");
    const refused = await chen.goto(`${ruleHref}/edit`);
    expect(refused?.status()).toBe(403);
    await expect(
      chen.getByRole("heading", {
        name: t("common.forbidden.title", { instance: names.source, grant: t("common.grant.manage") }),
      }),
    ).toBeVisible();
    expect((await chen.goto("/users"))?.status()).toBe(403);

    await grant("operate");
    await chen.goto("/rules");
    await ruleRow(chen, "all-charts")
      .getByRole("button", { name: t("rules.trigger"), exact: true })
      .click();
    await expect(chen.getByText(t("rules.toast.triggered", { rule: "all-charts" }))).toBeVisible();

    await grant("manage");
    await chen.goto(`/rules/new?instance=${await instanceIdOf(chen)}`);
    await expect(chen.getByText(t("rules.form.noTargets"))).toBeVisible();

    await page.goto("/users");
    await page
      .getByRole("row")
      .filter({ hasText: CHEN.username })
      .getByRole("button", { name: t("users.disableOf", { name: CHEN.username }) })
      .click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: t("users.disable.action") })
      .click();
    await expect(page.getByText(t("users.disabled"), { exact: true }).first()).toBeVisible();
    await chen.goto("/rules");
    await expect(chen).toHaveURL(/\/login/);
    await chen.close();
  });

  async function instanceIdOf(chen: Page): Promise<string> {
    await chen.goto("/rules");
    await expect(chen).toHaveURL(/instance=/);
    return new URL(chen.url()).searchParams.get("instance") ?? "";
  }

  for (const scheme of ["light", "dark"] as const) {
    test(`axe finds nothing on any page, ${scheme}`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto("/tasks");
      const task = await page
        .getByRole("link", { name: /^#\d+$/ })
        .first()
        .getAttribute("href");
      const instance = `/instances/${await instanceIdOf(page)}`;
      const paths = ["/rules", "/rules/new?instance=", "/tasks", task ?? "", "/instances", instance];
      const others = ["/instances/new", "/users", "/users?view=grants", "/audit", "/account", "/nowhere"];
      const found: string[] = [];
      for (const path of [...paths, ...others]) {
        await page.goto(path.endsWith("instance=") ? path + instance.split("/").at(-1) : path);
        await expect(page.getByRole("main")).toBeVisible();
        const { violations } = await new AxeBuilder({ page })
          .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
          .analyze();
        found.push(
          ...violations.map(
            ({ id, nodes }) => `${path}: ${id} ${nodes[0]?.target.join(" ")} (${nodes.length})`,
          ),
        );
      }
      expect(found).toEqual([]);
    });
  }

  test("deletes the rule after its name is typed; the images stay", async () => {
    await openRulesOf(page, t, names.source);
    await ruleRow(page, "all-charts")
      .getByRole("button", { name: t("rules.remove"), exact: true })
      .click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(t("rules.delete.input")).fill("all");
    await dialog.getByRole("button", { name: new RegExp(t("rules.delete.confirm")) }).click();
    await expect(dialog.getByText(t("common.dialog.nameDiffers", { name: "all-charts" }))).toBeVisible();
    await dialog.getByLabel(t("rules.delete.input")).fill("all-charts");
    await dialog.getByRole("button", { name: new RegExp(t("rules.delete.confirm")) }).click();
    await expect(page.getByText(t("rules.delete.done", { rule: "all-charts" }))).toBeVisible();
    await expect(ruleRow(page, "all-charts")).toHaveCount(0);
    const registry = clientOf(target, { account: ACCOUNT, plainHttp: true });
    expect(await skopeoDigest(registry, "trade-sg/worker", "v2.0.0")).toBe(big.manifest.digest);
  });

  test("the audit page tells who did what, and no secret", async () => {
    await page.goto("/audit");
    await expect(page.getByRole("row").filter({ hasText: "all-charts" }).first()).toBeVisible();
    const text = (await page.getByRole("main").textContent()) ?? "";
    expect(text).not.toContain(ACCOUNT.password);
    expect(text).not.toContain(ROOT.password);
  });
}
