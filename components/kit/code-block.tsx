import { CopyButton } from "./copy-button.tsx";

interface CodeBlockProps {
  children: string;
  /** Null: not to be copied, since a part of it is hidden. */
  copyLabel?: string | null;
}

/** Text that a machine wrote or reads; wraps anywhere and can be copied. */
export function CodeBlock({ children, copyLabel }: CodeBlockProps) {
  return (
    <div className="relative rounded-sm bg-sunken">
      <pre className="whitespace-pre-wrap py-2 pr-9 pl-2.5 text-[12px] leading-5 wrap-anywhere">
        {children}
      </pre>
      {copyLabel === null ? null : (
        <span className="absolute top-1.5 right-1.5">
          <CopyButton value={children} label={copyLabel} />
        </span>
      )}
    </div>
  );
}
