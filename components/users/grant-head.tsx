import { useTranslations } from "next-intl";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { HealthShape } from "../kit/health-mark.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { GrantLegend } from "./grant-legend.tsx";

/** px: eight of them leave the gutter of a page of 1440 px free. */
const COLUMN_WIDTH = 126;

/** Caption, columns and head of the matrix: a column an instance. */
export function GrantHead({ instances }: { instances: readonly InstanceOption[] }) {
  const t = useTranslations("users.matrix");
  return (
    <>
      <caption className="sr-only">{t("caption")}</caption>
      <colgroup>
        <col style={{ width: 220 }} />
        {instances.map((instance) => (
          <col key={instance.id} style={{ width: COLUMN_WIDTH }} />
        ))}
        <col />
      </colgroup>
      <MatrixHead instances={instances} />
    </>
  );
}

function MatrixHead({ instances }: { instances: readonly InstanceOption[] }) {
  const t = useTranslations("users.matrix");
  const health = useTranslations("common.health");
  const head = "h-[52px] border-line-strong border-b bg-surface text-left";
  return (
    <thead className="sticky top-0 z-[3]">
      <tr>
        <th
          scope="col"
          className={`${head} sticky left-0 z-[2] pb-2 pl-6 align-bottom font-medium text-ink-3 text-meta max-md:pl-4`}
        >
          {t("head")}
        </th>
        {instances.map((instance) => (
          <th key={instance.id} scope="col" className={`${head} px-2`}>
            <span className="flex items-center gap-1.5 font-medium">
              <HealthShape status={instance.health} />
              <span className="truncate" title={instance.name}>
                {instance.name}
              </span>
            </span>
            <span className="block truncate font-normal text-ink-3 text-meta">
              {[instance.region, instance.health === "healthy" ? "" : health(instance.health)]
                .filter(Boolean)
                .join(t("join")) || instance.host}
            </span>
          </th>
        ))}
        <td className={head} />
      </tr>
    </thead>
  );
}

/** Real heads, bars for rows: what stands there while grants are read. */
export function GrantTableSkeleton({ instances }: { instances: readonly InstanceOption[] }) {
  return (
    <>
      <GrantLegend />
      <div className="overflow-hidden">
        <table className="ledger w-full table-fixed border-separate border-spacing-0">
          <GrantHead instances={instances} />
          <tbody>
            <SkeletonRows columns={instances.length + 2} />
          </tbody>
        </table>
      </div>
    </>
  );
}
