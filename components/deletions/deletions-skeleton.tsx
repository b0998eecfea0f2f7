import { useTranslations } from "next-intl";
import { HeadSkeleton } from "../kit/head-skeleton.tsx";
import { DeletionTableSkeleton } from "./deletion-head.tsx";

/** What stands there while the rule is read that the page is about. */
export function DeletionsSkeleton() {
  const t = useTranslations();
  return (
    <>
      <HeadSkeleton crumbs={[{ label: t("rules.title"), href: "/rules" }]} title={t("deletions.title")} />
      <DeletionTableSkeleton />
    </>
  );
}
