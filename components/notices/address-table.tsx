"use client";

import { useTranslations } from "next-intl";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import type { NoticeAddressRow } from "@/lib/schemas/notice.ts";
import { RelativeTime } from "../kit/relative-time.tsx";
import { Body, Cell, FROM_1024, Row, Table } from "../kit/table.tsx";
import { type RowProps, useRowKeys } from "../kit/use-row-keys.ts";
import { AddressActions } from "./address-actions.tsx";
import { ADDRESS_LATER, ADDRESS_WIDTHS, AddressHead } from "./address-head.tsx";
import { AddressSwitch } from "./address-switch.tsx";
import { useFailureWords } from "./failure-words.ts";
import { NoticeMark } from "./notice-mark.tsx";
import { Until } from "./until.tsx";

interface AddressTableProps {
  addresses: readonly NoticeAddressRow[];
  instances: readonly InstanceOption[];
}

/** Where notices go, and how it went there last. */
export function AddressTable({ addresses, instances }: AddressTableProps) {
  const t = useTranslations("notices");
  const { rowProps } = useRowKeys({ rows: addresses, copy: ({ name }) => name });
  return (
    <Table caption={t("caption")} widths={ADDRESS_WIDTHS} later={ADDRESS_LATER}>
      <AddressHead />
      <Body>
        {addresses.map((address) => (
          <AddressTableRow
            key={address.id}
            address={address}
            instances={instances}
            keys={rowProps(address.id)}
          />
        ))}
      </Body>
    </Table>
  );
}

interface AddressTableRowProps {
  address: NoticeAddressRow;
  instances: readonly InstanceOption[];
  keys: RowProps;
}

function AddressTableRow({ address, instances, keys }: AddressTableRowProps) {
  const t = useTranslations("notices");
  const common = useTranslations("common");
  const names = address.instances.map(({ name }) => name).join(common("listSeparator"));
  return (
    <Row {...keys}>
      <Cell rowHead className="max-md:flex-[1_1_50%]!">
        <span className="block truncate font-medium" title={address.name}>
          {address.name}
        </span>
        <span className="block truncate text-ink-3 text-meta">{t(`kind.${address.kind}`)}</span>
      </Cell>
      <Cell label={t("address")} double className="max-md:order-1">
        <code className="block truncate text-ink-2" title={address.urlHost}>
          {address.urlHost}
        </code>
        <code className="block truncate text-ink-3">{`…${address.urlHint}`}</code>
      </Cell>
      <Cell label={t("scope")} className={`${FROM_1024} max-md:order-1`}>
        <span className="block truncate text-ink-2">
          {t(address.failuresOnly ? "scopeFailures" : "scopeAll")}
        </span>
        <span className="block truncate text-ink-3 text-meta" title={names || undefined}>
          {address.allInstances ? t("everyInstance") : names || "—"}
        </span>
      </Cell>
      <Cell label={t("lastHead")} wide className="max-md:order-1">
        <LastDelivery address={address} />
      </Cell>
      <Cell>
        <AddressSwitch address={address} />
      </Cell>
      <Cell wide className="max-md:order-1">
        <AddressActions address={address} instances={instances} />
      </Cell>
    </Row>
  );
}

function LastDelivery({ address }: { address: NoticeAddressRow }) {
  const t = useTranslations("notices");
  const words = useFailureWords();
  const { last, held, disabledReason, waiting } = address;
  const why = disabledReason ? t("gone") : last && last.state !== "sent" ? words(last.reason) : null;
  const waits = waiting > 0 ? t("waiting", { n: waiting }) : null;
  return (
    <>
      <span className="flex flex-wrap items-center gap-x-2.5">
        {last ? (
          <>
            <NoticeMark state={last.state === "waiting" ? "failed" : last.state} />
            <RelativeTime at={last.at} className="shrink-0 whitespace-nowrap text-ink-3 text-meta" />
          </>
        ) : (
          <span className="text-ink-3">{t("neverSent")}</span>
        )}
        {waits ? <span className="truncate text-ink-3 text-meta">{waits}</span> : null}
      </span>
      {held || why ? (
        <span
          className="block truncate text-ink-3 text-meta max-md:whitespace-normal"
          title={why ?? undefined}
        >
          {held ? t.rich(`held.${held.reason}`, { at: () => <Until at={held.until} /> }) : why}
        </span>
      ) : null}
    </>
  );
}
