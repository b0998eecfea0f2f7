import { useTranslations } from "next-intl";
import { HeadSkeleton } from "../kit/head-skeleton.tsx";
import { Skeleton } from "../kit/skeleton.tsx";
import { TransferTableSkeleton } from "../transfers/transfer-head.tsx";

/** What stands there while a task is read: bars for its head, its phases and figures, and the real heads of its transfers. */
export function TaskSkeleton() {
  const t = useTranslations("tasks");
  return (
    <>
      <HeadSkeleton crumbs={[{ label: t("crumb"), href: "/rules" }]} title={t("title")} />
      <div className="late px-6 pt-8 max-md:px-4">
        <Skeleton width="100%" height={8} />
      </div>
      <div className="late grid gap-x-8 gap-y-4 border-line border-b px-6 py-4 max-md:px-4 lg:grid-cols-[264px_minmax(0,1fr)_minmax(0,392px)]">
        <div className="grid h-[150px] grid-cols-2 content-between pt-1 pb-4">
          {["ratio", "repositories", "copied", "reused"].map((figure) => (
            <Skeleton key={figure} width={88} height={18} />
          ))}
        </div>
        <Skeleton width="100%" height={118} />
        <Skeleton width="60%" />
      </div>
      <TransferTableSkeleton />
    </>
  );
}
