import { useTranslations } from "next-intl";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Head, HeadCell, Table } from "../kit/table.tsx";

export const AUDIT_WIDTHS = [150, 140, 190, null, 110, 150, 164] as const;

export function AuditHead() {
  const t = useTranslations("audit");
  return (
    <Head>
      <HeadCell>{t("at")}</HeadCell>
      <HeadCell>{t("actor")}</HeadCell>
      <HeadCell>{t("action")}</HeadCell>
      <HeadCell>{t("subject")}</HeadCell>
      <HeadCell>{t("outcome")}</HeadCell>
      <HeadCell>{t("ip")}</HeadCell>
      <HeadCell>{t("details")}</HeadCell>
    </Head>
  );
}

export function AuditTableSkeleton() {
  const t = useTranslations("audit");
  return (
    <Table caption={t("caption")} widths={AUDIT_WIDTHS}>
      <AuditHead />
      <tbody>
        <SkeletonRows columns={AUDIT_WIDTHS.length} lines={1} rows={12} />
      </tbody>
    </Table>
  );
}
