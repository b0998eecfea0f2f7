import { getMessages } from "next-intl/server";
import type { ReactNode } from "react";
import { MoreMessages } from "@/components/shell/more-messages.tsx";
import { type MessageTree, pickMessages } from "@/lib/format/pick-messages.ts";
import { type TextOf, textOf } from "@/lib/format/text-of.ts";

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
  const text = picked((await getMessages()) as MessageTree, paths);
  return <MoreMessages text={text}>{children}</MoreMessages>;
}

const known = new WeakMap<MessageTree, Map<string, TextOf<MessageTree>>>();

/** Picked and written out once: a language has a tree of its own, and a page always asks for the same. */
function picked(messages: MessageTree, paths: readonly string[]): TextOf<MessageTree> {
  const ofTree = known.get(messages) ?? new Map<string, TextOf<MessageTree>>();
  known.set(messages, ofTree);
  const key = paths.join(" ");
  const text = ofTree.get(key) ?? textOf(pickMessages(messages, paths));
  ofTree.set(key, text);
  return text;
}
