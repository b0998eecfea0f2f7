"use client";

import { useTranslations } from "next-intl";
import { useId } from "react";
import { resendNoticeAction } from "@/lib/actions/notices.ts";
import type { NoticeDeliveryRow } from "@/lib/schemas/notice.ts";
import { Link } from "../kit/link.tsx";
import { AbsoluteTime, RelativeTime } from "../kit/relative-time.tsx";
import { Body, Cell, Row, Table } from "../kit/table.tsx";
import { TextAction } from "../kit/text-action.tsx";
import { showToast } from "../kit/toast.tsx";
import { type RowProps, useRowKeys } from "../kit/use-row-keys.ts";
import { useOpenRow } from "../kit/use-url-param.ts";
import { useAction } from "../live/use-action.ts";
import { DELIVERY_WIDTHS, DeliveryHead } from "./delivery-head.tsx";
import { useFailureWords } from "./failure-words.ts";
import { NoticeMark } from "./notice-mark.tsx";
import { Until } from "./until.tsx";

interface DeliveryTableProps {
  deliveries: readonly NoticeDeliveryRow[];
  /** Addresses that are on: to others nothing can be sent again. */
  enabled: readonly string[];
}

/** What was told, or is to be, and what became of it. */
export function DeliveryTable({ deliveries, enabled }: DeliveryTableProps) {
  const t = useTranslations("notices.deliveries");
  const { rowProps } = useRowKeys({ rows: deliveries, copy: ({ id }) => id });
  return (
    <Table caption={t("caption")} widths={DELIVERY_WIDTHS}>
      <DeliveryHead />
      <Body>
        {deliveries.map((delivery) => (
          <DeliveryTableRow
            key={delivery.id}
            delivery={delivery}
            enabled={enabled.includes(delivery.address.id)}
            keys={rowProps(delivery.id)}
          />
        ))}
      </Body>
    </Table>
  );
}

interface DeliveryTableRowProps {
  delivery: NoticeDeliveryRow;
  enabled: boolean;
  keys: RowProps;
}

function DeliveryTableRow({ delivery, enabled, keys }: DeliveryTableRowProps) {
  const t = useTranslations("notices");
  const [open, toggle] = useOpenRow(delivery.id);
  const answerId = useId();
  const { answer } = delivery;
  const about = useAbout(delivery);
  return (
    <>
      <Row {...keys}>
        <Cell label={t("deliveries.at")} className="text-ink-2">
          <RelativeTime at={delivery.at} className="whitespace-nowrap" />
        </Cell>
        <Cell label={t("deliveries.address")}>
          <span className="block truncate" title={delivery.address.name}>
            {delivery.address.name}
          </span>
        </Cell>
        <Cell rowHead>
          <About delivery={delivery} />
        </Cell>
        <Cell label={t("deliveries.state")}>
          <NoticeMark state={delivery.state} />
        </Cell>
        <Cell label={t("deliveries.result")}>
          <Result delivery={delivery} />
        </Cell>
        <Cell wide>
          <span className="flex items-center gap-3.5">
            <Resend delivery={delivery} enabled={enabled} about={about} />
            {answer ? (
              <TextAction
                data-key="Enter"
                aria-expanded={open}
                aria-controls={open ? answerId : undefined}
                aria-label={t("deliveries.showAnswer", { about })}
                onClick={toggle}
              >
                {t("deliveries.answerShort")}
              </TextAction>
            ) : null}
          </span>
        </Cell>
      </Row>
      {open && answer ? (
        <tr id={answerId}>
          <td
            colSpan={DELIVERY_WIDTHS.length}
            data-wide
            className="border-line border-b bg-canvas px-6 py-3 max-md:px-3! max-md:py-2!"
          >
            <p className="text-ink-3 text-meta">{t("deliveries.answer")}</p>
            <pre className="mt-1 whitespace-pre-wrap text-[12px] leading-5 wrap-anywhere">{answer}</pre>
          </td>
        </tr>
      ) : null}
    </>
  );
}

/** `同步失败 app-mirror #1042`: names a row to those who hear it. */
function useAbout({ event, about }: NoticeDeliveryRow): string {
  const t = useTranslations("notices.event");
  const number = about?.number ? `#${about.number}` : "";
  return [t(event), about?.name, number].filter(Boolean).join(" ");
}

function About({ delivery: { event, about, digest } }: { delivery: NoticeDeliveryRow }) {
  const t = useTranslations("notices");
  const name = about === null ? null : about.number === null ? about.name : `${about.name} #${about.number}`;
  return (
    <>
      <span className="block truncate">
        {t(`event.${event}`)}
        {digest ? <span className="ml-2 text-ink-3 text-meta">{t("deliveries.digest")}</span> : null}
      </span>
      {name === null ? null : about?.href ? (
        <Link href={about.href} className="link block truncate" title={name}>
          {name}
        </Link>
      ) : (
        <span className="block truncate text-ink-3" title={name}>
          {name}
        </span>
      )}
    </>
  );
}

function Result({ delivery }: { delivery: NoticeDeliveryRow }) {
  const t = useTranslations("notices.deliveries");
  const words = useFailureWords();
  const { attempts, httpStatus, nextAt, reason, expiresAt } = delivery;
  const why = delivery.state === "dropped" ? t("dropped") : words(reason);
  const facts = [
    httpStatus === null ? null : t("http", { status: String(httpStatus) }),
    attempts > 1 || (attempts > 0 && nextAt) ? t("attempts", { n: attempts }) : null,
  ].filter((fact) => fact !== null);
  return (
    <>
      <span className="block truncate text-ink-2 max-md:whitespace-normal" title={why ?? undefined}>
        {why || facts.join(" · ") || "—"}
      </span>
      <span className="block truncate text-ink-3 text-meta">
        {why ? facts.join(" · ") : null}
        {nextAt && attempts > 0 ? (
          <span>
            {why && facts.length > 0 ? " · " : null}
            {t.rich("next", { at: () => <Until at={nextAt} /> })}
            <span className="sr-only">{t.rich("until", { at: () => <AbsoluteTime at={expiresAt} /> })}</span>
          </span>
        ) : null}
      </span>
    </>
  );
}

function Resend({
  delivery,
  enabled,
  about,
}: {
  delivery: NoticeDeliveryRow;
  enabled: boolean;
  about: string;
}) {
  const t = useTranslations("notices.deliveries");
  const { run, busy } = useAction(resendNoticeAction);
  if (delivery.state === "waiting" || delivery.event === "test") {
    return null;
  }
  const resend = async () => {
    if ((await run({ deliveryId: delivery.id })) !== null) {
      showToast({ message: t("resent") });
    }
  };
  return (
    <TextAction
      busy={busy}
      disabledReason={enabled ? null : t("disabled")}
      aria-label={t("resendOf", { about })}
      onClick={() => void resend()}
    >
      {t("resend")}
    </TextAction>
  );
}
