import { useTranslations } from "next-intl";
import { GRANTS } from "@/lib/schemas/instance.ts";
import { GrantSample } from "./grant-slot.tsx";

export function GrantLegend() {
  const t = useTranslations("users.matrix");
  const grants = useTranslations("common.grant");
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-7 gap-y-2 border-line border-y bg-canvas px-6 py-[13px] max-md:px-4">
      {GRANTS.map((grant) => (
        <span key={grant} className="flex items-center gap-2">
          <GrantSample grant={grant} />
          <span className="font-medium">{grants(grant)}</span>
          <span className="text-ink-3 text-meta">{t(`legend.${grant}`)}</span>
        </span>
      ))}
      <span className="ml-auto flex items-center gap-2 text-ink-3 text-meta">
        <i aria-hidden className="size-2 rounded-full bg-gamboge-fill" />
        {t("unsavedMark")}
      </span>
    </div>
  );
}
