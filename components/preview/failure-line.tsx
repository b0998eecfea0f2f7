"use client";

import type { FailureFact } from "@/lib/schemas/task.ts";
import { useFailureWords } from "../transfers/failure-words.ts";

/** Why something could not be told, under the verdict. */
export function FailureLine({ failure, instance }: { failure: FailureFact; instance: string | undefined }) {
  const words = useFailureWords();
  return (
    <div className="pl-5 text-cinnabar-fg text-meta wrap-anywhere">{words(failure, { instance }).title}</div>
  );
}
