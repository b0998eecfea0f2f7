import { useMemo } from "react";
import type { TextOf } from "@/lib/format/text-of.ts";

/** What the server has written out (lib/format/text-of.ts): the same object as long as it says the same. */
export function useText<Data>(text: TextOf<Data>): Data {
  return useMemo(() => JSON.parse(text) as Data, [text]);
}
