import type { ReactNode } from "react";
import { Stairs } from "./stairs.tsx";

interface EmptyStateProps {
  title: ReactNode;
  /** One sentence of what the thing is. */
  body?: ReactNode;
  action?: ReactNode;
  /** What happens, in order. */
  steps?: readonly ReactNode[];
}

/** First use: the second stair is still dashed. */
export function EmptyState({ title, body, action, steps }: EmptyStateProps) {
  return (
    <div className="flex flex-1 items-start justify-center px-6 pt-[12vh] pb-12 max-md:pt-12">
      <div className="w-full max-w-[460px]">
        <Stairs>
          <path d="M0 74h72V50h72V26h72V2h144" stroke="var(--azurite)" />
          <path d="M0 90h80V66h72V42h72V18h132" stroke="var(--malachite-fill)" strokeDasharray="7 5" />
        </Stairs>
        <h2 className="mt-5 text-title">{title}</h2>
        {body ? (
          <p className="wrap-anywhere mt-1.5 text-balance break-keep text-ink-2 text-prose">{body}</p>
        ) : null}
        {action ? <div className="mt-5 flex flex-wrap gap-2">{action}</div> : null}
        {steps ? (
          <ol className="mt-8">
            {steps.map((step, index) => (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: the steps are a fixed list
                key={index}
                className="flex min-h-10 items-center gap-3 border-line border-t py-2 text-ink-2"
              >
                <span className="w-4 shrink-0 font-medium text-ink-3">{index + 1}</span>
                {step}
              </li>
            ))}
          </ol>
        ) : null}
      </div>
    </div>
  );
}
