import clsx from "clsx";
import { useTranslations } from "next-intl";

/** A namespace as people read it: the root has no name of its own. */
export function NamespaceName({ namespace, className }: { namespace: string; className?: string }) {
  const t = useTranslations("rules");
  return namespace === "" ? (
    <span className={clsx("truncate text-meta", className)}>{t("root")}</span>
  ) : (
    <code className={clsx("truncate", className)} title={namespace}>
      {namespace}
    </code>
  );
}
