import { describe, expect, test } from "vitest";
import { isCharacterKey, parseKeys, progress, stepOf } from "./key-steps.ts";

const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
  stepOf({
    key,
    code: "",
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    isComposing: false,
    ...more,
  });
const pressed = (...steps: (ReturnType<typeof press> | null)[]) => steps.filter((step) => step !== null);

describe("key steps", () => {
  test("a sequence begins, is whole, or is another", () => {
    const keys = parseKeys("g s");
    expect(progress(keys, pressed(press("g")))).toBe("begun");
    expect(progress(keys, pressed(press("g"), press("s")))).toBe("whole");
    expect(progress(keys, pressed(press("g"), press("t")))).toBe("other");
    expect(progress(keys, pressed(press("g"), press("s"), press("s")))).toBe("other");
  });

  test("Shift tells letters apart and belongs to symbols; Caps Lock changes nothing", () => {
    expect(progress(parseKeys("x"), pressed(press("X", { shiftKey: true })))).toBe("other");
    expect(progress(parseKeys("Shift+x"), pressed(press("X", { shiftKey: true })))).toBe("whole");
    expect(progress(parseKeys("x"), pressed(press("X")))).toBe("whole");
    expect(progress(parseKeys("?"), pressed(press("?", { shiftKey: true })))).toBe("whole");
  });

  test("Mod is Ctrl or ⌘, and a letter with it is another key", () => {
    expect(progress(parseKeys("Mod+Enter"), pressed(press("Enter", { metaKey: true })))).toBe("whole");
    expect(progress(parseKeys("Mod+Enter"), pressed(press("Enter", { ctrlKey: true })))).toBe("whole");
    expect(progress(parseKeys("c"), pressed(press("c", { ctrlKey: true })))).toBe("other");
  });

  test("another script's keyboard presses by place", () => {
    expect(progress(parseKeys("j"), pressed(press("о", { code: "KeyJ" })))).toBe("whole");
    expect(progress(parseKeys("?"), pressed(press("？", { code: "Slash", shiftKey: true })))).toBe("whole");
  });

  test("composing, Alt and modifiers alone are no step", () => {
    expect(press("a", { isComposing: true })).toBeNull();
    expect(press("a", { altKey: true })).toBeNull();
    expect(press("Shift", { shiftKey: true })).toBeNull();
  });

  test("what WCAG 2.1.4 wants off is told from the rest", () => {
    expect(["g s", "?", "/", "Shift+x", "["].every((keys) => isCharacterKey(parseKeys(keys)))).toBe(true);
    expect(["Escape", "Mod+Enter", "Mod+s", "Enter"].some((keys) => isCharacterKey(parseKeys(keys)))).toBe(
      false,
    );
  });
});
