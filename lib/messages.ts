import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { config } from "./config.ts";
import type { MessageTree } from "./format/pick-messages.ts";
import type { Locale } from "./schemas/locale.ts";

const loaded = new Map<Locale, Promise<MessageTree>>();

/** Each file of messages/<locale> is one namespace. Read once; while developing, at each request. */
export function loadMessages(locale: Locale): Promise<MessageTree> {
  let found = loaded.get(locale);
  if (!found || config().development) {
    found = readMessages(locale);
    loaded.set(locale, found);
  }
  return found;
}

async function readMessages(locale: Locale): Promise<MessageTree> {
  const folder = join(process.cwd(), "messages", locale);
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json"));
  const namespaces = await Promise.all(
    files.map(
      async (file) =>
        [file.slice(0, -".json".length), JSON.parse(await readFile(join(folder, file), "utf8"))] as const,
    ),
  );
  return Object.fromEntries(namespaces);
}
