import clsx from "clsx";
import type { ReactNode } from "react";

export type TreadState = "waiting" | "active" | "done" | "broken";

interface TreadProps {
  name: string;
  state: TreadState;
  beside: ReactNode;
  result: ReactNode;
  rise: number;
  className: string;
  children: ReactNode;
}

const NAME_TONE = {
  waiting: "text-slate-fg",
  active: "text-azurite-fg",
  done: "text-malachite-fg",
  broken: "text-ink-2",
} as const;

/** One phase. */
export function Tread({ name, state, beside, result, rise, className, children }: TreadProps) {
  return (
    <div
      className={clsx("group/tread flex min-w-0 flex-col justify-end", className)}
      style={{ paddingBottom: rise }}
    >
      <div className="mb-1.5 flex items-baseline gap-2 md:px-3 md:group-first/tread:pl-0 md:group-last/tread:pr-0">
        <span className={clsx("whitespace-nowrap font-medium", NAME_TONE[state])}>{name}</span>
        <span className="whitespace-nowrap text-meta text-ink-3">{beside}</span>
        <span className="ml-auto text-right text-ink-2 text-meta md:truncate">{result}</span>
      </div>
      {children}
    </div>
  );
}
