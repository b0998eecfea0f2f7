import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Node as AstNode, parseSync } from "@swc/core";

const ROOT = join(import.meta.dirname, "../..");

/** A node of any kind: the scans below go by its fields. */
type Node = Omit<AstNode, "type"> & { type: string; [field: string]: unknown };

/** A file of the console and what it says to the parser. */
export interface Source {
  /** From the root of the project. */
  path: string;
  text: string;
  ast: Node;
}

/** The TypeScript files of these folders, tests left out. */
export function readSources(...folders: string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|\.d\.ts$/.test(file))
      .map((file) => {
        const path = join(ROOT, folder, file);
        return parseSource(relative(ROOT, path), readFileSync(path, "utf8"));
      }),
  );
}

export function parseSource(path: string, text: string): Source {
  const tsx = path.endsWith(".tsx");
  return {
    path,
    text,
    ast: parseSync(text, { syntax: "typescript", tsx, target: "es2022" }) as unknown as Node,
  };
}

/** Each node below, parents first. */
function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) {
      yield* walk(item);
    }
  } else if (value !== null && typeof value === "object") {
    if ("type" in value && typeof value.type === "string") {
      yield value as Node;
    }
    for (const [field, child] of Object.entries(value)) {
      if (field !== "span") {
        yield* walk(child);
      }
    }
  }
}

const field = (node: unknown, name: string): Node | undefined =>
  (node as Node | undefined)?.[name] as Node | undefined;
const list = (node: unknown, name: string): Node[] => ((node as Node)[name] as Node[] | undefined) ?? [];
const firstArgument = (call: Node): Node | undefined => field(list(call, "arguments")[0], "expression");

/** A use of a text: every key that it may name, `*` for what is known only when it runs. */
export interface TextUse {
  path: string;
  /** The namespace its translator was made for; empty for all of them. */
  namespace: string;
  keys: string[];
  /** Arguments that are passed as text already: `formatCount(n)`. */
  formatted: string[];
}

/** Each call of a translator that was made by `useTranslations` or `getTranslations` in the same file. */
export function textUses({ path, ast }: Source): TextUse[] {
  const translators = new Map<string, string>();
  for (const node of walk(ast)) {
    if (node.type === "VariableDeclarator") {
      bindTranslators(field(node, "id"), field(node, "init"), translators);
    }
  }
  const found: TextUse[] = [];
  for (const node of walk(ast)) {
    if (node.type === "CallExpression") {
      const callee = field(node, "callee");
      const name = callee?.type === "MemberExpression" ? field(callee, "object") : callee;
      const namespace = name?.type === "Identifier" ? translators.get(bindingOf(name)) : undefined;
      if (namespace !== undefined) {
        const keys = keysOf(firstArgument(node)).map((key) => [namespace, key].filter(Boolean).join("."));
        found.push({ path, namespace, keys, formatted: formattedArguments(node) });
      }
    }
  }
  return found;
}

function formattedArguments(call: Node): string[] {
  return list(field(list(call, "arguments")[1], "expression") ?? {}, "properties")
    .filter((property) => field(field(property, "value"), "callee")?.value === "formatCount")
    .map((property) => nameOf(field(property, "key")));
}

/** The parser gives each scope a number, so that two `t` of one file are told apart. */
const bindingOf = (identifier: Node): string => `${identifier.value}#${identifier.ctxt}`;

function bindTranslators(id: Node | undefined, init: Node | undefined, found: Map<string, string>): void {
  const value = init?.type === "AwaitExpression" ? field(init, "argument") : init;
  if (id?.type === "ArrayPattern" && value?.type === "CallExpression") {
    const results = list(firstArgument(value) ?? {}, "elements");
    list(id, "elements").forEach((element, index) => {
      bindTranslators(element ?? undefined, field(results[index], "expression"), found);
    });
  }
  const callee = value?.type === "CallExpression" ? field(value, "callee") : undefined;
  if (id?.type === "Identifier" && value && /^(?:use|get)Translations$/.test(String(callee?.value))) {
    const namespace = firstArgument(value);
    found.set(bindingOf(id), namespace?.type === "StringLiteral" ? String(namespace.value) : "");
  }
}

