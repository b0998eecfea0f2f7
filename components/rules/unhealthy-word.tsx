"use client";

import { useTranslations } from "next-intl";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { HealthMark } from "../kit/health-mark.tsx";

/** Instances that are not well carry the word too; a healthy one is only a disc with its word for readers. */
export function UnhealthyWord({ option }: { option: InstanceOption }) {
  const t = useTranslations("common.health");
  return option.health === "slow" || option.health === "unreachable" ? (
    <span className="text-meta [&_svg]:hidden">
      <HealthMark status={option.health} />
    </span>
  ) : (
    // The space keeps the word from running into the host before it.
    <span className="sr-only">{` ${t(option.health)}`}</span>
  );
}
