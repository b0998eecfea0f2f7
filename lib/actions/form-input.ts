import "server-only";
import { z } from "zod";
import type { FieldError } from "../schemas/action-state.ts";

export type Parsed<Input> = { ok: true; input: Input } | { ok: false; fields: Record<string, FieldError> };

/** Form fields are strings; what is nested travels as JSON in one field of this name and wins over the others. */
const JSON_FIELD = "json";

/** Reads a form by its schema. Whatever was sent, the answer names fields; nothing here throws. */
export function parseForm<Schema extends z.ZodType>(schema: Schema, form: unknown): Parsed<z.output<Schema>> {
  const raw = rawInput(form);
  if (raw === null) {
    return { ok: false, fields: { form: { key: "invalid" } } };
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    return { ok: false, fields: fieldErrors(parsed.error.issues) };
  }
  const fields = withNul(parsed.data);
  return Object.keys(fields).length > 0 ? { ok: false, fields } : { ok: true, input: parsed.data };
}

/** The key under which a form may be sent twice and counts once; what is no UUID is no key. */
export function submissionKey(form: FormData): string | null {
  const key = z.uuid().safeParse(form.get("submissionKey"));
  return key.success ? key.data : null;
}

/** Postgres stores no NUL: a field that holds one is refused here, whatever its schema allows. */
function withNul(value: unknown, path: readonly string[] = []): Record<string, FieldError> {
  if (typeof value === "string") {
    return value.includes("\u0000") ? { [path.join(".") || "form"]: { key: "control-characters" } } : {};
  }
  const nested = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return Object.assign({}, ...nested.map(([name, part]) => withNul(part, [...path, name])));
}

/** What a form holds, before any schema has looked at it. @returns null where it is none */
export function rawInput(form: unknown): Record<string, unknown> | null {
  if (!(form instanceof FormData)) {
    return null;
  }
  const fields = [...form].filter(
    ([name, value]) => name !== JSON_FIELD && !name.startsWith("$ACTION") && typeof value === "string",
  );
  const json = form.get(JSON_FIELD);
  const nested = typeof json === "string" ? parseObject(json) : {};
  // Entries, not assignment: a field named __proto__ is a field.
  return nested && Object.fromEntries([...fields, ...Object.entries(nested)]);
}

function parseObject(json: string): object | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** The first issue of each field, as a key of messages/<locale>/validation.json. */
function fieldErrors(issues: readonly z.core.$ZodIssue[]): Record<string, FieldError> {
  const fields: Record<string, FieldError> = {};
  for (const issue of issues) {
    const path = issue.path.join(".") || "form";
    if (!Object.hasOwn(fields, path)) {
      fields[path] = fieldError(issue);
    }
  }
  return fields;
}

function fieldError(issue: z.core.$ZodIssue): FieldError {
  // The schemas' own messages are keys; zod's are sentences.
  const key = /^[a-z0-9-]+$/.test(issue.message) ? issue.message : "invalid";
  const params = issue.code === "custom" ? issue.params : undefined;
  const values = Object.entries(params ?? {}).filter(
    (entry): entry is [string, string | number] =>
      typeof entry[1] === "string" || typeof entry[1] === "number",
  );
  return values.length > 0 ? { key, values: Object.fromEntries(values) } : { key };
}
