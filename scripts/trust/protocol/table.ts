import { BEHAVIOUR } from "./behaviour.ts";
import type { ProtocolRow } from "./row.ts";
import { ASKING } from "./traps-asking.ts";
import { BRINGING } from "./traps-bringing.ts";

/** A row for each number, T before R. */
export const PROTOCOL: readonly ProtocolRow[] = [...ASKING, ...BRINGING, ...BEHAVIOUR];
