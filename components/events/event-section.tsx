"use client";

import { CircleCheck, Radio } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { EventAddress, EventRow, InstanceEvents } from "@/lib/schemas/event.ts";
import type { InstanceRow } from "@/lib/schemas/instance.ts";
import { SENDER_PROOFS } from "@/lib/schemas/words.ts";
import { Section } from "../instances/section.tsx";
import { Button } from "../kit/button.tsx";
import { Note } from "../kit/note.tsx";
import { AbsoluteTime, RelativeTime } from "../kit/relative-time.tsx";
import { TextAction } from "../kit/text-action.tsx";
import { EventList } from "./event-list.tsx";
import { EventSteps } from "./event-steps.tsx";
import { suggestedSender } from "./suggested-sender.ts";

const AddressDialog = dynamic(() => import("./address-dialog.tsx").then((module) => module.AddressDialog));

interface EventSectionProps {
  instance: InstanceRow;
  events: InstanceEvents;
  /** PUBLIC_URL; null: the address in the browser's bar. */
  consoleUrl: string | null;
}

/** Where this instance tells of its pushes: how to set it up, and what came. */
export function EventSection({ instance, events, consoleUrl }: EventSectionProps) {
  const t = useTranslations("events");
  const [dialog, setDialog] = useState({ open: false, used: false });
  const [token, setToken] = useState<string | null>(null);
  const { address, latest } = events;
  const manages = instance.grants.level === "manage";
  const base = useConsoleUrl(consoleUrl);
  const ask = () => setDialog({ open: true, used: true });
  return (
    <>
      <Section title={t("title")}>
        {address ? (
          <SetUp
            instance={instance}
            address={address}
            token={token}
            base={base}
            received={latest.find(({ state }) => state !== "refused")}
            onRotate={manages ? ask : null}
          />
        ) : (
          <>
            <p className="text-ink-2">{t(manages ? "none" : "noneViewer", { name: instance.name })}</p>
            {manages ? (
              <Button className="mt-3" icon={<Radio aria-hidden />} onClick={ask}>
                {t("create")}
              </Button>
            ) : null}
          </>
        )}
        {dialog.used ? (
          <AddressDialog
            instance={instance}
            address={address}
            suggested={suggestedSender(instance)}
            open={dialog.open}
            onOpenChange={(open) => setDialog({ open, used: true })}
            onToken={setToken}
          />
        ) : null}
      </Section>
      {address || latest.length > 0 ? (
        <Section title={t("latest")}>
          <EventList events={latest} />
        </Section>
      ) : null}
    </>
  );
}

interface SetUpProps {
  instance: InstanceRow;
  address: EventAddress;
  /** Just made: to be shown until the page is left. */
  token: string | null;
  base: string;
  received: EventRow | undefined;
  onRotate: (() => void) | null;
}

function SetUp({ instance, address, token, base, received, onRotate }: SetUpProps) {
  const t = useTranslations("events");
  const { dialect, tokenHint, previousUntil } = address;
  // Another one may have been made elsewhere since.
  const shown = token?.endsWith(tokenHint) ? token : null;
  const inPath = SENDER_PROOFS[dialect] === "path";
  return (
    <>
      <p className="text-ink-2">{t("intro", { name: instance.name })}</p>
      <EventSteps
        dialect={dialect}
        url={`${base}/api/events/${instance.id}`}
        token={shown ?? `••••••••${tokenHint}`}
        masked={shown === null}
      />
      {shown ? (
        <Note tone="gamboge" role="status" className="mt-3">
          {t(inPath ? "pathSecret" : "shownOnce")}
        </Note>
      ) : (
        <p className="mt-2.5 text-ink-3 text-meta">
          {t(onRotate ? "hidden" : "hiddenViewer", { hint: tokenHint })}
        </p>
      )}
      {previousUntil ? (
        <p className="mt-1 text-ink-3 text-meta">
          {t.rich("previousUntil", { at: () => <AbsoluteTime at={previousUntil} /> })}
        </p>
      ) : null}
      <div className="mt-3 flex flex-wrap items-center gap-x-3">
        <span role="status" className="flex min-h-6 items-center gap-1.5 text-ink-3">
          {received ? (
            <>
              <CircleCheck aria-hidden className="size-3.5 text-malachite-fg" />
              <span>{t.rich("lastReceived", { at: () => <RelativeTime at={received.at} /> })}</span>
            </>
          ) : (
            t("waiting")
          )}
        </span>
        {onRotate ? (
          <TextAction className="ml-auto" onClick={onRotate}>
            {t("rotate")}
          </TextAction>
        ) : null}
      </div>
    </>
  );
}

/** Where registries reach the console: what the operator says, else how this browser does. */
function useConsoleUrl(configured: string | null): string {
  const [origin, setOrigin] = useState("");
  useEffect(() => setOrigin(window.location.origin), []);
  return configured ?? origin;
}
