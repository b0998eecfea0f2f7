import { Check, Minus } from "lucide-react";
import { useTranslations } from "next-intl";

/** ✓, – and ?: it can, it cannot, nobody knows. Shape first; the word is there for who does not see it. */
export function CapabilityMark({ value }: { value: boolean | null }) {
  const t = useTranslations("instances.capabilities.mark");
  return (
    <span
      role="img"
      aria-label={t(value === null ? "unknown" : value ? "yes" : "no")}
      className="inline-flex size-4 items-center align-middle justify-center text-ink-3"
    >
      {value === null ? (
        "?"
      ) : value ? (
        <Check className="size-3.5 stroke-[1.9] text-malachite-fg" />
      ) : (
        <Minus className="size-3.5 stroke-[1.9] text-slate-fg" />
      )}
    </span>
  );
}
