"use client";

import clsx from "clsx";
import Link from "next/link";
import type { ComponentProps } from "react";
import { Pressable, type PressableProps } from "./pressable.tsx";

const LOOK =
  "inline-flex min-h-6 items-center rounded-sm font-medium whitespace-nowrap max-md:min-h-11 hover:underline underline-offset-[3px]";
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
      className={clsx(LOOK, off ? "text-ink-disabled no-underline!" : TONE[tone], className)}
    />
  );
}

export function TextLink({
  tone = "azurite",
  className,
  ...rest
}: ComponentProps<typeof Link> & { tone?: keyof typeof TONE }) {
  return <Link {...rest} className={clsx(LOOK, TONE[tone], className)} />;
}
