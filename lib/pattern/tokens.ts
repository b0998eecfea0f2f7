/** A stretch of an expression, for colouring it. Start and end are UTF-16 indexes. */
export interface PatternToken {
  kind: "group" | "wildcard" | "text";
  text: string;
}

/** Groups and alternation; a dot with its repetition; classes and escapes as they are, whatever stands in them. */
const PART =
  /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]?|\[\^?\]?(?:\\[\s\S]|\[:\^?\w+:\]|[^\]\\])*\]?|\((?:\?(?:P?<\w*>|[a-zA-Z-]*:|[a-zA-Z-]+\)|[=!]|<[=!])?)?|[)|]|\.(?:[*+?]\??|\{\d+(?:,\d*)?\}\??)?|[^\\[().|]+/g;

/** Cuts an expression into stretches, also one that does not compile; together they are the expression. */
export function tokenize(source: string): PatternToken[] {
  const tokens: PatternToken[] = [];
  for (const [text] of source.matchAll(PART)) {
    const kind = /^[()|]/.test(text) ? "group" : text.startsWith(".") ? "wildcard" : "text";
    const last = tokens.at(-1);
    if (last?.kind === kind) {
      last.text += text;
    } else {
      tokens.push({ kind, text });
    }
  }
  return tokens;
}
