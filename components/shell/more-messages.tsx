"use client";

import { NextIntlClientProvider, useLocale, useMessages } from "next-intl";
import { type ReactNode, useMemo } from "react";
import { type MessageTree, mergeMessages } from "@/lib/format/pick-messages.ts";
import type { TextOf } from "@/lib/format/text-of.ts";
import { useText } from "../live/use-text.ts";

/** Adds texts to those that the layouts around have brought. */
export function MoreMessages({ text, children }: { text: TextOf<MessageTree>; children: ReactNode }) {
  const locale = useLocale();
  const known = useMessages() as MessageTree;
  const messages = useText(text);
  const all = useMemo(() => mergeMessages(known, messages), [known, messages]);
  return (
    <NextIntlClientProvider locale={locale} messages={all}>
      {children}
    </NextIntlClientProvider>
  );
}
