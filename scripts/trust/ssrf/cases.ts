import type { TrustCase } from "../trust-case.ts";
import { ADDRESSES } from "./addresses.ts";
import { NAMES } from "./names.ts";
import { TRICKS } from "./tricks.ts";

/** trust.md E2 and E3: 60 ways to have the server dial where it must not. */
export const SSRF: readonly TrustCase[] = [...ADDRESSES, ...NAMES, ...TRICKS];
