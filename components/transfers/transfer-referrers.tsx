"use client";

import { useTranslations } from "next-intl";
import type { ReferrerRow, Referrers } from "@/lib/schemas/referrers.ts";
import { Digest } from "./digest.tsx";

/** Signatures, attestations and SBOMs that came along with a tag: how many, and the first of them. */
export function TransferReferrers({ referrers }: { referrers: Referrers }) {
  const t = useTranslations("transfers.detail.referrers");
  const { total, copied, rows } = referrers;
  return (
    <>
      {t("figures", { total, copied })}
      <ul className="mt-0.5 grid gap-1">
        {rows.map((row) => (
          <li key={`${row.subject} ${row.tag ?? row.digest}`}>
            <code className="text-ink-2 wrap-anywhere">{nameOf(row)}</code>
            <span className="flex flex-wrap items-center gap-x-2 text-meta text-ink-3">
              <Digest digest={row.digest} />
              {t(`state.${row.state}`)}
            </span>
          </li>
        ))}
      </ul>
      {total > rows.length ? (
        <span className="text-ink-3">{t("more", { n: total - rows.length })}</span>
      ) : null}
    </>
  );
}

/** cosign's tags are told by what stands behind the digest: the rest of the name is that of the image. */
function nameOf({ tag, artifactType, digest }: ReferrerRow): string {
  return tag === null ? (artifactType ?? digest) : `cosign ${tag.slice(tag.lastIndexOf("."))}`;
}
