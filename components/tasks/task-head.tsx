import { useTranslations } from "next-intl";
import { FilterSpace, SkeletonRows } from "../kit/skeleton.tsx";
import { FROM_1024, Head, HeadCell, Table } from "../kit/table.tsx";

const RULE_WIDTHS = [128, 168, 150, 96, 144, 96, 136, null] as const;
/** Duration and repositories: below 1024 px the one stands under the start, the other on the task's page. */
const RULE_LATER = [3, 5] as const;
/**
 * From 1280 px on a width each; below, a share each. Below 1024 px the repositories stay away, and the duration stands under the
 * start; below 1280 px the bytes stay on the task's page: the status, which takes the rest, is not cut.
 */
const COLUMNS = [
  "w-[11%] lg:w-[9%] xl:w-24",
  "w-[20%] lg:w-[15.5%] xl:w-[196px]",
  "w-[16%] lg:w-[13%] xl:w-[140px]",
  "w-[14.5%] lg:w-[11%] xl:w-[116px]",
  "w-[9%] max-lg:hidden xl:w-[84px]",
  "w-[11%] lg:w-[13.5%] xl:w-[136px]",
  "w-[8%] max-lg:hidden xl:w-[92px]",
  "max-xl:hidden xl:w-[120px]",
  "",
];
const FROM_1280 = "md:max-xl:hidden";

/** Columns of a list of tasks; on a page about one rule without one for it. */
export const taskColumns = (ofRule: boolean) =>
  ofRule ? { widths: RULE_WIDTHS, later: RULE_LATER } : { columns: COLUMNS };

/** Of the head and the cells of the bytes. */
export const bytesClass = (ofRule: boolean): string | undefined => (ofRule ? undefined : FROM_1280);

export function TaskHead({ ofRule }: { ofRule: boolean }) {
  const t = useTranslations("tasks.column");
  return (
    <Head>
      <HeadCell>{t("id")}</HeadCell>
      {ofRule ? null : <HeadCell>{t("rule")}</HeadCell>}
      <HeadCell>{t("created")}</HeadCell>
      <HeadCell>{t("trigger")}</HeadCell>
      <HeadCell align="right" className={FROM_1024}>
        {t("duration")}
      </HeadCell>
      <HeadCell align="right">{t("ratio")}</HeadCell>
      <HeadCell align="right" className={FROM_1024}>
        {t("repositories")}
      </HeadCell>
      <HeadCell align="right" className={bytesClass(ofRule)}>
        {t("bytes")}
      </HeadCell>
      <HeadCell className="pl-6">{t("status")}</HeadCell>
    </Head>
  );
}

/** Real heads, bars for rows: what stands there while the list is read. */
export function TaskTableSkeleton({ ofRule }: { ofRule: boolean }) {
  const t = useTranslations("tasks.column");
  const classes = [FROM_1024, undefined, FROM_1024, bytesClass(ofRule), undefined];
  const before = ofRule ? 3 : 4;
  return (
    <>
      <FilterSpace narrow="max-md:h-[164px]" />
      <Table caption={t("caption")} {...taskColumns(ofRule)}>
        <TaskHead ofRule={ofRule} />
        <tbody>
          <SkeletonRows
            lines={ofRule ? 1 : 2}
            columns={before + classes.length}
            classes={[...Array<undefined>(before), ...classes]}
          />
        </tbody>
      </Table>
    </>
  );
}
