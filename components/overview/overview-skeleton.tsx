import { useTranslations } from "next-intl";
import { PageHead } from "../kit/page-head.tsx";
import { Skeleton, SkeletonRows } from "../kit/skeleton.tsx";
import { SectionHead } from "./section-head.tsx";

const FIGURES = ["tasks", "success", "tags", "bytes", "running"] as const;

/** What stands there while the overview is read: its figures without numbers, and what needs attention as bars. */
export function OverviewSkeleton() {
  const t = useTranslations("overview");
  return (
    <>
      <PageHead title={t("title")} beside={<span className="text-ink-3">{t("lastDay")}</span>} />
      <div className="grid grid-cols-[1.6fr_1fr_1fr_1fr_1fr] gap-x-6 gap-y-5 border-line border-b px-6 py-5 max-md:grid-cols-2 max-md:px-4 md:max-xl:grid-cols-3">
        {FIGURES.map((figure) => (
          <div key={figure} className={figure === "tasks" ? "min-w-0 max-md:col-span-2" : "min-w-0"}>
            <span className="block text-ink-3 text-meta">{t(`figures.${figure}`)}</span>
            <span className="late flex h-[66px] flex-col gap-4 pt-2.5">
              <Skeleton width={72} height={18} />
              <Skeleton width={116} />
            </span>
          </div>
        ))}
      </div>
      <div className="flex flex-1 max-xl:flex-col">
        <div className="min-w-0 flex-1">
          <SectionHead title={t("attention.title")} />
          <table aria-hidden className="ledger w-full table-fixed border-separate border-spacing-0">
            <tbody>
              <SkeletonRows columns={5} />
            </tbody>
          </table>
        </div>
        <div className="shrink-0 bg-canvas px-6 py-4 max-md:px-4 max-xl:border-line max-xl:border-t xl:w-(--aside-w) xl:border-line xl:border-l">
          <h2 className="text-section">{t("health.title")}</h2>
          <div className="late mt-4 grid gap-8">
            {["first", "second", "third", "fourth"].map((place) => (
              <Skeleton key={place} width="100%" />
            ))}
          </div>
        </div>
      </div>
    </>
  );
}
