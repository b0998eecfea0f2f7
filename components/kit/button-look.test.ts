import { expect, test } from "vitest";
import { type ButtonVariant, look } from "./button-look.ts";

const EDGE = "shadow-[inset";

test("a button that is off keeps its edge, and a quiet one, which has none, gets none", () => {
  const off = (variant: ButtonVariant) => look({ variant, off: true });
  for (const variant of ["primary", "plain", "danger"] as const) {
    expect(off(variant)).toContain(EDGE);
    expect(off(variant)).toContain("text-ink-disabled");
  }
  expect(off("quiet")).toContain("text-ink-disabled");
  expect(off("quiet")).not.toContain(EDGE);
});
