"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { searchHref } from "@/lib/format/search-href.ts";
import type {
  DeletionCounts,
  DeletionListQuery,
  DeletionRow,
  DeletionSweep,
  DeletionList as List,
} from "@/lib/schemas/deletion.ts";
import type { RuleRow } from "@/lib/schemas/rule.ts";
import { ConfirmDialog } from "../kit/dialog.tsx";
import { FilteredEmpty } from "../kit/filtered-empty.tsx";
import { Pager } from "../kit/pager.tsx";
import { Body, Cell, Row, Table } from "../kit/table.tsx";
import { TextAction } from "../kit/text-action.tsx";
import { useRowKeys } from "../kit/use-row-keys.ts";
import { fetchJson } from "../live/fetch-json.ts";
import { LiveMark } from "../live/live-mark.tsx";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { LoadFailed } from "../live/load-failed.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { DeletionFilters } from "./deletion-filters.tsx";
import { DELETION_WIDTHS, DeletionHead } from "./deletion-head.tsx";
import { DeletionMark } from "./deletion-mark.tsx";
import { HeldNote, SweepNote } from "./deletion-notes.tsx";
import { DeletionResult } from "./deletion-result.tsx";
import {
  type Chosen,
  DECISIONS,
  type Decide,
  type Decision,
  decisionsFor,
  NEEDS,
  useDecision,
} from "./use-decision.ts";

interface DeletionListProps {
  rule: Pick<RuleRow, "id" | "may" | "deletion">;
  query: DeletionListQuery;
  /** Canonical search of `query`: of the route and of the page. */
  search: string;
  initial: List;
}

/** What a person is asked before it is done. */
interface Asked {
  selection: Chosen;
  title: string;
}

/** What went at the source and what becomes of it at the targets, one line each, kept fresh by the event stream. */
export function DeletionList({ rule, query, search, initial }: DeletionListProps) {
  const t = useTranslations("deletions");
  const refetchInterval = useRefetchInterval(initial.rows.some(({ restoring }) => restoring));
  const list = useQuery({
    queryKey: queryKeys.deletions(rule.id, "list", search),
    queryFn: ({ signal }) => fetchJson<List>(`/api/rules/${rule.id}/deletions?${search}`, signal),
    initialData: initial,
    refetchInterval,
  });
  const [asked, setAsked] = useState<Asked | null>(null);
  const { decide, busy } = useDecision(rule.id);
  const { rows, counts, sweep, next, previous } = list.data;
  const ask: Decide = (what, selection, title) => {
    if (what === "confirm") {
      setAsked({ selection, title });
    } else {
      void decide(what, selection);
    }
  };
  return (
    <>
      {sweep && !saidBelow(sweep, counts) ? <SweepNote sweep={sweep} /> : null}
      {counts.held > 0 ? <HeldNote rule={rule} held={counts.held} busy={busy} decide={ask} /> : null}
      <DeletionFilters query={query} search={search} counts={counts}>
        <LiveMark updatedAt={list.dataUpdatedAt} failing={list.isError} />
      </DeletionFilters>
      <LoadFailed query={list} title={t("loadFailed")} />
      <div className="min-h-0 flex-1">
        <DeletionTable rule={rule} rows={rows} busy={busy} decide={ask} />
        {rows.length === 0 ? <Nothing query={query} search={search} /> : null}
      </div>
      <Pager next={next} previous={previous} size={query.size}>
        <WholeState rule={rule} rows={rows} query={query} counts={counts} busy={busy} decide={ask} />
      </Pager>
      <ConfirmDialog
        open={asked !== null}
        onOpenChange={() => setAsked(null)}
        title={asked?.title ?? ""}
        description={t("confirmBody", { hours: rule.deletion?.delayHours ?? 0 })}
        confirmLabel={t("action.confirm")}
        tone="danger"
        busy={busy}
        onConfirm={async () => {
          if (asked && (await decide("confirm", asked.selection))) {
            setAsked(null);
          }
        }}
      />
    </>
  );
}

/** What is held has a note of its own, with the same sentence and what can be done about it. */
const saidBelow = ({ outcome }: DeletionSweep, { held }: DeletionCounts): boolean =>
  outcome === "held" && held > 0;

