"use client";

import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import type { ActionState } from "@/lib/schemas/action-state.ts";
import { type InstanceLimits, MOST_WINDOWS, type TypedRate, typedRate } from "@/lib/schemas/limits.ts";
import { Button } from "../kit/button.tsx";
import { Combobox } from "../kit/combobox.tsx";
import { Field } from "../kit/field.tsx";
import { useFieldErrors } from "../kit/form-error.tsx";
import { Input } from "../kit/input.tsx";
import { RateInput } from "./rate-input.tsx";
import { type WindowDraft, WindowFields } from "./window-fields.tsx";

interface LimitsDraft {
  copies: string;
  read: TypedRate;
  write: TypedRate;
  timeZone: string;
  windows: WindowDraft[];
}

interface LimitsFieldsProps {
  limits: InstanceLimits | null;
  state: ActionState<unknown>;
  onDirty: () => void;
}

/** Travels with the form around it as one field of JSON; errors come back by path, `limits.windows.0.from`. */
export function LimitsFields({ limits, state, onDirty }: LimitsFieldsProps) {
  const t = useTranslations("limits");
  const errorAt = useFieldErrors(state);
  const error = (path: string) => errorAt(`limits.${path}`);
  const [draft, setDraft] = useState(() => draftOf(limits));
  const add = useRef<HTMLButtonElement>(null);
  const set = (changed: Partial<LimitsDraft>) => {
    setDraft({ ...draft, ...changed });
    onDirty();
  };
  const { windows } = draft;
  const { windows: _, ...rest } = draft;
  const sent = { limits: { ...rest, windows: windows.map(({ key: _key, ...window }) => window) } };
  return (
    <div className="flex flex-col gap-1.5">
      <input type="hidden" name="json" value={JSON.stringify(sent)} />
      <p className="mb-1 text-ink-3 text-meta">{t("intro")}</p>
      <Field label={t("read")} hint={t("readHint")} error={error("read") ?? error("read.value")}>
        <RateInput rate={draft.read} onRate={(read) => set({ read })} />
      </Field>
      <Field label={t("write")} hint={t("writeHint")} error={error("write") ?? error("write.value")}>
        <RateInput rate={draft.write} onRate={(write) => set({ write })} />
      </Field>
      <Field label={t("copies")} hint={t("copiesHint")} error={error("copies")}>
        <Input
          inputMode="numeric"
          className="w-[112px]"
          value={draft.copies}
          placeholder={t("unlimited")}
          onChange={(event) => set({ copies: event.target.value })}
        />
      </Field>
      <div className="grid items-start gap-x-3 md:grid-cols-[var(--label-w)_minmax(0,1fr)]">
        <span className="py-1.5 text-ink-2 max-md:py-1">{t("windows")}</span>
        <div>
          {windows.map((window, index) => (
            <WindowFields
              key={window.key}
              number={index + 1}
              window={window}
              error={(path) => error(`windows.${index}.${path}`)}
              onChange={(changed) =>
                set({ windows: windows.map((each) => (each === window ? { ...each, ...changed } : each)) })
              }
              onRemove={() => {
                set({ windows: windows.filter((each) => each !== window) });
                add.current?.focus();
              }}
            />
          ))}
          {windows.length < MOST_WINDOWS ? (
            <Button
              ref={add}
              icon={<Plus aria-hidden />}
              onClick={() => set({ windows: [...windows, newWindow()] })}
            >
              {t("addWindow")}
            </Button>
          ) : null}
          <p className="min-h-5 pt-1 text-ink-3 text-meta">{error("windows") ?? t("windowsHint")}</p>
        </div>
      </div>
      {windows.length > 0 ? (
        <Field label={t("timeZone")} error={error("timeZone")}>
          <Combobox
            className="w-[240px] max-md:w-full"
            options={zonesWith(draft.timeZone)}
            value={draft.timeZone}
            onValueChange={(timeZone) => set({ timeZone })}
          />
        </Field>
      ) : null}
    </div>
  );
}

let keys = 0;
/** For React alone: a browser gives out UUIDs only over https. */
const nextKey = (): string => String(keys++);

function draftOf(limits: InstanceLimits | null): LimitsDraft {
  return {
    copies: limits?.copies?.toString() ?? "",
    read: typedRate(limits?.readBytesPerSecond ?? null),
    write: typedRate(limits?.writeBytesPerSecond ?? null),
    timeZone: limits?.timeZone ?? (Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC"),
    windows: (limits?.windows ?? []).map(({ days, from, to, readBytesPerSecond, writeBytesPerSecond }) => ({
      key: nextKey(),
      ...{ days, from, to },
      read: typedRate(readBytesPerSecond),
      write: typedRate(writeBytesPerSecond),
    })),
  };
}

/** The night, without a limit: what most windows are for. */
function newWindow(): WindowDraft {
  const none = typedRate(null);
  return {
    key: nextKey(),
    days: [0, 1, 2, 3, 4, 5, 6],
    from: "22:00",
    to: "06:00",
    read: none,
    write: none,
  };
}

/** Every zone that the browser knows, and the one that is set: another browser may know more. */
function zonesWith(current: string): { value: string }[] {
  return [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), current])].map((value) => ({ value }));
}
