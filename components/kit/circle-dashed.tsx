/** Of every icon of a status. */
export interface IconProps {
  size: number;
  strokeWidth: number;
  className: string;
  "aria-hidden": "true";
}

/** As lucide's, of one element instead of eight: a list has hundreds of it. */
export function CircleDashed({ size, strokeWidth, className }: IconProps) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={strokeWidth}
      className={className}
    >
      <circle cx="12" cy="12" r="10" strokeDasharray="4.2 3.654" strokeDashoffset="2.1" />
    </svg>
  );
}
