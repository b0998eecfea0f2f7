import { getMessages } from "next-intl/server";
import type { ReactNode } from "react";
import { MoreMessages } from "@/components/shell/more-messages.tsx";
import { type MessageTree, pickMessages } from "@/lib/format/pick-messages.ts";

interface ClientMessagesProps {
  /** Groups of texts, as `pickMessages` takes them. */
  paths: readonly string[];
  children: ReactNode;
}

/**
 * Sends the browser the texts that client components below use, and no others; server components need none of it.
 * components/client-messages.test.ts reads off the code what each page needs.
 */
export async function ClientMessages({ paths, children }: ClientMessagesProps) {
  const messages = pickMessages((await getMessages()) as MessageTree, paths);
  return <MoreMessages messages={messages}>{children}</MoreMessages>;
}
