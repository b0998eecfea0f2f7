/** Two parallel stairs: source and target climbing in step. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      strokeWidth="2.6"
      strokeLinejoin="miter"
      aria-hidden="true"
      className="shrink-0"
    >
      <path d="M2 15.5h5.2v-5.2h5.2V5.1h9.1" stroke="var(--rail-ink)" />
      <path d="M2.5 21.4h9.9v-5.2h5.2v-5.2h4.4" stroke="oklch(0.66 0.12 239)" />
    </svg>
  );
}
