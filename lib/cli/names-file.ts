import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { RememberedNames } from "../sync/remembered-names.ts";
import type { SyncOptions } from "./arguments.ts";
import { addressOf } from "./end-options.ts";

/** More than is ever written. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Of a part of a path. */
const LONGEST_NAME = 250;

/** What a run remembers for the next one. */
export interface NamesFile {
  readonly names: RememberedNames;
  /** Never fails: without it the next run asks more. */
  save(): void;
}

/**
 * One file for what is copied from one namespace to another. Undefined where nothing is to be remembered; of a choice of platforms the
 * ends do not name the same.
 */
export function openNames(options: SyncOptions): NamesFile | undefined {
  const { cacheFolder, source, target, selection, targetNamespace, platforms } = options;
  if (cacheFolder === null || platforms || !source.registry || !target.registry) {
    return undefined;
  }
  const places = [
    `${addressOf(source)} ${selection.namespace}`,
    `${addressOf(target)} ${targetNamespace ?? selection.namespace}.json`,
  ].map(encodeURIComponent);
  if (places.some((place) => place.length > LONGEST_NAME)) {
    return undefined;
  }
  const path = join(cacheFolder, "names", ...places);
  const names = new RememberedNames(read(path));
  const save = (): void => {
    if (names.changed) {
      write(path, names.text());
    }
  };
  return { names, save };
}

function read(path: string): string {
  try {
    return statSync(path).size <= MOST_BYTES ? readFileSync(path, "utf8") : "";
  } catch {
    return "";
  }
}

/** Repositories of others may have names that are nobody's business. */
function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const beside = `${path}.${process.pid}`;
    writeFileSync(beside, text, { mode: 0o600 });
    renameSync(beside, path);
  } catch {}
}
