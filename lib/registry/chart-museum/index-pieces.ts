/**
 * An index of 20,000 versions is 15 MB of YAML, and a parser takes seconds and hundreds of megabytes for it at once. As
 * Helm and ChartMuseum write it, its pieces can be told by their indentation: one version of one chart each.
 */
export interface IndexPieces {
  /** Lines before and behind the entries. */
  rest: string;
  /** Name of a chart as written, and the text of one of its versions: a list of one. */
  pieces: Generator<{ key: string; text: string }>;
}

const ENTRIES = /^entries:[ \t]*(?:#.*)?\r?$/m;
const KEY = /^ +("?)([^\s"':#&*!|>%@`{[][^"':#]*)\1:[ \t]*(?:#.*)?\r?$/;

/** @returns null when the text is not laid out like that: flow style, or a list where names should be */
export function indexPieces(text: string): IndexPieces | null {
  const head = ENTRIES.exec(text);
  if (!head) {
    return null;
  }
  const from = head.index + head[0].length + 1;
  const end = endOfBlock(text, from);
  const first = firstLine(text, from, end);
  if (first !== null && !KEY.test(first)) {
    return null;
  }
  return {
    rest: text.slice(0, head.index) + text.slice(end),
    pieces: first === null ? none() : pieces(text, from, end),
  };
}

/** The text without the larger text that it was cut from, which would stay in memory with it. */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}

function* none(): Generator<never> {}

/** Where the next key of the whole document begins. */
function endOfBlock(text: string, from: number): number {
  const next = /^[^\s#-]/gm;
  next.lastIndex = from;
  return next.exec(text)?.index ?? text.length;
}

function firstLine(text: string, from: number, end: number): string | null {
  for (const { line } of lines(text, from, end)) {
    if (!isBlank(line)) {
      return line;
    }
  }
  return null;
}

function* pieces(text: string, from: number, end: number): Generator<{ key: string; text: string }> {
  let indent = -1;
  let key: string | undefined;
  let begun: number | undefined;
  let dash = -1;
  for (const { line, start } of lines(text, from, end)) {
    if (isBlank(line)) {
      continue;
    }
    const depth = line.search(/[^ ]/);
    indent = indent === -1 ? depth : indent;
    const item = line[depth] === "-";
    const opensItem = item && key !== undefined && (dash === -1 || depth === dash);
    const opensKey = !item && depth <= indent;
    if ((opensItem || opensKey) && key !== undefined && begun !== undefined) {
      yield { key, text: text.slice(begun, start) };
      begun = undefined;
    }
    if (opensKey) {
      const found = KEY.exec(line);
      // What is no plain key is handed on as it is, for the parser to say what is wrong with it.
      key = ownText(found?.[2]?.trim() ?? line.trim());
      begun = found ? undefined : start;
      dash = -1;
    } else if (opensItem) {
      dash = depth;
      begun = start;
    } else {
      begun ??= start;
    }
  }
  if (key !== undefined && begun !== undefined) {
    yield { key, text: text.slice(begun, end) };
  }
}

const WANTED = /^(?:version|urls|digest|removed):/;
const FIRST_FIELD = /^ *- +(?=[\w-]+:(?: |\r?$))/m;

/**
 * Of the text of one version the fields that an index is read for, as a mapping: a tenth of the text, and of a parser's time.
 * @returns null when the text is laid out in another way
 */
export function wantedFields(text: string): string | null {
  const lead = FIRST_FIELD.exec(text);
  if (lead?.index !== 0) {
    return null;
  }
  const depth = lead[0].length;
  const kept: string[] = [];
  let wanted = false;
  for (const { line, start } of lines(text, 0, text.length)) {
    const own = start === 0 ? " ".repeat(depth) + line.slice(depth) : line;
    const at = own.search(/[^ ]/);
    if (at !== -1 && at < depth) {
      return null;
    }
    if (at === depth && own[at] !== "-") {
      wanted = WANTED.test(own.slice(depth));
    }
    if (wanted) {
      kept.push(own);
    }
  }
  return kept.join("\n");
}

function* lines(text: string, from: number, end: number): Generator<{ line: string; start: number }> {
  for (let start = from; start < end; ) {
    const newline = text.indexOf("\n", start);
    const stop = newline === -1 || newline > end ? end : newline;
    yield { line: text.slice(start, stop), start };
    start = stop + 1;
  }
}

function isBlank(line: string): boolean {
  return /^\s*(?:#.*)?$/.test(line);
}
