"use client";

import { CircleCheck, OctagonX, TriangleAlert } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { formatSpan } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import type { InstanceConcern } from "@/lib/schemas/instance-health.ts";
import { CREDENTIAL_OLD_DAYS } from "@/lib/schemas/words.ts";
import { Link } from "../kit/link.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { reasonOf, useFailedReason } from "./connection-sentence.ts";
import { ageDays } from "./credential-age.tsx";

/** 需要处理: what is out of reach, refused, slow or old, with what hangs on it; the worst first. */
export function Concerns({ initial }: { initial: readonly InstanceConcern[] }) {
  const t = useTranslations("instances.concerns");
  const { data } = useQuery({
    queryKey: [...queryKeys.instances(), "concerns"],
    queryFn: ({ signal }) => fetchJson<InstanceConcern[]>("/api/instances/concerns", signal),
    initialData: initial,
  });
  return (
    <section aria-labelledby="concerns" className="max-w-[760px] px-6 pt-5 pb-6 max-md:px-4">
      <h2 id="concerns" className="mb-1.5 text-section">
        {t("title")}
      </h2>
      {data.length === 0 ? (
        <p className="flex items-center gap-2 text-ink-3">
          <CircleCheck aria-hidden className="size-3.5 stroke-[1.75] text-malachite-fg" />
          {t("none")}
        </p>
      ) : (
        <ul>
          {data.map((concern) => (
            <Concern key={`${concern.kind}${concern.instance.id}`} concern={concern} />
          ))}
        </ul>
      )}
    </section>
  );
}

const SEVERE: ReadonlySet<InstanceConcern["kind"]> = new Set(["unreachable", "credential-refused"]);

function Concern({ concern }: { concern: InstanceConcern }) {
  const t = useTranslations("instances.concerns");
  const { kind, instance, since, rules } = concern;
  const severe = SEVERE.has(kind);
  const Icon = severe ? OctagonX : TriangleAlert;
  const days = since ? ageDays(since) : 0;
  return (
    <li className="flex items-start gap-3 border-line border-t py-2.5">
      <Icon
        aria-hidden
        className={`mt-0.5 size-4 shrink-0 stroke-[1.75] ${severe ? "text-cinnabar-fg" : "text-gamboge-fg"}`}
      />
      <div className="min-w-0 flex-1">
        <p className="wrap-anywhere" suppressHydrationWarning>
          {kind === "credential-old"
            ? t("credential-old", { name: instance.name, n: days })
            : t(kind, { name: instance.name })}
        </p>
        <p className="text-ink-3 text-meta" suppressHydrationWarning>
          <Detail concern={concern} />
          {rules > 0 ? t("affects", { n: rules }) : null}
        </p>
      </div>
      <Link
        href={`/instances/${instance.id}`}
        aria-label={t("viewOf", { name: instance.name })}
        className="link inline-flex min-h-6 items-center whitespace-nowrap max-md:min-h-11"
      >
        {t("view")}
      </Link>
    </li>
  );
}

function Detail({ concern: { kind, since, code, detail } }: { concern: InstanceConcern }) {
  const t = useTranslations("instances.concerns");
  const reason = useFailedReason();
  const locale = useLocale() as Locale;
  if (kind === "credential-old") {
    return t("advice", { n: CREDENTIAL_OLD_DAYS });
  }
  if (kind === "slow") {
    return t("slowBody");
  }
  const duration = since ? formatSpan(Math.max(0, Date.now() - Date.parse(since)), locale) : null;
  // That the credentials were refused is what the line above says.
  if (duration && kind === "credential-refused" && reasonOf({ code, detail }) === "UNAUTHORIZED") {
    return t("lasting", { duration });
  }
  const words = reason({ code, detail });
  return duration ? t("since", { duration, reason: words }) : t("sinceUnknown", { reason: words });
}
