import { useTranslations } from "next-intl";
import { PageHead } from "../kit/page-head.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Head, HeadCell, Table } from "../kit/table.tsx";
import { GraphSkeleton } from "./graph-skeleton.tsx";

export const TOPOLOGY_WIDTHS = [200, 150, 150, null, 120, 100, 140, 120] as const;

export function TopologyHead() {
  const t = useTranslations("topology.table");
  const lag = useTranslations("lag");
  return (
    <Head>
      <HeadCell>{t("name")}</HeadCell>
      <HeadCell>{t("source")}</HeadCell>
      <HeadCell>{t("target")}</HeadCell>
      <HeadCell>{t("namespace")}</HeadCell>
      <HeadCell>{t("lastSuccess")}</HeadCell>
      <HeadCell>{lag("column")}</HeadCell>
      <HeadCell>{t("status")}</HeadCell>
      <HeadCell align="right">{t("ratio")}</HeadCell>
    </Head>
  );
}

/** What stands there while it is read: the frame of the drawing, and real heads with bars for rows. */
export function TopologySkeleton({ drawn }: { drawn: boolean }) {
  const t = useTranslations("topology");
  return (
    <>
      <PageHead title={t("title")} line={!drawn} />
      {drawn ? (
        // On a phone the drawing comes after the table; above it, what filters them stands in lines of its own.
        <div className="h-[400px] shrink-0 border-line border-y bg-canvas max-md:h-24 max-md:border-0 max-md:bg-surface max-md:[&>*]:hidden">
          <GraphSkeleton />
        </div>
      ) : null}
      <div className="flex min-h-13 items-center px-6 max-md:px-4">
        <h2 className="text-section">{t("table.title")}</h2>
      </div>
      <Table caption={t("table.caption")} widths={TOPOLOGY_WIDTHS}>
        <TopologyHead />
        <tbody>
          <SkeletonRows columns={TOPOLOGY_WIDTHS.length} lines={1} />
        </tbody>
      </Table>
    </>
  );
}
