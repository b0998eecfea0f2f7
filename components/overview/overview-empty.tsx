import { useTranslations } from "next-intl";
import { EmptyState } from "../kit/empty-state.tsx";
import { PageHead } from "../kit/page-head.tsx";

/** For who holds nothing anywhere: what to do about it. */
export function OverviewEmpty() {
  const t = useTranslations("overview");
  return (
    <>
      <PageHead title={t("title")} />
      <EmptyState title={t("empty.title")} body={t("empty.body")} />
    </>
  );
}
