import { expect, type Page, test } from "@playwright/test";
import { wordsOf } from "../scripts/words.ts";
import { beginning, scriptsTookOver } from "./journey.ts";
import { rootConsole } from "./root-context.ts";

/** What the console promises beyond its pages: nobody's edit is lost, the drawing needs no mouse, a key ends the preview of the last one. */
const t = wordsOf("zh-CN");
// Only how long a busy machine takes is not known.
test.describe.configure({ timeout: 300_000 });
const root = rootConsole({ height: 900, reducedMotion: "reduce" });

async function opened(path: string, ready = "main :is(button, input)"): Promise<Page> {
  const page = await root.context.newPage();
  await page.goto(path);
  await scriptsTookOver(page, ready);
  return page;
}

const ruleId = (name: string) => root.stage.seeded.rules[name]?.id ?? "";
const description = (page: Page) => page.getByLabel(beginning(t("rules.form.description")));
const save = (page: Page) => page.getByRole("button", { name: t("rules.form.save"), exact: true }).click();

test("a rule that somebody else saved meanwhile: who, what differs, and whose counts; nothing is lost", async () => {
  const path = `/rules/${ruleId("just-created")}/edit`;
  const [mine, theirs] = [await opened(path), await opened(path)];
  await description(theirs).fill("theirs");
  await save(theirs);
  await theirs.waitForURL((url) => !url.pathname.endsWith("/edit"));

  await description(mine).fill("mine");
  await save(mine);
  const conflict = mine.getByRole("alert").filter({ hasText: t("rules.conflict.show") });
  await expect(conflict).toContainText("zhoumin");
  await conflict.getByRole("button", { name: t("rules.conflict.show") }).click();
  const line = conflict.getByRole("row", { name: new RegExp(t("rules.form.description")) });
  await expect(line).toContainText("theirs");
  await expect(line).toContainText("mine");
  await conflict.getByRole("button", { name: t("rules.conflict.keepMine") }).click();
  await mine.waitForURL((url) => !url.pathname.endsWith("/edit"));

  const again = await opened(path);
  await expect(description(again)).toHaveValue("mine");
  await Promise.all([mine, theirs, again].map((page) => page.close()));
});

test("grants that are not saved yet stay, and are named, while other instances and members are looked at", async () => {
  const page = await opened("/users?view=grants", "main [data-column]");
  const slot = page.locator('[data-row="0"][data-column="0"]');
  const label = (await slot.getAttribute("aria-label")) ?? "";
  const held = await slot.getAttribute("aria-checked");
  await slot.click();
  await expect(slot).not.toHaveAttribute("aria-checked", held ?? "");
  const bar = page.getByRole("status").filter({ hasText: t("users.matrix.unsaved", { n: 1 }) });
  const [member = ""] = label.split(" × ");
  await page.getByRole("link", { name: t("users.matrix.later") }).click();
  await expect(page).toHaveURL(/columns=2/);
  await expect(slot).not.toHaveAttribute("aria-label", label);
  await page.getByRole("searchbox").fill("nobody");
  await expect(page).toHaveURL(/q=nobody/);
  await expect(page.getByRole("rowheader")).toHaveCount(1);
  await expect(bar).toBeVisible();
  await expect(page.locator("footer").filter({ has: bar })).toContainText(member);
  await page.close({ runBeforeUnload: false });
});

