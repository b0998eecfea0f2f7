import { ROOT, type RuleDraft } from "./rule-draft.ts";

const MAX = 64;

/**
 * A name for a rule out of what it copies and where to: `trade` to 新加坡 is `trade`, to `sg-prod` it is `trade-sg-prod`.
 * Empty while there is no namespace.
 */
function nameFor(draft: RuleDraft, nameOf: (instanceId: string) => string): string {
  const [target] = draft.targets;
  const from = draft.sourceNamespace.trim() === ROOT ? "" : slug(draft.sourceNamespace);
  const to = target ? slug(nameOf(target.instanceId)) : "";
  return from === ""
    ? ""
    : [from, to]
        .filter((part) => part !== "")
        .join("-")
        .slice(0, MAX);
}

/** The draft with its suggested name, unless somebody typed another one. */
export function withSuggestedName(
  next: RuleDraft,
  before: RuleDraft,
  nameOf: (instanceId: string) => string,
): RuleDraft {
  const untouched = before.name === "" || before.name === nameFor(before, nameOf);
  return untouched && next.name === before.name ? { ...next, name: nameFor(next, nameOf) } : next;
}

/** What of a text may stand in a rule's name; nothing where hardly any of it may. */
function slug(text: string): string {
  const kept = text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|[._-]+$/g, "");
  return /\p{Script=Han}/u.test(text) ? "" : kept;
}
