import type { ReactNode } from "react";

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
        <svg width="72" height="72" viewBox="0 0 24 24" fill="none" strokeWidth="1.6" aria-hidden="true">
          <path d="M2 15.5h5.2v-5.2h5.2V5.1h9.1" stroke="var(--ink)" />
          <path d="M2.5 21.4h9.9v-5.2h5.2v-5.2h4.4" stroke="var(--azurite-fill)" strokeDasharray="1.8 1.6" />
        </svg>
        <h2 className="mt-5 text-title">{title}</h2>
        {body ? <p className="mt-1.5 text-ink-2 text-prose">{body}</p> : null}
        {action ? <div className="mt-5 flex flex-wrap gap-2">{action}</div> : null}
        {steps ? (
          <ol className="mt-8">
            {steps.map((step, index) => (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: the steps are a fixed list
                key={index}
                className="flex min-h-10 items-center gap-3 border-line border-t py-2 text-ink-2"
              >
                <span className="w-4 font-medium text-ink-3">{index + 1}</span>
                {step}
              </li>
            ))}
          </ol>
        ) : null}
      </div>
    </div>
  );
}
