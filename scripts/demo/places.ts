import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The three registries of the demo, in the order they are shown. */
export const PLACES = [
  { key: "shanghai", name: "上海", region: "华东" },
  { key: "singapore", name: "新加坡", region: "东南亚" },
  { key: "frankfurt", name: "法兰克福", region: "欧洲" },
] as const;
export type PlaceKey = (typeof PLACES)[number]["key"];

/** Where a demo registry answers, and what it asks for. */
export interface PlaceAddress {
  origin: string;
  port: number;
  username: string | null;
  password: string | null;
}
export type PlaceAddresses = Record<PlaceKey, PlaceAddress>;

/** What the registries remember from one start to the next, so that the registered addresses stay valid. */
export function readAddresses(dataDir: string): Partial<PlaceAddresses> {
  const path = fileIn(dataDir);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as PlaceAddresses) : {};
}

/** It holds a password: readable by its owner only. */
export function writeAddresses(dataDir: string, addresses: PlaceAddresses): void {
  const draft = `${fileIn(dataDir)}.new`;
  writeFileSync(draft, `${JSON.stringify(addresses, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, fileIn(dataDir));
}

function fileIn(dataDir: string): string {
  return join(dataDir, "registries.json");
}
