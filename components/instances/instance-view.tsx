"use client";

import { Pencil } from "lucide-react";
import { useTranslations } from "next-intl";
import type { InstanceRow } from "@/lib/schemas/instance.ts";
import type { InstanceDetail } from "@/lib/schemas/instance-health.ts";
import type { LimitsInUse } from "@/lib/schemas/limits.ts";
import { EventSection } from "../events/event-section.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { HealthMark } from "../kit/health-mark.tsx";
import { lazily } from "../kit/lazily.tsx";
import { LinkButton } from "../kit/link-button.tsx";
import { PageHead } from "../kit/page-head.tsx";
import { TextLink } from "../kit/text-action.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { LiveMark } from "../live/live-mark.tsx";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { LoadFailed } from "../live/load-failed.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { CapabilitiesSection } from "./capabilities-section.tsx";
import { CheckButton } from "./check-button.tsx";
import { ConnectionSection } from "./connection-section.tsx";
import { DangerZone } from "./danger-zone.tsx";
import { FeedsSection } from "./feeds-section.tsx";
import { RotateButton } from "./rotate-button.tsx";
import { Section } from "./section.tsx";

const LimitsSection = lazily(() =>
  import("../limits/limits-section.tsx").then((module) => module.LimitsSection),
);

interface InstanceViewProps {
  initial: InstanceDetail;
  root: boolean;
  /** PUBLIC_URL, if it is set. */
  consoleUrl: string | null;
}

/** One instance, kept fresh: each check that ends moves the curve, each event is told. */
export function InstanceView({ initial, root, consoleUrl }: InstanceViewProps) {
  const t = useTranslations("instances");
  const { id } = initial.instance;
  const query = useQuery({
    queryKey: queryKeys.instance(id),
    queryFn: ({ signal }) => fetchJson<InstanceDetail>(`/api/instances/${id}`, signal),
    initialData: initial,
    // What is in use of its limits is told by nobody.
    refetchInterval: useRefetchInterval((initial.limits?.workers ?? 0) > 0),
  });
  const { instance, history, feeds, events, rules } = query.data;
  const manages = instance.grants.level === "manage";
  return (
    <>
      <PageHead
        crumbs={[{ label: t("title"), href: "/instances" }, { label: instance.name }]}
        title={instance.name}
        beside={
          <>
            <span role="status">
              <HealthMark status={instance.health.status} />
            </span>
            <span className="flex min-w-0 items-center gap-1">
              <code className="truncate text-ink-3">{instance.address}</code>
              <CopyButton value={instance.address} label={t("copyAddress")} />
            </span>
          </>
        }
        actions={
          // On the narrowest phones the three stand side by side as words; a mark that is a sentence has a line of its own.
          <div className="contents max-md:[&>a_svg]:hidden max-md:[&>button_svg]:hidden max-md:[&>span:has(>svg)]:w-full">
            <LiveMark updatedAt={query.dataUpdatedAt} failing={query.isError} />
            <CheckButton
              id={instance.id}
              name={instance.name}
              host={new URL(instance.address).host}
              may={manages || instance.grants.level === "operate"}
            />
            {manages ? (
              <>
                <RotateButton instance={instance} />
                <LinkButton data-key="e" href={`/instances/${id}/edit`} icon={<Pencil aria-hidden />}>
                  {t("edit")}
                </LinkButton>
              </>
            ) : null}
          </div>
        }
      />
      <LoadFailed query={query} title={t("loadFailedOne")} />
      <div className="grid flex-1 xl:grid-cols-[minmax(0,1fr)_392px] xl:grid-rows-[auto_1fr]">
        <div className="min-w-0 px-6 max-md:px-4">
          <ConnectionSection instance={instance} history={history} />
          <CapabilitiesSection capabilities={instance.capabilities} />
          <Limits instance={instance} inUse={query.data.limits} />
          <FeedsSection instanceId={id} feeds={feeds} />
        </div>
        <div className="min-w-0 border-line px-6 max-xl:border-t max-md:px-4 xl:row-span-2 xl:border-l xl:bg-canvas">
          <EventSection instance={instance} events={events} consoleUrl={consoleUrl} />
        </div>
        {root ? (
          <div className="mx-6 min-w-0 border-line border-t max-md:mx-4">
            <DangerZone id={id} name={instance.name} ruleCount={instance.ruleCount} rules={rules} />
          </div>
        ) : null}
      </div>
    </>
  );
}

/** Where there are none, only whoever may set them is told. */
function Limits({ instance, inUse }: { instance: InstanceRow; inUse: LimitsInUse | null }) {
  const t = useTranslations("limits");
  const manages = instance.grants.level === "manage";
  const edit = (words: string) => <TextLink href={`/instances/${instance.id}/edit#limits`}>{words}</TextLink>;
  if (instance.limits && inUse) {
    return <LimitsSection limits={instance.limits} inUse={inUse} edit={manages ? edit(t("change")) : null} />;
  }
  return manages ? (
    <Section title={t("title")} beside={edit(t("set"))}>
      <p className="text-ink-3">{t("none")}</p>
    </Section>
  ) : null;
}
