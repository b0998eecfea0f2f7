/** Words of the rail: not to be seen beside the icons of the narrow one until the pointer or the focus is on it. */
export const RAIL_LABEL =
  "opacity-0 transition-opacity duration-(--t-base) group-hover/rail:opacity-100 group-has-focus-visible/rail:opacity-100 group-has-aria-expanded/rail:opacity-100 xl:opacity-100";
