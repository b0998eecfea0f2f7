import clsx from "clsx";

/** A bar where text will be. */
export function Skeleton({ width, height = 10 }: { width: number | string; height?: number }) {
  return (
    <span
      aria-hidden
      className="block max-w-full rounded-xs bg-sunken dark:bg-line"
      style={{ width, height }}
    />
  );
}

const TEXT_WIDTHS = [96, 128, 116, 96, 139, 127, 78, 110];

/** Where the filters of a list will be: `narrow` is its height below 768 px, where they stand below each other. */
export function FilterSpace({ narrow, className }: { narrow: string; className?: string }) {
  return <div className={clsx("h-[52px] shrink-0", narrow, className)} />;
}

interface SkeletonRowsProps {
  columns: number;
  /** Of each column's cells: away where the column is. */
  classes?: readonly (string | undefined)[];
  rows?: number;
  lines?: 1 | 2;
}

/** Rows of the same height as real ones; real heads stand above them. For inside the `<tbody>` of a `.ledger`, which says how cells stand. */
export function SkeletonRows({ columns, classes, rows = 8, lines = 2 }: SkeletonRowsProps) {
  return [...Array(rows).keys()].map((row) => (
    <tr
      key={row}
      aria-hidden
      className={clsx("late", lines === 2 ? "h-14" : "h-10")}
      style={{ opacity: 1 - row / (rows + 1) }}
    >
      {[...Array(columns).keys()].map((column) => (
        <td key={column} className={classes?.[column]}>
          <span className="flex flex-col gap-2">
            <Skeleton width={TEXT_WIDTHS[(row * 3 + column) % TEXT_WIDTHS.length] ?? 96} />
            {lines === 2 && column < 2 ? <Skeleton width={70} height={8} /> : null}
          </span>
        </td>
      ))}
    </tr>
  ));
}
