import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "./link.tsx";

interface PageHeadProps {
  /** The way here; the last one, the page itself, has no href. */
  crumbs?: readonly { label: string; href?: string }[];
  title: ReactNode;
  /** Beside the title: a switcher, a badge, a summary. */
  beside?: ReactNode;
  /** A line under the title. */
  facts?: ReactNode;
  /** Right in the title row; one primary button at most. */
  actions?: ReactNode;
  /** The hairline below; off where tabs or a table head draw it. */
  line?: boolean;
  /** 64 px without padding, for tabs inside the title row. */
  flush?: boolean;
}

/** On a narrow screen the actions of a detail are a row of their own; that of a list stands beside its title, its search below. */
const ROW = "max-md:ml-0 max-md:w-full";
const AMONG = "max-md:contents max-md:[&>:is(a,button):first-of-type]:ml-auto";

export function PageHead({
  crumbs,
  title,
  beside,
  facts,
  actions,
  line = true,
  flush = false,
}: PageHeadProps) {
  return (
    <header
      className={clsx(
        "shrink-0 px-6 max-md:px-4",
        crumbs ? "pt-3 pb-4" : flush ? "max-md:py-3" : "py-4 max-md:py-3",
        line && "border-line border-b",
      )}
    >
      {crumbs ? <Crumbs items={crumbs} /> : null}
      <div className={clsx("flex min-h-8 flex-wrap items-center gap-x-4 gap-y-2", crumbs && "mt-1")}>
        <h1 className="wrap-anywhere">{title}</h1>
        {beside}
        {actions ? (
          <div
            className={clsx("ml-auto flex flex-wrap items-center gap-2 md:justify-end", crumbs ? ROW : AMONG)}
          >
            {actions}
          </div>
        ) : null}
      </div>
      {facts ? <div className="mt-1.5 text-ink-2 max-md:mt-2">{facts}</div> : null}
    </header>
  );
}

function Crumbs({ items }: { items: readonly { label: string; href?: string }[] }) {
  return (
    <nav aria-label="breadcrumb">
      <ol className={clsx("flex items-center gap-1.5 text-ink-3 text-meta", items.length > 2 && "flex-wrap")}>
        {items.map((item, index) => (
          <li
            key={`${item.href ?? ""}${item.label}`}
            className="flex min-w-0 items-center gap-1.5 first:shrink-0"
          >
            {index > 0 ? <ChevronRight aria-hidden className="size-3 shrink-0" /> : null}
            {item.href ? (
              <Link href={item.href} className="truncate hover:text-azurite-fg hover:underline">
                {item.label}
              </Link>
            ) : (
              <span aria-current="page" className="truncate text-ink-2">
                {item.label}
              </span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
