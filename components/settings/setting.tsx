import type { ReactNode } from "react";

interface SettingsSectionProps {
  /** Anchor of the section. */
  id?: string;
  title: string;
  body?: string;
  /** Right in the heading's line. */
  action?: ReactNode;
  children: ReactNode;
}

/** A part of the settings: heading and explanation at the left, what it is about at the right. */
export function SettingsSection({ id, title, body, action, children }: SettingsSectionProps) {
  return (
    <section
      id={id}
      aria-labelledby={id ? `${id}-title` : undefined}
      className="grid scroll-mt-16 gap-x-10 gap-y-3 border-line border-b px-6 py-5 last:border-0 max-md:px-4 lg:grid-cols-[240px_minmax(0,1fr)]"
    >
      <div>
        <h2 id={id ? `${id}-title` : undefined} className="text-section">
          {title}
        </h2>
        {body ? <p className="mt-1 max-w-[60ch] text-ink-2 text-meta">{body}</p> : null}
        {action ? <div className="mt-3">{action}</div> : null}
      </div>
      <div className="min-w-0">{children}</div>
    </section>
  );
}

/** Facts one below the other: what, how much, and where it comes from. */
export function SettingList({ children }: { children: ReactNode }) {
  return (
    <dl className="grid max-w-[760px] grid-cols-[minmax(0,200px)_minmax(0,1fr)] [&_dt]:pr-3 max-sm:grid-cols-1">
      {children}
    </dl>
  );
}

interface SettingProps {
  label: string;
  children: ReactNode;
  /** Where it is set, or what it means. */
  note?: ReactNode;
  /** The environment variable that sets it, in the place of the note. */
  variable?: string;
}

export function Setting({
  label,
  children,
  variable,
  note = variable && <code>{variable}</code>,
}: SettingProps) {
  return (
    <div className="col-span-full grid grid-cols-subgrid border-line border-b py-2 last:border-0 max-sm:grid-cols-1">
      <dt className="text-ink-3">{label}</dt>
      <dd className="min-w-0 wrap-anywhere">
        {children}
        {note ? <span className="block text-ink-3 text-meta">{note}</span> : null}
      </dd>
    </div>
  );
}
