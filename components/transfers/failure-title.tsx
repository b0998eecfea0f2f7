import { splitAtDigests } from "@/lib/format/error-sentence.ts";

/** The title of a failure; a shortened digest in it does not break at its ellipsis. */
export function FailureTitle({ title }: { title: string }) {
  return splitAtDigests(title).map((part, index) =>
    index % 2 === 1 ? (
      <span key={part} className="whitespace-nowrap">
        {part}
      </span>
    ) : (
      part
    ),
  );
}
