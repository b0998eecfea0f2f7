import type { parse } from "yaml";

let loading: Promise<typeof parse> | undefined;

/**
 * Reads YAML of a stranger into plain objects, lists and text: every scalar is text, since `1.10` is a version and no number.
 * Aliases that multiply are refused, tags make nothing. Loaded with its first use: most registries have no YAML.
 * @throws {Error} of the parser
 */
export async function yamlReader(): Promise<(text: string) => unknown> {
  loading ??= import("yaml").then((yaml) => yaml.parse);
  const read = await loading;
  return (text) =>
    read(text, {
      schema: "failsafe",
      maxAliasCount: 100,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "error",
    });
}
