import { compilePattern } from "@/lib/pattern/pattern.ts";
import { errorSpan, suggestionFor } from "@/lib/pattern/suggestion.ts";
import { probe } from "@/lib/sync/probe.ts";
import { draftErrors } from "./draft-errors.ts";

/** What rule-check.ts loads. */
export const compile = compilePattern;
export const spanOf = errorSpan;
export const suggest = suggestionFor;
export const errorsOf = draftErrors;
export const probeName = probe;
