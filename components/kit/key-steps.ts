/** One press: a key with the modifiers that must be down. */
export interface KeyStep {
  /** As in `KeyboardEvent.key`; letters in lower case. */
  key: string;
  shift: boolean;
  /** Ctrl, or ⌘ on a Mac. */
  mod: boolean;
}

type Press = Pick<
  KeyboardEvent,
  "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey" | "isComposing"
>;

/** `g s` is two steps, `Shift+x`, `Mod+Enter` and `?` are one. */
export function parseKeys(keys: string): KeyStep[] {
  return keys.split(" ").map((step) => {
    const parts = step.split("+");
    const key = parts.pop() ?? "";
    return {
      key: key.length === 1 ? key.toLowerCase() : key,
      shift: parts.includes("Shift"),
      mod: parts.includes("Mod"),
    };
  });
}

const SYMBOLS: Record<string, readonly [plain: string, shifted: string]> = {
  Slash: ["/", "?"],
  BracketLeft: ["[", "{"],
  BracketRight: ["]", "}"],
};

/**
 * The step that a press makes, or null when it makes none: a modifier alone, Alt held, or text that an input method is
 * composing. On a layout that gives another script the key's place counts, so that `j` works on a Russian keyboard and
 * `?` with full-width punctuation.
 */
export function stepOf(press: Press): KeyStep | null {
  if (press.isComposing || press.altKey || /^(?:Shift|Control|Meta|Alt|AltGraph|Dead)$/.test(press.key)) {
    return null;
  }
  let { key } = press;
  if (key === "Process" || (key.length === 1 && key > "\u007f")) {
    const symbol = SYMBOLS[press.code];
    key = /^Key[A-Z]$/.test(press.code) ? press.code.slice(3) : (symbol?.[press.shiftKey ? 1 : 0] ?? key);
  }
  return {
    key: key.length === 1 ? key.toLowerCase() : key,
    shift: press.shiftKey,
    mod: press.ctrlKey || press.metaKey,
  };
}

/** Symbols carry their shift in themselves: `?` is `?` wherever a layout puts it. */
const isSymbol = (key: string) => key.length === 1 && !/[a-z0-9]/.test(key);

export function sameStep(wanted: KeyStep, pressed: KeyStep): boolean {
  return (
    wanted.key === pressed.key &&
    wanted.mod === pressed.mod &&
    (isSymbol(wanted.key) || wanted.shift === pressed.shift)
  );
}

/** Whether what was pressed so far is the whole of `steps`, their beginning, or neither. */
export function progress(
  steps: readonly KeyStep[],
  pressed: readonly KeyStep[],
): "whole" | "begun" | "other" {
  const fits = pressed.every((step, index) => {
    const wanted = steps[index];
    return wanted !== undefined && sameStep(wanted, step);
  });
  if (!fits) {
    return "other";
  }
  return steps.length === pressed.length ? "whole" : "begun";
}

/** A shortcut of printable characters alone, which WCAG 2.1.4 wants to be switched off. */
export function isCharacterKey(steps: readonly KeyStep[]): boolean {
  return steps.every(({ key, mod }) => key.length === 1 && !mod);
}
