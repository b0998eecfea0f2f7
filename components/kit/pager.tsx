"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";
import { usePathname, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Link } from "./link.tsx";

interface PagerProps {
  /** Cursors of the page, as `Page<T>` carries them. */
  next: string | null;
  previous: string | null;
  size: number;
  /** Left part of the footer: a count, or the actions of a selection. */
  children?: ReactNode;
  sizes?: readonly number[];
}

/** The footer of a list: 上一页, 下一页 and the page size, all of them links that keep the other filters. */
export function Pager({ next, previous, size, children, sizes = [20, 50, 100] }: PagerProps) {
  const t = useTranslations("common");
  const pathname = usePathname();
  const params = useSearchParams();
  const href = (changes: Record<string, string | null>) => {
    const search = new URLSearchParams(params);
    search.delete("after");
    search.delete("before");
    for (const [key, value] of Object.entries(changes)) {
      if (value !== null) {
        search.set(key, value);
      }
    }
    const query = search.toString();
    return query ? `${pathname}?${query}` : pathname;
  };
  return (
    <footer className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 px-6 py-1 text-ink-2 text-meta max-md:px-4">
      {children}
      <nav aria-label={t("pager.label")} className="ml-auto flex flex-wrap items-center justify-end gap-x-4">
        <span className="flex items-center gap-1">
          {t("pager.perPage")}
          {sizes.map((choice) => (
            <Link
              key={choice}
              href={href({ size: String(choice) })}
              aria-current={choice === size ? "true" : undefined}
              className="flex h-6 min-w-6 items-center justify-center rounded-sm px-1 text-ink-3 hover:text-ink aria-[current]:bg-azurite-soft aria-[current]:text-azurite-fg max-md:h-11 max-md:min-w-11"
            >
              {choice}
            </Link>
          ))}
        </span>
        <PagerLink href={previous ? href({ before: previous }) : null} end={false}>
          {t("pager.previous")}
        </PagerLink>
        <PagerLink href={next ? href({ after: next }) : null} end>
          {t("pager.next")}
        </PagerLink>
      </nav>
    </footer>
  );
}

function PagerLink({ href, end, children }: { href: string | null; end: boolean; children: ReactNode }) {
  const content = (
    <>
      {end ? null : <ChevronLeft aria-hidden className="size-3.5" />}
      {children}
      {end ? <ChevronRight aria-hidden className="size-3.5" /> : null}
    </>
  );
  const look = "flex h-6 items-center gap-1 max-md:h-11";
  return href ? (
    <Link href={href} className={`${look} text-ink-2 hover:text-azurite-fg`}>
      {content}
    </Link>
  ) : (
    <span aria-disabled className={`${look} text-ink-disabled`}>
      {content}
    </span>
  );
}
