import { useTranslations } from "next-intl";
import { searchHref } from "@/lib/format/search-href.ts";
import type { InstanceSort } from "@/lib/schemas/words.ts";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { cellClasses, FROM_1024, Head, HeadCell, type SortDirection, Table } from "../kit/table.tsx";

export const INSTANCE_WIDTHS = [236, 104, 152, null, 84, 116, 164, 128] as const;
/** Region and referrers. */
export const INSTANCE_LATER = [1, 4] as const;

interface InstanceHeadProps {
  sort: InstanceSort;
  /** The query of the page, as it stands in the URL. */
  search: string;
}

export function InstanceHead({ sort, search }: InstanceHeadProps) {
  const t = useTranslations("instances");
  const column = (name: "name" | "health" | "credential") => ({
    sort: directionOf(sort, name),
    sortHref: searchHref("/instances", search, {
      sort: sort === name ? `-${name}` : name === "name" ? null : name,
    }),
  });
  return (
    <Head>
      <HeadCell {...column("name")}>{t("nameAddress")}</HeadCell>
      <HeadCell className={FROM_1024}>{t("region")}</HeadCell>
      <HeadCell {...column("health")}>{t("health")}</HeadCell>
      <HeadCell>{t("latency")}</HeadCell>
      <HeadCell className={FROM_1024}>{t("referrers")}</HeadCell>
      <HeadCell align="right">{t("rules")}</HeadCell>
      <HeadCell className="md:pl-6" {...column("credential")}>
        {t("credentialAge")}
      </HeadCell>
      <HeadCell>{t("actions")}</HeadCell>
    </Head>
  );
}

function directionOf(sort: InstanceSort, name: string): SortDirection {
  return sort === name ? "ascending" : sort === `-${name}` ? "descending" : null;
}

/** Real heads, bars for rows: what stands there while the list is read. */
export function InstanceTableSkeleton() {
  const t = useTranslations("instances");
  return (
    <Table caption={t("caption")} widths={INSTANCE_WIDTHS} later={INSTANCE_LATER}>
      <InstanceHead sort="name" search="" />
      <tbody>
        <SkeletonRows
          columns={INSTANCE_WIDTHS.length}
          classes={cellClasses(INSTANCE_WIDTHS.length, INSTANCE_LATER)}
        />
      </tbody>
    </Table>
  );
}
