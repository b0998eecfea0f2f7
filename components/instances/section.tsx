import type { ReactNode } from "react";

interface SectionProps {
  title: string;
  /** Quiet words beside the heading. */
  beside?: ReactNode;
  children: ReactNode;
}

/** A part of a detail page: a heading, content, a hairline. */
export function Section({ title, beside, children }: SectionProps) {
  return (
    <section className="border-line border-b py-4 last:border-0">
      <div className="mb-2.5 flex flex-wrap items-baseline gap-x-3">
        <h2 className="text-section">{title}</h2>
        {beside ? <span className="text-ink-3 text-meta">{beside}</span> : null}
      </div>
      {children}
    </section>
  );
}
