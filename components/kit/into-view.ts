/**
 * The `ref` of what is chosen in a row that scrolls sideways: beyond its edge it comes into view, at first and whenever the row has
 * another width, as when a phone is turned. At once, and the page itself does not move.
 */
export function intoView(chosen: HTMLElement | null): (() => void) | undefined {
  const row = chosen?.parentElement;
  if (!chosen || !row) {
    return undefined;
  }
  const observer = new ResizeObserver(() => {
    if (row.scrollWidth > row.clientWidth) {
      row.scrollLeft += middleOf(chosen) - middleOf(row);
    }
  });
  observer.observe(row);
  return () => observer.disconnect();
}

function middleOf(element: HTMLElement): number {
  const { left, width } = element.getBoundingClientRect();
  return left + width / 2;
}
