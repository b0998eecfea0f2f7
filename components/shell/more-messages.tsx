"use client";

import { NextIntlClientProvider, useLocale, useMessages } from "next-intl";
import { type ReactNode, useMemo } from "react";
import { type MessageTree, mergeMessages } from "@/lib/format/pick-messages.ts";

/** Adds texts to those that the layouts around have brought. */
export function MoreMessages({ messages, children }: { messages: MessageTree; children: ReactNode }) {
  const locale = useLocale();
  const known = useMessages() as MessageTree;
  const all = useMemo(() => mergeMessages(known, messages), [known, messages]);
  return (
    <NextIntlClientProvider locale={locale} messages={all}>
      {children}
    </NextIntlClientProvider>
  );
}
