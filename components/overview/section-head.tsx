import { Link } from "../kit/link.tsx";

/** The heading of a part of the page, what it counts, and the way to all of it. */
export function SectionHead({
  title,
  note,
  links = [],
}: {
  title: string;
  note?: string | undefined;
  links?: readonly { href: string; label: string }[];
}) {
  return (
    <div className="flex min-h-12 flex-wrap items-center gap-x-3 px-6 pt-2 max-md:px-4">
      <h2 className="text-section">{title}</h2>
      {note ? <span className="text-ink-3 text-meta">{note}</span> : null}
      <span className="ml-auto flex gap-4">
        {links.map(({ href, label }) => (
          <Link key={href} href={href} className="link inline-flex min-h-6 items-center">
            {label}
          </Link>
        ))}
      </span>
    </div>
  );
}
