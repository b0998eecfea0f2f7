"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { RuleListRow } from "@/lib/schemas/rule.ts";
import type { RuleColumn } from "@/lib/schemas/words.ts";
import { Checkbox } from "../kit/checkbox.tsx";
import { Link } from "../kit/link.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { Cell, Row } from "../kit/table.tsx";
import { LastTask } from "../tasks/last-task.tsx";
import { NarrowedMark } from "./narrowed-mark.tsx";
import { RuleActions } from "./rule-actions.tsx";
import { NARROW } from "./rule-columns.ts";
import { RulePlace, RuleSelection } from "./rule-place.tsx";
import { RuleSwitch } from "./rule-switch.tsx";
import { SuccessStrip, successPercent } from "./success-strip.tsx";
import { TriggerCell } from "./trigger-cell.tsx";
import type { Selection } from "./use-selection.ts";

interface RuleTableRowProps {
  rule: RuleListRow;
  columns: readonly RuleColumn[];
  incoming: boolean;
  selection: Selection;
  /** What makes the row reachable by keys. */
  keys: { "data-row": string; tabIndex: -1 };
}

/** A rule in a list: a row of columns, and below 768 px an article. */
export function RuleTableRow(props: RuleTableRowProps) {
  const { rule, columns, selection, keys } = props;
  const t = useTranslations("rules");
  const cells = cellsOf(props);
  return (
    <Row {...keys} lines={2} selected={selection.has(rule.id)} className="focus-visible:-outline-offset-2">
      <Cell className="max-md:hidden!">
        <SelectBox
          label={t("bulk.select", { rule: rule.name })}
          checked={selection.has(rule.id)}
          onToggle={(range) => selection.toggle(rule.id, range)}
        />
      </Cell>
      <Cell rowHead className="max-md:flex-[1_1_50%]! max-md:self-center">
        <Link href={`/rules/${rule.id}`} title={rule.name} className="link block truncate">
          {rule.name}
        </Link>
        <div className="truncate text-meta text-ink-3 max-md:hidden" title={rule.description}>
          {rule.description}
        </div>
      </Cell>
      {columns.map((column) => cells[column])}
      <Cell className="max-md:order-2 max-md:-mr-3">
        <RuleActions rule={rule} />
      </Cell>
    </Row>
  );
}

function cellsOf({ rule, incoming }: RuleTableRowProps): Record<RuleColumn, ReactNode> {
  return {
    place: (
      <Cell key="place" className="max-md:order-3 max-md:basis-full!">
        <RulePlace rule={rule} incoming={incoming} />
      </Cell>
    ),
    selection: (
      <Cell key="selection" className="max-md:hidden!">
        <RuleSelection rule={rule}>
          <NarrowedMark rule={rule} />
        </RuleSelection>
      </Cell>
    ),
    trigger: (
      <Cell key="trigger" className={NARROW.trigger?.cell}>
        <TriggerCell rule={rule} />
      </Cell>
    ),
    created: (
      <Cell key="created" className="max-md:hidden!">
        <RelativeTime at={rule.createdAt} className="whitespace-nowrap text-ink-2" />
      </Cell>
    ),
    lastTask: (
      <Cell key="lastTask" className="max-md:order-4 max-md:min-w-0 max-md:flex-1!">
        <LastTask task={rule.lastTask} source={rule.sourceInstance.name} />
      </Cell>
    ),
    success: (
      <Cell key="success" className={`max-md:order-5 ${NARROW.success?.cell}`}>
        <Success rule={rule} />
      </Cell>
    ),
    enabled: (
      <Cell key="enabled" className="max-md:order-1">
        <RuleSwitch rule={rule} />
      </Cell>
    ),
  };
}

function Success({ rule }: { rule: RuleListRow }) {
  const t = useTranslations("rules");
  return (
    <>
      <SuccessStrip days={rule.days} running={rule.lastTask?.status === "running"} />
      <div className="mt-px text-micro text-ink-3">
        <span className="md:hidden">{t("strip.short")}</span> {successPercent(rule.days)}
      </div>
    </>
  );
}

interface SelectBoxProps {
  label: string;
  checked: boolean | "indeterminate";
  onToggle: (range: boolean) => void;
}

/** With Shift everything from the last box to this one. */
export function SelectBox({ label, checked, onToggle }: SelectBoxProps) {
  return (
    <Checkbox
      aria-label={label}
      checked={checked}
      onCheckedChange={(_, range) => onToggle(range)}
      className="-ml-1 select-none"
    />
  );
}
