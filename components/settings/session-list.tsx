"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { endOtherSessionsAction, endSessionAction } from "@/lib/actions/settings.ts";
import { nameAgent } from "@/lib/format/user-agent.ts";
import type { SessionRow } from "@/lib/schemas/settings.ts";
import { Button } from "../kit/button.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { Body, Cell, Head, HeadCell, Row, Table } from "../kit/table.tsx";
import { TextAction } from "../kit/text-action.tsx";
import { showToast } from "../kit/toast.tsx";
import { useAction } from "../live/use-action.ts";

const WIDTHS = [null, 150, 128, 128, 84] as const;

/** Where one is signed in. Whoever is signed out there is nobody at the next request. */
export function SessionList({ sessions }: { sessions: readonly SessionRow[] }) {
  const t = useTranslations("settings.sessions");
  const others = sessions.filter(({ current }) => !current).length;
  return (
    <div className="max-w-[760px]">
      <Table caption={t("caption")} widths={WIDTHS} className="[&_:is(td,th):first-child]:pl-0 max-md:-mx-4">
        <Head>
          <HeadCell>{t("browser")}</HeadCell>
          <HeadCell>{t("address")}</HeadCell>
          <HeadCell>{t("seen")}</HeadCell>
          <HeadCell>{t("since")}</HeadCell>
          <HeadCell>{t("actions")}</HeadCell>
        </Head>
        <Body>
          {sessions.map((session) => (
            <SessionTableRow key={session.id} session={session} />
          ))}
        </Body>
      </Table>
      <div className="mt-3">
        {others > 0 ? <EndOthers count={others} /> : <p className="text-ink-3 text-meta">{t("none")}</p>}
      </div>
    </div>
  );
}

function SessionTableRow({ session }: { session: SessionRow }) {
  const t = useTranslations("settings.sessions");
  const router = useRouter();
  const { run, busy } = useAction(endSessionAction);
  const { browser, system } = nameAgent(session.userAgent);
  const name = browser && system ? t("on", { browser, system }) : (browser ?? system ?? t("unknown"));
  const end = async () => {
    if ((await run({ sessionId: session.id })) !== null) {
      showToast({ message: t("ended", { browser: name }) });
      router.refresh();
    }
  };
  return (
    <Row lines="1l">
      <Cell rowHead>
        <span className="flex items-baseline gap-2" title={session.userAgent ?? undefined}>
          <span className="truncate">{name}</span>
          {session.current ? (
            <span className="rounded-xs bg-malachite-soft px-1.5 text-malachite-fg text-micro whitespace-nowrap">
              {t("this")}
            </span>
          ) : null}
        </span>
      </Cell>
      <Cell label={t("address")}>
        <code className="text-ink-2">{session.ip ?? "—"}</code>
      </Cell>
      <Cell label={t("seen")}>
        <RelativeTime at={session.lastSeenAt} />
      </Cell>
      <Cell label={t("since")}>
        <RelativeTime at={session.createdAt} />
      </Cell>
      <Cell wide>
        {session.current ? null : (
          <TextAction tone="cinnabar" busy={busy} onClick={end} aria-label={t("endOf", { browser: name })}>
            {t("end")}
          </TextAction>
        )}
      </Cell>
    </Row>
  );
}

function EndOthers({ count }: { count: number }) {
  const t = useTranslations("settings.sessions");
  const router = useRouter();
  const { run, busy } = useAction(endOtherSessionsAction);
  const end = async () => {
    const result = await run({});
    if (result) {
      showToast({ message: t("endedOthers", { n: result.ended }) });
      router.refresh();
    }
  };
  return (
    <Button variant="danger" onClick={end} busy={busy} busyLabel={t("endingOthers")}>
      {t("endOthers", { n: count })}
    </Button>
  );
}
