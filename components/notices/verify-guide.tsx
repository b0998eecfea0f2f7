import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { CodeBlock } from "../kit/code-block.tsx";
import { BODY_EXAMPLE, NODE_EXAMPLE, PYTHON_EXAMPLE } from "./verify-examples.ts";

const HEADERS = [
  { header: "webhook-id", text: "id" },
  { header: "webhook-timestamp", text: "timestamp" },
  { header: "webhook-signature", text: "signature" },
] as const;
const ANSWERS = ["answer2xx", "answer5xx", "answer410", "answerOther"] as const;

const code = (chunks: ReactNode) => <code className="mx-0.5">{chunks}</code>;

/** For whoever writes a receiver of the signed form: what comes, how to know that it is ours, how to answer. */
export function VerifyGuide() {
  const t = useTranslations("notices.verify");
  return (
    <div className="grid max-w-[880px] gap-6 px-6 py-5 max-md:px-4">
      <p className="text-prose text-ink-2">{t("intro")}</p>
      <Part title={t("headers")}>
        <dl className="grid gap-x-4 gap-y-1.5 md:grid-cols-[170px_minmax(0,1fr)]">
          {HEADERS.map(({ header, text }) => (
            <div key={header} className="contents">
              <dt>
                <code>{header}</code>
              </dt>
              <dd className="text-ink-2">{t.rich(text, { code })}</dd>
            </div>
          ))}
        </dl>
        <p className="mt-3 text-ink-2">{t.rich("signed", { code })}</p>
        <p className="mt-1 text-ink-2">{t("clock")}</p>
      </Part>
      <Part title={t("node")}>
        <CodeBlock copyLabel={t("copy")}>{NODE_EXAMPLE}</CodeBlock>
      </Part>
      <Part title={t("python")}>
        <CodeBlock copyLabel={t("copy")}>{PYTHON_EXAMPLE}</CodeBlock>
      </Part>
      <Part title={t("answerTitle")}>
        <ul className="grid gap-1 text-ink-2">
          {ANSWERS.map((answer) => (
            <li key={answer}>{t(answer)}</li>
          ))}
        </ul>
      </Part>
      <Part title={t("body")}>
        <p className="mb-2 text-ink-2">{t("bodyHint")}</p>
        <CodeBlock copyLabel={t("copy")}>{BODY_EXAMPLE}</CodeBlock>
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="mb-2 text-section">{title}</h2>
      {children}
    </section>
  );
}
