import { useTranslations } from "next-intl";
import { FilterSpace, SkeletonRows } from "../kit/skeleton.tsx";
import { Head, HeadCell, Table } from "../kit/table.tsx";

/** With the whole width: of a narrow one the result takes more, whose figures are never cut. */
export const TRANSFER_COLUMNS = [
  "w-[16%] xl:w-[168px]",
  "w-[29%] xl:w-[362px]",
  "w-[18.5%] xl:w-[220px]",
  "w-[11%] xl:w-[110px]",
  "",
] as const;

/** Of a cell or a head that gives its room to the others while the aside stands beside a narrow list. */
export const YIELDS = "lg:max-xl:hidden";

/** With the aside open; below 1024 px it lies over the list, which then has its whole width. */
export const OPEN_COLUMNS = [
  "w-[20%] lg:w-[130px] xl:w-[164px]",
  "w-[24%] lg:w-auto xl:w-[194px]",
  "w-[17%] lg:w-[100px] xl:w-[138px]",
  `w-[11%] ${YIELDS} xl:w-[92px]`,
  "lg:w-[196px] xl:w-auto",
] as const;

export function TransferHead({ open }: { open: boolean }) {
  const t = useTranslations("transfers.column");
  return (
    <Head>
      <HeadCell>{t("status")}</HeadCell>
      <HeadCell>{t("repository")}</HeadCell>
      <HeadCell>{t("tag")}</HeadCell>
      <HeadCell align="right" className={open ? YIELDS : undefined}>
        {t("size")}
      </HeadCell>
      <HeadCell className={open ? "pl-5 lg:max-xl:pl-2" : "pl-5"}>{t("result")}</HeadCell>
    </Head>
  );
}

/** Real heads, bars for rows: what stands there while the list is read. */
export function TransferTableSkeleton() {
  const t = useTranslations("transfers");
  return (
    <>
      <FilterSpace narrow="max-md:h-[108px]" />
      <Table caption={t("caption")} columns={TRANSFER_COLUMNS}>
        <TransferHead open={false} />
        <tbody>
          <SkeletonRows columns={TRANSFER_COLUMNS.length} lines={1} />
        </tbody>
      </Table>
    </>
  );
}
