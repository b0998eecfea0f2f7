"use client";

import clsx from "clsx";
import type { ComponentProps } from "react";
import { Link } from "./link.tsx";
import { Pressable, type PressableProps } from "./pressable.tsx";

const TONE = { azurite: "text-azurite-fg", cinnabar: "text-cinnabar-fg" } as const;

interface TextActionProps extends PressableProps {
  tone?: keyof typeof TONE;
}

/** An action of a row. */
export function TextAction({ tone = "azurite", className, ...press }: TextActionProps) {
  const off = press.busy || press.disabledReason;
  return (
    <Pressable
      {...press}
      className={clsx("text-action", off ? "text-ink-disabled no-underline!" : TONE[tone], className)}
    />
  );
}

export function TextLink({
  tone = "azurite",
  className,
  ...rest
}: ComponentProps<typeof Link> & { tone?: keyof typeof TONE }) {
  return <Link {...rest} className={clsx("text-action", TONE[tone], className)} />;
}
