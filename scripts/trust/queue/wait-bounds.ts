import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../root.ts";

/** A place where the product begins to wait for something outside of its process, and what bounds it there. */
interface WaitRule {
  readonly begins: RegExp;
  /** One of these stands in the call. */
  readonly bounded: RegExp;
  /** Files that may begin such a wait at all; every file when left out. */
  readonly only?: RegExp;
}

/** Where connections to registries and to receivers of notices are made, and by whom they are used. */
const CONNECTOR = /^lib\/registry\/connector\.ts$/;
const EXCHANGE = /^lib\/registry\/exchange\.ts$/;
const HTTP_POOL = /^lib\/registry\/http\/pool\.ts$/;
/** Whatever stands in the call. */
const ANYTHING = /^/;
const NEVER = /^never$/;

const RULES: readonly WaitRule[] = [
  { begins: /\bnew Client\(/g, bounded: /query_timeout/ },
  { begins: /\bnew SafePool\(/g, bounded: /poolConfig\(/ },
  { begins: /\bnew PgBoss\(/g, bounded: /poolConfig\(|fromDrizzle\(/ },
  // A socket opens by the time limit of `awaitSocket`; what goes over it, by those of the pool and of the request.
  { begins: /\bconnectTcp\(|\btls\(\)\.connect\(/g, bounded: ANYTHING, only: CONNECTOR },
  { begins: /(?<!function )\bawaitSocket\(/g, bounded: /\bopen\(/, only: CONNECTOR },
  { begins: /\bnew Pool\(/g, bounded: /\btimes\b/, only: EXCHANGE },
  { begins: /\bnew Connection\(/g, bounded: /\btimes\b/, only: HTTP_POOL },
  { begins: /#poolOf\(url\)\.run\(/g, bounded: /headersMs/, only: EXCHANGE },
  { begins: /(?<![\w.#])fetch\((?!\))/g, bounded: /signal/, only: /^components\// },
  // Whatever else speaks to a network goes by the transport.
  {
    begins:
      /import \{[^}]*\b(?:connect|createConnection|request|get|createSocket)\b[^}]*\} from "node:(?:https?|http2|net|tls|dgram)"/g,
    bounded: ANYTHING,
    only: CONNECTOR,
  },
  {
    begins: /\bgetBuiltinModule\("node:(?:https?|http2|net|tls|dgram)"\)/g,
    bounded: ANYTHING,
    only: CONNECTOR,
  },
  { begins: /from "undici"/g, bounded: NEVER, only: NEVER },
];

const ROOMS = ["lib", "app", "components"];
const TESTS = /\.test\.tsx?$|\.testing\.ts$|^lib\/testing\//;

/** @returns how many waits there are, and those that nothing bounds: `lib/x.ts:12 new Client(` */
export function findWaits(): { waits: number; unbounded: string[] } {
  let waits = 0;
  const unbounded: string[] = [];
  for (const room of ROOMS) {
    for (const name of readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })) {
      const path = join(room, name);
      if (!/\.tsx?$/.test(path) || TESTS.test(path)) {
        continue;
      }
      const text = readFileSync(join(ROOT, path), "utf8");
      for (const rule of RULES) {
        for (const { index, 0: found } of text.matchAll(rule.begins)) {
          waits++;
          const here = rule.only?.test(path) ?? true;
          if (!here || !rule.bounded.test(callAt(text, index + found.length))) {
            unbounded.push(`${path}:${text.slice(0, index).split("\n").length} ${found.slice(0, 60)}`);
          }
        }
      }
    }
  }
  return { waits, unbounded };
}

/** The arguments of the call whose bracket was just opened. */
function callAt(text: string, start: number): string {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    depth += text[at] === "(" ? 1 : text[at] === ")" ? -1 : 0;
    if (depth === 0) {
      return text.slice(start, at);
    }
  }
  return text.slice(start);
}
