"use client";

import { ChevronRight, CircleCheck, CircleSlash, OctagonX } from "lucide-react";
import { useTranslations } from "next-intl";
import type { AuditOutcome, AuditRow } from "@/lib/schemas/user.ts";
import { CopyButton } from "../kit/copy-button.tsx";
import { Link } from "../kit/link.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { Body, Cell, Row, Table } from "../kit/table.tsx";
import { type RowProps, useRowKeys } from "../kit/use-row-keys.ts";
import { useOpenRow } from "../kit/use-url-param.ts";
import { AuditChanges } from "./audit-changes.tsx";
import { AUDIT_WIDTHS, AuditHead } from "./audit-head.tsx";
import { useActionName } from "./use-action-name.ts";

export function AuditTable({ rows }: { rows: readonly AuditRow[] }) {
  const t = useTranslations("audit");
  const { rowProps } = useRowKeys({ rows });
  return (
    <Table caption={t("caption")} widths={AUDIT_WIDTHS}>
      <AuditHead />
      <Body>
        {rows.map((row) => (
          <AuditTableRow key={row.id} row={row} keys={rowProps(row.id)} />
        ))}
      </Body>
    </Table>
  );
}

function AuditTableRow({ row, keys }: { row: AuditRow; keys: RowProps }) {
  const t = useTranslations("audit");
  const nameOf = useActionName();
  const [open, toggle] = useOpenRow(row.id);
  // What was refused changed nothing: there are only particulars of it.
  const count = row.outcome === "ok" ? Object.keys(row.changes ?? {}).length : 0;
  const detailsId = `details-${row.id}`;
  return (
    <>
      <Row {...keys} lines="1l" selected={open}>
        <Cell label={t("at")} className="text-ink-2">
          <RelativeTime at={row.at} className="whitespace-nowrap" />
        </Cell>
        <Cell label={t("actor")} rowHead wide={false}>
          <span className="block truncate font-medium" title={row.actor}>
            {row.actor}
          </span>
        </Cell>
        <Cell label={t("action")}>{nameOf(row.action, row.changes)}</Cell>
        <Cell label={t("subject")} double>
          <AuditSubject subject={row.subject} />
        </Cell>
        <Cell label={t("outcome")}>
          <OutcomeMark outcome={row.outcome} />
        </Cell>
        <Cell label={t("ip")}>
          {row.ip ? (
            <code className="block truncate text-ink-2" title={row.ip}>
              {row.ip}
            </code>
          ) : (
            "—"
          )}
        </Cell>
        <Cell>
          <button
            type="button"
            data-key="Enter"
            aria-expanded={open}
            aria-controls={open ? detailsId : undefined}
            onClick={toggle}
            className="inline-flex min-h-6 items-center gap-1 whitespace-nowrap rounded-sm font-medium text-azurite-fg hover:underline max-md:min-h-11"
          >
            <ChevronRight
              aria-hidden
              className={`size-3.5 transition-transform duration-(--t-fast) ${open ? "rotate-90" : ""}`}
            />
            {count > 0 ? t("changes", { n: count }) : t("details")}
          </button>
        </Cell>
      </Row>
      {open ? (
        <tr id={detailsId}>
          <td
            colSpan={AUDIT_WIDTHS.length}
            data-wide
            className="border-line border-b bg-canvas px-6 py-3 max-md:px-3! max-md:py-2!"
          >
            {row.changes ? <AuditChanges changes={row.changes} refused={row.outcome !== "ok"} /> : null}
            {row.requestId ? (
              <p className="flex items-center gap-1 text-ink-3 text-meta">
                {t.rich("requestId", { id: row.requestId, code: (chunks) => <code>{chunks}</code> })}
                <CopyButton value={row.requestId} label={t("copyRequestId")} />
              </p>
            ) : null}
          </td>
        </tr>
      ) : null}
    </>
  );
}

const PAGE_OF: Record<string, string> = { instance: "/instances", rule: "/rules", task: "/tasks" };

function AuditSubject({ subject }: { subject: AuditRow["subject"] }) {
  const t = useTranslations("audit.kinds");
  const kind = t.has(subject.kind) ? t(subject.kind) : subject.kind;
  const page = subject.id ? PAGE_OF[subject.kind] : undefined;
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <span className="shrink-0 text-ink-3 text-meta">{kind}</span>
      {subject.name && page ? (
        <Link href={`${page}/${subject.id}`} className="link truncate" title={subject.name}>
          {subject.name}
        </Link>
      ) : (
        <span className="truncate" title={subject.name ?? undefined}>
          {subject.name ?? "—"}
        </span>
      )}
    </span>
  );
}

const OUTCOME = {
  ok: { icon: CircleCheck, look: "text-malachite-fg" },
  denied: { icon: OctagonX, look: "text-cinnabar-fg" },
  invalid: { icon: CircleSlash, look: "text-gamboge-fg" },
} as const;

function OutcomeMark({ outcome }: { outcome: AuditOutcome }) {
  const t = useTranslations("audit.outcomes");
  return (
    <span
      className={`flex w-fit items-center gap-1.5 font-medium whitespace-nowrap ${OUTCOME[outcome].look}`}
    >
      <OutcomeShape outcome={outcome} />
      {t(outcome)}
    </span>
  );
}

/** The shape alone, beside a word of the page's own. */
export function OutcomeShape({ outcome }: { outcome: AuditOutcome }) {
  const { icon: Icon, look } = OUTCOME[outcome];
  return <Icon aria-hidden className={`size-3.5 ${look}`} />;
}
