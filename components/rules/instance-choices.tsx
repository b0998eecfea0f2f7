"use client";

import { Command } from "cmdk";
import { Check, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { Popover } from "radix-ui";
import { type ComponentProps, useState } from "react";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { HealthShape } from "../kit/health-mark.tsx";
import { UnhealthyWord } from "./unhealthy-word.tsx";

interface InstanceChoicesProps {
  options: readonly InstanceOption[];
  current: InstanceOption;
  trigger: ComponentProps<"button">;
  onChoose: (id: string) => void;
}

/** Open when it appears: instance-switcher.tsx loads it with the first press. */
export function InstanceChoices({ options, current, trigger, onChoose }: InstanceChoicesProps) {
  const t = useTranslations("rules.switcher");
  const [open, setOpen] = useState(true);
  const choose = (id: string) => {
    setOpen(false);
    onChoose(id);
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger {...trigger} />
      <Popover.Portal>
        <Popover.Content
          aria-label={t("label")}
          align="start"
          sideOffset={4}
          className="pop z-50 w-[372px] max-w-[calc(100vw-32px)] overflow-hidden rounded-md bg-surface shadow-pop"
        >
          <Choices options={options} current={current} onChoose={choose} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Choices({
  options,
  current,
  onChoose,
}: {
  options: readonly InstanceOption[];
  current: InstanceOption;
  onChoose: (id: string) => void;
}) {
  const t = useTranslations("rules.switcher");
  return (
    <Command label={t("search")} loop defaultValue={current.id}>
      <div className="flex h-9 items-center gap-2 border-line border-b px-3 max-md:h-11">
        <Search aria-hidden className="size-3.5 shrink-0 text-ink-3" />
        <Command.Input
          placeholder={t("search")}
          className="h-full min-w-0 flex-1 bg-transparent outline-none"
        />
      </div>
      <Command.List className="max-h-80 overflow-y-auto py-1">
        <Command.Empty className="px-3 py-2 text-ink-3">{t("none")}</Command.Empty>
        {options.map((option) => (
          <Command.Item
            key={option.id}
            value={option.id}
            keywords={[option.name, option.host, option.region]}
            onSelect={() => onChoose(option.id)}
            className="flex min-h-9 items-center gap-2.5 px-3 data-[selected=true]:bg-hover max-md:min-h-11"
          >
            <HealthShape status={option.health} />
            <span className="whitespace-nowrap">{option.name}</span>
            <code className="min-w-0 truncate text-ink-3">{option.host}</code>
            <span className="ml-auto flex shrink-0 items-center gap-2 text-meta">
              <UnhealthyWord option={option} />
              {option.id === current.id ? (
                <Check aria-label={t("current")} className="size-3.5 text-azurite-fg" />
              ) : null}
            </span>
          </Command.Item>
        ))}
      </Command.List>
    </Command>
  );
}
