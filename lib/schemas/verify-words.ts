/**
 * 校验: proving that what a rule brought is at its targets. Words and shapes free of zod, for the browser and the tables.
 */

import type { Finding } from "./verification.ts";

/** `shallow`: the target says that it holds everything; `deep`: everything is read back there and hashed. */
export const VERIFY_DEPTHS = ["shallow", "deep"] as const;
export type VerifyDepth = (typeof VERIFY_DEPTHS)[number];

/** The one of two wishes that proves more. */
export function deeper(first: VerifyDepth | null, second: VerifyDepth | null): VerifyDepth | null {
  return first === "deep" || second === "deep" ? "deep" : (first ?? second);
}

/** Something that was not at the target as it should be. */
export interface VerifyFinding extends Finding {
  /** It was sent again, and was there then. */
  repaired: boolean;
}

/** What was looked at for one transfer, and what came of it. */
export interface TransferVerification {
  depth: VerifyDepth;
  /** Looked at for it; what another transfer had looked at before is not counted again. */
  manifests: number;
  blobs: number;
  bytesRead: number;
  /** What was lacking and was sent again. */
  repaired: number;
  /** What is lacking still. */
  missing: number;
  /** The first of what was lacking, FINDING_ROWS at most; the others are counted. */
  findings: VerifyFinding[];
}

/** Findings of one transfer that are kept. */
export const FINDING_ROWS = 20;

/** What the last verification of a whole rule came to. */
export interface RuleVerification {
  taskId: string;
  number: number;
  depth: VerifyDepth;
  /** Tags with everything in place, at all targets; of these, with something that was sent again; and those that lack something. */
  verified: number;
  repaired: number;
  unproven: number;
}

/** 校验 as a rule is set to it. */
export interface RuleVerify {
  /** After each of its tasks; null: not. */
  after: VerifyDepth | null;
  /** By itself, by a schedule of its own; null: not. */
  schedule: { cron: string; timeZone: string; deep: boolean } | null;
}
