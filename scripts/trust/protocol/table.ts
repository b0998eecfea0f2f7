import { BEHAVIOUR } from "./behaviour.ts";
import type { ProtocolRow } from "./row.ts";
import { TRAPS } from "./traps.ts";

/** A row for each number, T before R. */
export const PROTOCOL: readonly ProtocolRow[] = [...TRAPS, ...BEHAVIOUR];