/** The keys that an argument may come to. */
function keysOf(argument: Node | undefined): string[] {
  switch (argument?.type) {
    case "StringLiteral":
      return [String(argument.value)];
    case "TemplateLiteral": {
      const parts = list(argument, "quasis").map((part) => String(part.cooked));
      const inner = list(argument, "expressions").map(keysOf);
      return parts
        .slice(1)
        .reduce<string[]>(
          (keys, part, index) =>
            keys.flatMap((key) => (inner[index] ?? ["*"]).map((each) => key + each + part)),
          [parts[0] ?? ""],
        );
    }
    case "ConditionalExpression":
      return [...keysOf(field(argument, "consequent")), ...keysOf(field(argument, "alternate"))];
    case "BinaryExpression":
      return [...keysOf(field(argument, "left")), ...keysOf(field(argument, "right"))];
    case "ParenthesisExpression":
    case "TsAsExpression":
    case "TsSatisfiesExpression":
    case "TsNonNullExpression":
      return keysOf(field(argument, "expression"));
    default:
      return ["*"];
  }
}

const CJK = /[\u3000-\u9fff\uff00-\uffef]/;

/** Attributes and properties whose texts people read or hear. */
const SPOKEN =
  /^(?:aria-(?:label|description|roledescription|valuetext|placeholder)|ariaLabel|placeholder|title|alt|label|hint|message|description|summary|busyLabel|copyLabel|inputLabel|confirmLabel|disabledReason)$/;

/** Texts that stand in the code where a message belongs: in tags, in what is read aloud, and whatever is Chinese. */
export function literalTexts({ path, ast }: Source): string[] {
  const found: string[] = [];
  for (const node of walk(ast)) {
    const own = ownText(node);
    if (own !== null && CJK.test(own)) {
      found.push(own);
    } else if (node.type === "JSXText") {
      found.push(String(node.value));
    } else if (node.type === "JSXElement" || node.type === "JSXFragment") {
      found.push(...list(node, "children").flatMap((child) => textsOf(child)));
    } else if (node.type === "JSXAttribute" && SPOKEN.test(nameOf(field(node, "name")))) {
      found.push(...textsOf(field(node, "value")));
    } else if (node.type === "KeyValueProperty" && SPOKEN.test(nameOf(field(node, "key"))) && isShown(path)) {
      found.push(...textsOf(field(node, "value")));
    }
  }
  return [
    ...new Set(found.map((text) => text.trim()).filter((text) => CJK.test(text) || /\p{L}{2}/u.test(text))),
  ];
}

/** In app and components an object's `title` or `message` is on its way to a page. */
const isShown = (path: string): boolean => /^(?:app|components)\//.test(path);

function nameOf(name: Node | undefined): string {
  if (name?.type === "JSXNamespacedName") {
    return `${field(name, "namespace")?.value}-${field(name, "name")?.value}`;
  }
  return String(name?.value ?? "");
}

function ownText(node: Node): string | null {
  return node.type === "StringLiteral" || node.type === "JSXText"
    ? String(node.value)
    : node.type === "TemplateElement"
      ? String(node.cooked)
      : null;
}

/** The literal texts that an expression may come to, without those inside of calls. */
function textsOf(node: Node | undefined): string[] {
  switch (node?.type) {
    case "StringLiteral":
      return [String(node.value)];
    case "TemplateLiteral":
      return [
        ...list(node, "quasis").map((part) => String(part.cooked)),
        ...list(node, "expressions").flatMap(textsOf),
      ];
    case "ConditionalExpression":
      return [...textsOf(field(node, "consequent")), ...textsOf(field(node, "alternate"))];
    case "BinaryExpression":
      return /^(?:\+|\?\?|\|\||&&)$/.test(String(node.operator))
        ? [...textsOf(field(node, "left")), ...textsOf(field(node, "right"))]
        : [];
    case "JSXExpressionContainer":
    case "ParenthesisExpression":
    case "TsAsExpression":
      return textsOf(field(node, "expression"));
    default:
      return [];
  }
}
