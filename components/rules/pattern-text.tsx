import { tokenize } from "@/lib/pattern/tokens.ts";

const COLOUR = { group: "text-azurite-fg", wildcard: "text-rouge-fg", text: "text-ink" } as const;

/** An expression in colours: groups in azurite, wildcards in rouge, what was refused underlined. */
export function PatternText({
  source,
  wrong,
}: {
  source: string;
  wrong: readonly [start: number, end: number] | null;
}) {
  let at = 0;
  return tokenize(source).flatMap(({ kind, text }) => {
    const start = at;
    at += text.length;
    return cut(text, start, wrong).map(({ part, from, refused }) => (
      <span
        key={from}
        className={
          refused ? "bg-cinnabar-soft text-cinnabar-fg shadow-[0_2px_0_var(--cinnabar-fill)]" : COLOUR[kind]
        }
      >
        {part}
      </span>
    ));
  });
}

/** The pieces of a stretch before, inside and behind what was refused. */
function cut(text: string, start: number, wrong: readonly [number, number] | null) {
  const [from, to] = wrong ?? [0, 0];
  const edges = [0, from - start, to - start, text.length].map((edge) =>
    Math.min(Math.max(edge, 0), text.length),
  );
  const pieces = [
    { part: text.slice(edges[0], edges[1]), from: start, refused: false },
    { part: text.slice(edges[1], edges[2]), from: start + (edges[1] ?? 0), refused: true },
    { part: text.slice(edges[2], edges[3]), from: start + (edges[2] ?? 0), refused: false },
  ];
  return pieces.filter(({ part }) => part !== "");
}
