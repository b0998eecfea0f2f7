"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";
import { usePathname, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { formatCount } from "@/lib/format/ratio.ts";
import { keepingPage } from "@/lib/format/search-href.ts";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { UserListQuery } from "@/lib/schemas/user.ts";
import { MATRIX_COLUMNS } from "@/lib/schemas/words.ts";
import { Link } from "../kit/link.tsx";
import { InstanceFilter } from "../live/instance-filter.tsx";

interface GrantColumnsProps {
  shown: readonly InstanceOption[];
  /** Of all instances. */
  total: number;
  query: Pick<UserListQuery, "instance" | "columns">;
}

/** Which instances the matrix shows, and the way to the others: a part after the other, or one by its name. */
export function GrantColumns({ shown, total, query }: GrantColumnsProps) {
  const t = useTranslations("users.matrix");
  const users = useTranslations("users");
  if (total <= MATRIX_COLUMNS) {
    return null;
  }
  const parts = Math.ceil(total / MATRIX_COLUMNS);
  const part = Math.min(query.columns, parts);
  const chosen = query.instance === undefined ? null : (shown[0] ?? null);
  const from = (part - 1) * MATRIX_COLUMNS;
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-6 py-2 text-ink-2 text-meta max-md:px-4">
      <InstanceFilter
        param="instance"
        label={t("instance")}
        all={users("allInstances")}
        chosen={chosen}
        keepsPage
      />
      {chosen ? null : (
        <nav aria-label={t("columns")} className="flex flex-wrap items-center gap-x-4">
          <span>
            {t("shown", {
              from: formatCount(from + 1),
              to: formatCount(from + shown.length),
              n: formatCount(total),
            })}
          </span>
          <Part to={part > 1 ? part - 1 : null} end={false} />
          <Part to={part < parts ? part + 1 : null} end />
        </nav>
      )}
    </div>
  );
}

function Part({ to, end }: { to: number | null; end: boolean }) {
  const t = useTranslations("users.matrix");
  const pathname = usePathname();
  const params = useSearchParams();
  const content = (
    <>
      {end ? null : <ChevronLeft aria-hidden className="size-3.5" />}
      {t(end ? "later" : "earlier")}
      {end ? <ChevronRight aria-hidden className="size-3.5" /> : null}
    </>
  );
  const look = "flex h-6 items-center gap-1 max-md:h-11";
  return to === null ? (
    <span aria-disabled className={`${look} text-ink-disabled`}>
      {content}
    </span>
  ) : (
    <Link
      href={keepingPage(pathname, params.toString(), { columns: to === 1 ? null : String(to) })}
      scroll={false}
      className={`${look} text-ink-2 hover:text-azurite-fg`}
    >
      {content}
    </Link>
  );
}
