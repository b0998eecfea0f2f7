import { expect, test } from "vitest";
import { joinAll, joinClauses, joinList } from "./join.ts";

test("what is named in a sentence ends with a word, not a comma", () => {
  expect(joinAll(["SOURCE_PASSWORD", "TARGET_PASSWORD"], "en")).toBe("SOURCE_PASSWORD and TARGET_PASSWORD");
  expect(joinAll(["上海", "新加坡"], "zh-CN")).toBe("上海和新加坡");
  expect(joinAll(["SOURCE_PASSWORD"], "en")).toBe("SOURCE_PASSWORD");
});

test("each language has its own comma between words and between clauses", () => {
  expect(joinList(["上海", "新加坡"], "zh-CN")).toBe("上海、新加坡");
  expect(joinList(["Shanghai", "Singapore"], "en")).toBe("Shanghai, Singapore");
  expect(joinClauses(["失败3", "跳过5"], "zh-CN")).toBe("失败3，跳过5");
  expect(joinClauses(["3 failed", "5 skipped"], "en")).toBe("3 failed, 5 skipped");
});
