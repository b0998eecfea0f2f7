import clsx from "clsx";
import type { RuleTrigger } from "@/lib/schemas/words.ts";

/** Of the line from source to target: solid for events, dashed for a schedule, dotted by hand. */
export const DASH: Record<RuleTrigger, string | undefined> = {
  event: undefined,
  schedule: "3 2",
  manual: "1 2.4",
};

export function strongestOf(triggers: readonly RuleTrigger[]): RuleTrigger {
  return (["event", "schedule"] as const).find((trigger) => triggers.includes(trigger)) ?? "manual";
}

interface PathGlyphProps {
  triggers: readonly RuleTrigger[];
  enabled: boolean;
  className?: string;
}

/** Ring to disc: solid for events, dashed for a schedule, dotted by hand; slate when the rule is off. The words stand beside it. */
export function PathGlyph({ triggers, enabled, className }: PathGlyphProps) {
  const colour = enabled ? "var(--azurite-fill)" : "var(--slate-fill)";
  return (
    <svg
      width="10"
      height="36"
      viewBox="0 0 10 36"
      aria-hidden="true"
      className={clsx("shrink-0", className)}
    >
      <circle cx="5" cy="8" r="3" fill="none" stroke={colour} strokeWidth="1.5" />
      <path d="M5 11.5V24" stroke={colour} strokeWidth="1.5" strokeDasharray={DASH[strongestOf(triggers)]} />
      <circle cx="5" cy="28" r="3.5" fill={colour} />
    </svg>
  );
}