test("the drawing without a mouse: arrows go along its lines, Space chooses a place, Enter opens it", async () => {
  const page = await opened("/topology");
  const first = page.locator(`[data-place="${root.stage.seeded.instances.shanghai}"]`);
  await first.focus();
  await page.keyboard.press("ArrowRight");
  await expect(first).not.toBeFocused();
  await expect(page.locator("[data-place]:focus")).toHaveCount(1);
  await page.keyboard.press("ArrowLeft");
  await expect(page.locator("[data-place]:focus")).toHaveCount(1);

  await first.focus();
  await page.keyboard.press("Space");
  await expect(page).toHaveURL(new RegExp(`at=${root.stage.seeded.instances.shanghai}`));
  await expect(first).toHaveAttribute("aria-current", "true");
  await expect(first).toBeFocused();
  await page.keyboard.press("Shift+Space");
  await expect(page).toHaveURL(/from=.*to=/);
  const line = page.url();
  await page.keyboard.press("Shift+Space");
  await expect(page).not.toHaveURL(line);
  await expect(page).toHaveURL(/from=.*to=/);
  await expect(first).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/instances/${root.stage.seeded.instances.shanghai}$`));
  await page.close();
});

test("the drawing is seen whole in a window of another size, too, until it is moved: then it stays", async () => {
  const page = await opened("/topology");
  const pane = page.locator(".react-flow__pane");
  const places = page.locator("[data-place]");
  /** How far the places reach out of the frame, px. */
  const outside = async () => {
    const frame = await pane.boundingBox();
    const boxes = await places.evaluateAll((all) =>
      all.map((place) => {
        const { left, right, top, bottom } = place.getBoundingClientRect();
        return { left, right, top, bottom };
      }),
    );
    expect(boxes.length).toBeGreaterThan(3);
    const { x, y, width, height } = frame ?? { x: 0, y: 0, width: 0, height: 0 };
    return Math.max(
      ...boxes.map((box) =>
        Math.max(x - box.left, y - box.top, box.right - x - width, box.bottom - y - height),
      ),
    );
  };
  const left = async () => Math.round((await places.first().boundingBox())?.x ?? Number.NaN);

  await expect(places.first()).toBeVisible();
  await expect.poll(outside).toBeLessThanOrEqual(0);
  const before = await left();
  await page.setViewportSize({ width: 1800, height: 900 });
  await expect.poll(left).not.toBe(before);
  await expect.poll(outside).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect.poll(left).toBe(before);
  await expect.poll(outside).toBeLessThanOrEqual(0);

  const { x, y } = (await pane.boundingBox()) ?? { x: 0, y: 0 };
  await page.mouse.move(x + 4, y + 4);
  await page.mouse.down();
  await page.mouse.move(x + 64, y + 4, { steps: 6 });
  await page.mouse.up();
  const moved = before + 60;
  await expect.poll(left).toBe(moved);
  await page.setViewportSize({ width: 1500, height: 900 });
  // The frame has its new size; whoever heard of it has drawn.
  await expect.poll(async () => (await pane.boundingBox())?.width).toBeGreaterThan(1250);
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
  );
  expect(await left()).toBe(moved);
  await page.close();
});

test("the next key ends the preview of the last one", async () => {
  const page = await root.context.newPage();
  const sent: string[] = [];
  const ended: string[] = [];
  const patternOf = (body: string | null) => (JSON.parse(body ?? "{}").draft?.tagPattern ?? "") as string;
  page.on("requestfailed", (request) => {
    if (request.url().endsWith("/api/rules/preview")) {
      ended.push(patternOf(request.postData()));
    }
  });
  await page.route("**/api/rules/preview", async (route) => {
    sent.push(patternOf(route.request().postData()));
    // The first expression is never answered: only the page itself can end its request.
    if (!sent.at(-1)?.startsWith("1")) {
      await route.continue();
    }
  });
  await page.goto(`/rules/${ruleId("just-created")}/edit`);
  await scriptsTookOver(page, "main input");
  const field = page.getByLabel(t("rules.form.tagPattern"), { exact: true });
  await field.fill("1");
  await expect.poll(() => sent).toContain("1");
  await field.fill("2");
  await expect.poll(() => ended).toContain("1");
  await expect.poll(() => sent).toContain("2");
  await page.close();
});

test("an id is copied by a browser that has no clipboard for pages without TLS, and the focus stays", async () => {
  const page = await root.context.newPage();
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
  });
  await page.goto("/tasks");
  await scriptsTookOver(page, "main tbody button");
  const button = page.locator("main tbody button").first();
  const copied = page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener("copy", () => resolve(String(document.getSelection())), { once: true });
      }),
  );
  const id = await page.locator("main tbody th a").first().textContent();
  await button.focus();
  await page.keyboard.press("Enter");
  expect(await copied).toBe(id);
  await expect(button).toHaveAttribute("data-copied", "true");
  await expect(button).toBeFocused();
  await expect(page.getByRole("status").filter({ hasText: t("common.copy.done") })).toHaveCount(1);
  await page.close();
});
