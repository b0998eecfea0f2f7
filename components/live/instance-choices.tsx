"use client";

import { Command } from "cmdk";
import { Check, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { Popover } from "radix-ui";
import { type ComponentProps, useEffect, useState } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { INSTANCE_CHOICES } from "@/lib/schemas/words.ts";
import { HealthShape } from "../kit/health-mark.tsx";
import { keepComposing } from "../kit/keep-composing.ts";
import { UnhealthyWord } from "../rules/unhealthy-word.tsx";
import { fetchJson } from "./fetch-json.ts";
import { useQuery } from "./query.tsx";
import { queryKeys } from "./query-keys.ts";

export interface InstanceChoicesProps {
  label: string;
  /** Id of the one that is chosen; empty: `all`. */
  current: string;
  /** The first choice, which is none of them. */
  all?: string;
  /** Is not to be chosen here. */
  except?: string | undefined;
  trigger: ComponentProps<"button">;
  onChoose: (id: string) => void;
}

/** Open when it appears: instance-picker.tsx loads it with the first press. */
export function InstanceChoices({ trigger, ...choices }: InstanceChoicesProps) {
  const [open, setOpen] = useState(true);
  const choose = (id: string) => {
    setOpen(false);
    choices.onChoose(id);
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger {...trigger} />
      <Popover.Portal>
        <Popover.Content
          aria-label={choices.label}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onEscapeKeyDown={keepComposing}
          className="pop z-50 w-[372px] max-w-[calc(100vw-32px)] overflow-hidden rounded-md bg-surface shadow-pop"
        >
          <Choices {...choices} onChoose={choose} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const ALL = "all";

function Choices({ current, all, except, onChoose }: Omit<InstanceChoicesProps, "trigger" | "label">) {
  const t = useTranslations("rules.switcher");
  const [typed, setTyped] = useState("");
  const { options, pending, failed } = useFound(typed);
  const found = options.filter(({ id }) => id !== except);
  const withAll = all !== undefined && typed.trim() === "";
  const choose = (id: string) => onChoose(id === ALL ? "" : id);
  const early = useEarlyEnter(pending, () => found[0] && onChoose(found[0].id));
  return (
    <Command label={t("search")} loop shouldFilter={false} defaultValue={current || ALL}>
      <div className="flex h-9 items-center gap-2 border-line border-b px-3 max-md:h-11">
        <Search aria-hidden className="size-3.5 shrink-0 text-ink-3" />
        <Command.Input
          placeholder={t("search")}
          value={typed}
          onValueChange={setTyped}
          onKeyDown={early}
          className="h-full min-w-0 flex-1 bg-transparent outline-none"
        />
      </div>
      <Command.List className="max-h-80 overflow-y-auto py-1" aria-busy={pending}>
        {failed ? <p className="px-3 py-2 text-ink-3">{t("failed")}</p> : null}
        {pending || failed ? null : (
          <Command.Empty className="px-3 py-2 text-ink-3">{t("none")}</Command.Empty>
        )}
        {withAll ? (
          <Command.Item value={ALL} onSelect={choose} className={ITEM}>
            {all}
            {current === "" ? <Chosen /> : null}
          </Command.Item>
        ) : null}
        {found.map((option) => (
          <Choice key={option.id} option={option} chosen={option.id === current} onChoose={choose} />
        ))}
      </Command.List>
    </Command>
  );
}

const ITEM = "flex min-h-9 items-center gap-2.5 px-3 data-[selected=true]:bg-hover max-md:min-h-11" as const;

function Choice({
  option,
  chosen,
  onChoose,
}: {
  option: InstanceOption;
  chosen: boolean;
  onChoose: (id: string) => void;
}) {
  return (
    <Command.Item value={option.id} onSelect={onChoose} className={ITEM}>
      <HealthShape status={option.health} />
      <span className="whitespace-nowrap">{option.name}</span>
      <code className="min-w-0 truncate text-ink-3">{option.host}</code>
      <span className="ml-auto flex shrink-0 items-center gap-2 text-meta">
        <UnhealthyWord option={option} />
        {chosen ? <Chosen /> : null}
      </span>
    </Command.Item>
  );
}

function Chosen() {
  const t = useTranslations("rules.switcher");
  return <Check aria-label={t("current")} className="ml-auto size-3.5 text-azurite-fg" />;
}

/** Looked for here where all are known, else by the server; until that answers, what was found before stays. */
function useFound(typed: string): { options: readonly InstanceOption[]; pending: boolean; failed: boolean } {
  const first = useOptions("");
  const known = first.data && first.data.length < INSTANCE_CHOICES;
  const asked = useOptions(known ? "" : typed.trim());
  const options = asked.data ?? [];
  return {
    options: known ? options.filter((option) => holdsText(option, typed)) : options,
    pending: asked.dataUpdatedAt === 0 && !asked.isError,
    failed: asked.isError,
  };
}

function useOptions(q: string) {
  return useQuery({
    queryKey: queryKeys.instanceOptions(q),
    queryFn: ({ signal }) =>
      fetchJson<readonly InstanceOption[]>(`/api/instances/options?q=${encodeURIComponent(q)}`, signal),
    placeholderData: (before) => before,
  });
}

function holdsText({ name, host, region }: InstanceOption, typed: string): boolean {
  return [name, host, region].some((text) => text.toLowerCase().includes(typed.trim().toLowerCase()));
}

/** Enter that was pressed before the answer is there means the first of the answer. */
function useEarlyEnter(pending: boolean, choose: () => void): ComponentProps<"input">["onKeyDown"] {
  const [wanted, setWanted] = useState(false);
  useEffect(() => {
    if (wanted && !pending) {
      setWanted(false);
      choose();
    }
  });
  return (event) => {
    if (event.key === "Enter" && pending && !event.nativeEvent.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      setWanted(true);
    }
  };
}
