/** Texts by their keys; a key may hold a group of texts. A text is as it is written, or parsed (lib/compiled-messages.ts). */
export interface MessageTree<Text = string> {
  [key: string]: Text | MessageTree<Text>;
}

const isGroup = <Text>(value: Text | MessageTree<Text> | undefined): value is MessageTree<Text> =>
  typeof value === "object" && !Array.isArray(value);

/**
 * The texts that these paths name: `rules` and `rules.form` with all they hold, of `errors.*` only the texts that stand in the
 * group itself.
 */
export function pickMessages<Text>(messages: MessageTree<Text>, paths: readonly string[]): MessageTree<Text> {
  return paths.reduce<MessageTree<Text>>(
    (picked, path) => mergeMessages(picked, pick(messages, path.split("."))),
    {},
  );
}

function pick<Text>(tree: MessageTree<Text>, [head, ...rest]: readonly string[]): MessageTree<Text> {
  if (head === undefined) {
    return tree;
  }
  if (head === "*") {
    return Object.fromEntries(Object.entries(tree).filter(([, value]) => !isGroup(value)));
  }
  const found = tree[head];
  if (!isGroup(found)) {
    return found === undefined || rest.length > 0 ? {} : { [head]: found };
  }
  return { [head]: pick(found, rest) };
}

/** Both together, group by group. */
export function mergeMessages<Text>(one: MessageTree<Text>, other: MessageTree<Text>): MessageTree<Text> {
  const merged = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const known = merged[key];
    merged[key] = isGroup(known) && isGroup(value) ? mergeMessages(known, value) : value;
  }
  return merged;
}
