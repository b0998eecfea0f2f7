import { describe, expect, test } from "vitest";
import { changeLines, type ValueWords } from "./change-lines.ts";

const GRANTS: Record<string, string> = { view: "查看", receive: "接收" };
const words: ValueWords = { yes: "是", no: "否", set: "已设置", word: (stored) => GRANTS[stored] ?? null };

describe("the lines of a change", () => {
  test("a value that went and one that came", () => {
    expect(changeLines("v1", "v2", words)).toEqual([
      { kind: "removed", text: "v1" },
      { kind: "added", text: "v2" },
    ]);
    expect(changeLines(null, false, words)).toEqual([{ kind: "added", text: "否" }]);
    expect(changeLines("gone", "", words)).toEqual([{ kind: "removed", text: "gone" }]);
  });

  test("of a list what came and went, and how much stayed", () => {
    const target = (instance: string) => ({ instance, namespace: null });
    expect(changeLines([target("a"), target("b")], [target("b"), target("c")], words)).toEqual([
      { kind: "removed", text: "instance: a" },
      { kind: "added", text: "instance: c" },
      { kind: "kept", count: 1 },
    ]);
  });

  test("grants in words, a secret never", () => {
    expect(changeLines("view", "view + receive", words)).toEqual([
      { kind: "removed", text: "查看" },
      { kind: "added", text: "查看 + 接收" },
    ]);
    expect(changeLines("set", "set", words)).toEqual([{ kind: "added", text: "已设置" }]);
    expect(changeLines("view + other", null, words)).toEqual([{ kind: "removed", text: "view + other" }]);
  });
});
