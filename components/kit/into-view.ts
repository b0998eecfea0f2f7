/**
 * The `ref` of what is chosen in a row that scrolls sideways: beyond its edge it comes to its middle, at first and whenever the row has
 * another width, as when a phone is turned. At once, and the page itself does not move.
 */
export function intoView(chosen: HTMLElement | null): (() => void) | undefined {
  const row = chosen?.parentElement;
  if (!chosen || !row) {
    return undefined;
  }
  const observer = new ResizeObserver(() => {
    const [own, seen] = [chosen.getBoundingClientRect(), row.getBoundingClientRect()];
    if (own.left < seen.left || own.right > seen.right) {
      row.scrollLeft += (own.left + own.right - seen.left - seen.right) / 2;
    }
  });
  observer.observe(row);
  return () => observer.disconnect();
}
