import { ChevronsRight, CircleCheck, CircleEqual, CircleSlash, OctagonX, Square } from "lucide-react";
import { useTranslations } from "next-intl";
import type { TransferStatus } from "@/lib/schemas/task.ts";
import type { TransferRow } from "@/lib/schemas/transfer.ts";
import { CircleDashed } from "../kit/circle-dashed.tsx";
import { TRANSFER_FILL } from "./fills.ts";
import { Badge, type Look, StatusIcon } from "./look.tsx";
import { OVERWRITES } from "./overwrite-mark.tsx";

const TRANSFER: Record<TransferStatus, Look> = {
  pending: { icon: CircleDashed, tone: "slate" },
  running: { icon: ChevronsRight, tone: "azurite" },
  copied: { icon: CircleCheck, tone: "malachite" },
  "up-to-date": { icon: CircleEqual, tone: "malachite" },
  skipped: { icon: CircleSlash, tone: "slate" },
  failed: { icon: OctagonX, tone: "cinnabar" },
  stopped: { icon: Square, tone: "slate" },
};

/** Reasons that have a word of their own. */
const SKIPPED = ["exists", "source-behind", "source-deleted", "platform-absent"] as const;

export function TransferStatusIcon({ status }: { status: TransferStatus }) {
  return <StatusIcon look={TRANSFER[status]} />;
}

export type TransferState = Pick<TransferRow, "status" | "reason" | "replacedDigest">;

export function TransferStatusBadge({ transfer, chip }: { transfer: TransferState; chip?: boolean }) {
  const t = useTranslations("status.transfer");
  if (transfer.status === "copied" && transfer.replacedDigest) {
    return <Badge look={OVERWRITES} word={t("replaced")} chip={chip} />;
  }
  const { reason } = transfer;
  const word =
    transfer.status === "skipped"
      ? (SKIPPED.find((known) => known === reason) ?? "skipped")
      : transfer.status;
  return <Badge look={TRANSFER[transfer.status]} word={t(word)} chip={chip} />;
}

/** A square of the legend of a stacked bar. */
export function TransferSwatch({ status }: { status: TransferStatus }) {
  return <i aria-hidden="true" className="size-2 shrink-0" style={{ background: TRANSFER_FILL[status] }} />;
}
