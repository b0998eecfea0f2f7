import clsx from "clsx";
import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { Link } from "./link.tsx";

interface TableProps {
  /** What the table lists, for those who do not see the page. */
  caption: string;
  /** Column widths in px; `null` takes the rest. */
  widths?: readonly (number | null)[];
  /** Which of `widths` stay away between 768 and 1024 px; their cells carry `FROM_1024`. */
  later?: readonly number[];
  /** Classes of the columns, where their widths follow the window in a way of their own. */
  columns?: readonly string[];
  /** Below 768 px rows become articles; false keeps a table that scrolls sideways. */
  stacks?: boolean;
  children: ReactNode;
  className?: string;
}

/** Of a head or a cell whose column stays away below 1024 px; an article below 768 px shows it again. */
export const FROM_1024 = "md:max-lg:hidden";

/** The classes of a skeleton's cells, a column each. */
export const cellClasses = (columns: number, later: readonly number[]): (string | undefined)[] =>
  Array.from({ length: columns }, (_, column) => (later.includes(column) ? FROM_1024 : undefined));

export function Table(props: TableProps) {
  const { caption, widths, later = [], columns, stacks = true, children, className } = props;
  return (
    <div className={clsx("min-w-0", !stacks && "overflow-x-auto", className)}>
      <table
        className={clsx(
          "ledger w-full border-separate border-spacing-0",
          (widths || columns) && "table-fixed",
          stacks && "stacks",
        )}
      >
        <caption className="sr-only">{caption}</caption>
        {widths ? (
          <colgroup className="max-md:hidden">
            {widths.map((width, index) => (
              <col
                // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other identity and never move
                key={index}
                style={widthsOf(width, widths, later) as React.CSSProperties}
                className={clsx(
                  "w-(--few) lg:w-(--part) xl:w-(--full)",
                  later.includes(index) && "max-lg:hidden",
                )}
              />
            ))}
          </colgroup>
        ) : null}
        {columns ? (
          <colgroup className="max-md:hidden">
            {columns.map((column, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other identity and never move
              <col key={index} className={column} />
            ))}
          </colgroup>
        ) : null}
        {children}
      </table>
    </div>
  );
}

/** What the column that takes the rest counts for where all have to share: it holds sentences. */
const REST = 240;

/** From 1280 px a column has its width; below, those that are there share what there is in the same proportion. */
function widthsOf(
  width: number | null,
  all: readonly (number | null)[],
  later: readonly number[],
): Record<string, string> {
  const shareOf = (columns: readonly (number | null)[]) => {
    const sum = columns.reduce<number>((total, each) => total + (each ?? REST), 0);
    return `${((100 * (width ?? REST)) / sum).toFixed(2)}%`;
  };
  return {
    "--full": width === null ? "auto" : `${width}px`,
    "--part": shareOf(all),
    "--few": shareOf(all.filter((_, index) => !later.includes(index))),
  };
}

/** The head row; takes `HeadCell`s. */
export function Head({ children }: { children: ReactNode }) {
  return (
    <thead className="sticky top-0 z-10">
      <tr>{children}</tr>
    </thead>
  );
}

export type SortDirection = "ascending" | "descending" | null;

interface HeadCellProps {
  children?: ReactNode;
  align?: "left" | "right";
  /** Present on a column that can be sorted: its present direction. */
  sort?: SortDirection;
  /** Where a click on a sortable head leads. */
  sortHref?: string;
  onSort?: () => void;
  className?: string;
}

export function HeadCell({ children, align = "left", sort, sortHref, onSort, className }: HeadCellProps) {
  const sortable = sort !== undefined;
  const Arrow = sort === "ascending" ? ArrowUp : sort === "descending" ? ArrowDown : ArrowUpDown;
  const inner = sortable ? (
    <>
      {children}
      <Arrow aria-hidden className="size-3" />
    </>
  ) : (
    children
  );
  const sortLook = clsx("inline-flex items-center gap-1 hover:text-ink", sort && "text-ink-2");
  return (
    <th
      scope="col"
      aria-sort={sortable ? (sort ?? "none") : undefined}
      className={clsx(
        "h-[34px] border-line-strong border-b bg-surface px-2 font-medium text-ink-3 text-meta first:pl-6 xl:whitespace-nowrap last:pr-6",
        align === "right" ? "text-right" : "text-left",
        className,
      )}
    >
      {sortable && sortHref ? (
        <Link href={sortHref} scroll={false} className={sortLook}>
          {inner}
        </Link>
      ) : sortable && onSort ? (
        <button type="button" onClick={onSort} className={sortLook}>
          {inner}
        </button>
      ) : (
        inner
      )}
    </th>
  );
}

export function Body({ children }: { children: ReactNode }) {
  return <tbody>{children}</tbody>;
}

const ROW = { 1: "h-9", "1l": "h-10", 2: "h-14" } as const;

interface RowProps extends ComponentProps<"tr"> {
  /** 36 px one line, 40 px one line with room, 56 px two lines. */
  lines?: keyof typeof ROW;
  selected?: boolean;
  /** Open in the aside. */
  open?: boolean;
}

export function Row({ lines = 2, selected, open, className, ...rest }: RowProps) {
  return (
    <tr
      {...rest}
      aria-selected={selected || open || undefined}
      className={clsx(
        ROW[lines],
        "group/row transition-colors duration-(--t-fast)",
        selected || open ? "bg-selected" : "hover:bg-hover",
        open &&
          "max-md:shadow-[inset_3px_0_0_var(--azurite)] md:[&>:first-child]:shadow-[inset_3px_0_0_var(--azurite)]",
        className,
      )}
    />
  );
}

interface CellProps {
  children?: ReactNode;
  align?: "left" | "right";
  /** Names the cell below 768 px, where the head is gone. */
  label?: string;
  /** Takes a whole line below 768 px. */
  wide?: boolean;
  /** Takes two steps of such a line, so that what follows stays in line with what is above it. */
  double?: boolean;
  /** The cell that names its row. */
  rowHead?: boolean;
  colSpan?: number;
  /** More of it than its text, on hover. */
  title?: string | undefined;
  className?: string | undefined;
}

export function Cell(props: CellProps) {
  const { children, align = "left", label, wide, double, rowHead, colSpan, title, className } = props;
  const Tag = rowHead ? "th" : "td";
  return (
    <Tag
      scope={rowHead ? "row" : undefined}
      colSpan={colSpan}
      title={title}
      data-label={label}
      data-wide={(wide ?? rowHead) || undefined}
      data-double={double || undefined}
      className={align === "right" ? clsx("text-right", className) : className}
    >
      {children}
    </Tag>
  );
}