interface TableProps {
  rule: DeletionListProps["rule"];
  rows: readonly DeletionRow[];
  busy: boolean;
  decide: Decide;
}

function DeletionTable({ rule, rows, busy, decide }: TableProps) {
  const t = useTranslations("deletions");
  const { rowProps } = useRowKeys({ rows, copy: nameOf });
  return (
    <Table caption={t("caption")} widths={DELETION_WIDTHS}>
      <DeletionHead />
      <Body>
        {rows.map((deletion) => (
          <Row key={deletion.id} lines={2} {...rowProps(deletion.id)}>
            <Cell>
              <DeletionMark state={deletion.state} />
            </Cell>
            <Cell rowHead>
              <code className="block truncate" title={nameOf(deletion)}>
                {deletion.repository}
              </code>
              <code className="block truncate text-ink-2">{deletion.tag}</code>
            </Cell>
            <Cell label={t("column.target")}>
              <span className="block truncate">{deletion.target.instance.name}</span>
              {deletion.target.repository === deletion.repository ? null : (
                <code className="block truncate text-ink-3" title={deletion.target.repository}>
                  {deletion.target.repository}
                </code>
              )}
            </Cell>
            <Cell wide>
              <DeletionResult deletion={deletion} />
            </Cell>
            <Cell>
              <RowActions rule={rule} deletion={deletion} busy={busy} decide={decide} />
            </Cell>
          </Row>
        ))}
      </Body>
    </Table>
  );
}

const nameOf = ({ repository, tag }: DeletionRow): string => `${repository}:${tag}`;

function RowActions({ rule, deletion, busy, decide }: Omit<TableProps, "rows"> & { deletion: DeletionRow }) {
  const t = useTranslations("deletions");
  return (
    <span className="flex flex-wrap gap-x-3">
      {decisionsFor(deletion).map((what) => (
        <TextAction
          key={what}
          tone={what === "confirm" ? "cinnabar" : "azurite"}
          busy={busy}
          disabledReason={rule.may[NEEDS[what]] ? null : t(`needs.${NEEDS[what]}`)}
          aria-label={t("action.of", { action: t(`action.${what}`), tag: nameOf(deletion) })}
          onClick={() => decide(what, { ids: [deletion.id] }, t("confirmOne", { tag: nameOf(deletion) }))}
        >
          {t(`action.${what}`)}
        </TextAction>
      ))}
    </span>
  );
}

/** Decisions about everything that a filter shows, on this page and on all others. */
function WholeState({
  rule,
  rows,
  query,
  counts,
  busy,
  decide,
}: TableProps & Pick<DeletionListProps, "query"> & Pick<List, "counts">) {
  const t = useTranslations("deletions");
  const { state } = query;
  // What waits for a person is decided in the note above.
  if (!state || state === "held" || counts[state] === 0) {
    return null;
  }
  /** Where the page shows them all, those that this can still be decided about. */
  const many = (what: Decision) =>
    rows.length === counts[state]
      ? rows.filter((row) => decisionsFor(row).includes(what)).length
      : counts[state];
  return (DECISIONS[state] ?? []).filter(many).map((what) => (
    <TextAction
      key={what}
      tone={what === "confirm" ? "cinnabar" : "azurite"}
      busy={busy}
      disabledReason={rule.may[NEEDS[what]] ? null : t(`needs.${NEEDS[what]}`)}
      onClick={() => decide(what, { state }, t("confirmTitle", { n: many(what) }))}
    >
      {t(`action.${what}All`, { n: many(what) })}
    </TextAction>
  ));
}

function Nothing({ query, search }: Pick<DeletionListProps, "query" | "search">) {
  const t = useTranslations("deletions");
  const pathname = usePathname();
  return query.state ? (
    <FilteredEmpty clearLabel={t("clear")} clearHref={searchHref(pathname, search, { state: null })}>
      {t("noMatch", { state: t(`state.${query.state}`) })}
    </FilteredEmpty>
  ) : (
    <p className="px-6 py-5 text-ink-2 max-md:px-4">{t("none")}</p>
  );
}
