/** The first character of a name on a small square; drawn by CSS, so that it is no part of what is read or copied. */
export function Avatar({ name, onRail = false }: { name: string; onRail?: boolean }) {
  const first = [...name.trim()][0]?.toUpperCase() ?? "·";
  return (
    <span
      aria-hidden
      data-initial={first}
      className={
        onRail
          ? "flex size-6 before:content-[attr(data-initial)] shrink-0 items-center justify-center rounded-sm bg-rail-2 font-medium text-[12px] text-rail-ink"
          : "flex size-7 before:content-[attr(data-initial)] shrink-0 items-center justify-center rounded-sm bg-sunken font-medium text-ink-2"
      }
    />
  );
}
