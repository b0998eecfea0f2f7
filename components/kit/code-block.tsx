import { CopyButton } from "./copy-button.tsx";

/** Text that a machine wrote or reads; wraps anywhere and can be copied. */
export function CodeBlock({ children, copyLabel }: { children: string; copyLabel?: string }) {
  return (
    <div className="relative rounded-sm bg-sunken">
      <pre className="whitespace-pre-wrap py-2 pr-9 pl-2.5 text-[12px] leading-5 wrap-anywhere">
        {children}
      </pre>
      <span className="absolute top-1.5 right-1.5">
        <CopyButton value={children} label={copyLabel} />
      </span>
    </div>
  );
}
