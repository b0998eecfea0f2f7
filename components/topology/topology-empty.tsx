import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { EmptyState } from "../kit/empty-state.tsx";
import { LinkButton } from "../kit/link-button.tsx";
import { PageHead } from "../kit/page-head.tsx";

/** Nothing to draw yet: what is missing, and the way to it. */
export function TopologyEmpty({ instances, mayAdd }: { instances: number; mayAdd: boolean }) {
  const t = useTranslations("topology");
  const missing =
    instances === 0 && !mayAdd
      ? "nothingGranted"
      : instances === 0
        ? "noInstance"
        : instances === 1 && mayAdd
          ? "oneInstance"
          : "noRule";
  return (
    <>
      <PageHead title={t("title")} />
      <EmptyState
        title={t(`empty.${missing}`)}
        body={t(`empty.${missing}Body`)}
        action={
          missing === "nothingGranted" ? null : (
            <LinkButton
              variant="primary"
              size="lg"
              href={missing === "noRule" ? "/rules" : "/instances/new"}
              icon={<Plus aria-hidden />}
            >
              {t(missing === "noRule" ? "empty.addRule" : "empty.addInstance")}
            </LinkButton>
          )
        }
      />
    </>
  );
}
