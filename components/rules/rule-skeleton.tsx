import { useTranslations } from "next-intl";
import { HeadSkeleton } from "../kit/head-skeleton.tsx";
import { Skeleton } from "../kit/skeleton.tsx";
import { TaskTableSkeleton } from "../tasks/task-head.tsx";

/** What stands there while a rule is read: bars for its head and its figures, and the real heads of its log. */
export function RuleSkeleton() {
  const t = useTranslations("rules");
  return (
    <>
      <HeadSkeleton crumbs={[{ label: t("title"), href: "/rules" }]} title={t("log")} />
      <div className="grid gap-x-8 gap-y-4 border-line border-b px-6 pb-4 max-md:px-4 md:max-lg:grid-cols-2 lg:grid-cols-[minmax(0,1fr)_280px_208px]">
        <Bars widths={[320, 260, 180]} className="md:max-lg:col-span-2" />
        <Bars widths={[96, 208, 160]} />
        <Bars widths={[208, 208, 208]} />
      </div>
      <TaskTableSkeleton ofRule />
    </>
  );
}

interface BarsProps {
  widths: readonly [number, number, number];
  className?: string;
}

function Bars({ widths: [first, second, third], className = "" }: BarsProps) {
  return (
    <div className={`late grid min-h-[108px] content-start gap-4 pt-2 ${className}`}>
      <Skeleton width={first} />
      <Skeleton width={second} height={18} />
      <Skeleton width={third} />
    </div>
  );
}
