import { useTranslations } from "next-intl";
import { FilterSpace, SkeletonRows } from "../kit/skeleton.tsx";
import { Head, HeadCell, Table } from "../kit/table.tsx";

const RULE_WIDTHS = [128, 168, 150, 96, 144, 96, 120, null] as const;
/**
 * From 1280 px on a width each; below, a share each. Below 1024 px the repositories stay away, and the duration stands under the
 * start, so that nothing is cut.
 */
const COLUMNS = [
  "w-[10%] lg:w-[9%] xl:w-24",
  "w-[19%] lg:w-[15%] xl:w-[196px]",
  "w-[15.5%] lg:w-[13%] xl:w-[140px]",
  "w-[14.5%] lg:w-[10%] xl:w-[116px]",
  "w-[9%] max-lg:hidden xl:w-[84px]",
  "w-[11%] xl:w-[136px]",
  "w-[8%] max-lg:hidden xl:w-[92px]",
  "w-[11.5%] lg:w-[10%] xl:w-[120px]",
  "",
];
/** Of a cell that stays away below 1024 px. */
export const FROM_1024 = "md:max-lg:hidden";

/** Columns of a list of tasks; on a page about one rule without one for it. */
export const taskColumns = (ofRule: boolean) => (ofRule ? { widths: RULE_WIDTHS } : { columns: COLUMNS });

export function TaskHead({ ofRule }: { ofRule: boolean }) {
  const t = useTranslations("tasks.column");
  return (
    <Head>
      <HeadCell>{t("id")}</HeadCell>
      {ofRule ? null : <HeadCell>{t("rule")}</HeadCell>}
      <HeadCell>{t("created")}</HeadCell>
      <HeadCell>{t("trigger")}</HeadCell>
      <HeadCell align="right" {...(ofRule ? {} : { className: FROM_1024 })}>
        {t("duration")}
      </HeadCell>
      <HeadCell align="right">{t("ratio")}</HeadCell>
      <HeadCell align="right" {...(ofRule ? {} : { className: FROM_1024 })}>
        {t("repositories")}
      </HeadCell>
      <HeadCell align="right">{t("bytes")}</HeadCell>
      <HeadCell className="pl-6">{t("status")}</HeadCell>
    </Head>
  );
}

/** Real heads, bars for rows: what stands there while the list is read. */
export function TaskTableSkeleton({ ofRule }: { ofRule: boolean }) {
  const t = useTranslations("tasks.column");
  const classes = COLUMNS.map((_, column) => (column === 4 || column === 6 ? FROM_1024 : undefined));
  return (
    <>
      <FilterSpace narrow="max-md:h-[158px]" />
      <Table caption={t("caption")} {...taskColumns(ofRule)}>
        <TaskHead ofRule={ofRule} />
        <tbody>
          <SkeletonRows
            lines={ofRule ? 1 : 2}
            columns={ofRule ? RULE_WIDTHS.length : COLUMNS.length}
            {...(ofRule ? {} : { classes })}
          />
        </tbody>
      </Table>
    </>
  );
}
