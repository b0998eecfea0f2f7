import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { EmptyState } from "../kit/empty-state.tsx";
import { LinkButton } from "../kit/link-button.tsx";
import { PageHead } from "../kit/page-head.tsx";

/** No instance that the user may view: root adds one, others ask for a grant. */
export function NoInstance({ mayAdd }: { mayAdd: boolean }) {
  const t = useTranslations("rules");
  return (
    <>
      <PageHead title={t("title")} />
      <EmptyState
        title={t(mayAdd ? "noInstance.rootTitle" : "noInstance.otherTitle")}
        body={t(mayAdd ? "noInstance.root" : "noInstance.other")}
        action={
          mayAdd ? (
            <LinkButton variant="primary" size="lg" href="/instances/new" icon={<Plus aria-hidden />}>
              {t("noInstance.action")}
            </LinkButton>
          ) : null
        }
      />
    </>
  );
}
