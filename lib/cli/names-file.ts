import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { RememberedNames } from "../sync/remembered-names.ts";
import type { SyncOptions } from "./arguments.ts";
import { addressOf } from "./end-options.ts";

/** More than is ever written. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Of a part of a path, most file systems allow 255 bytes; a process adds its number while it writes. */
const LONGEST_NAME = 240;

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
      write(path, names.pieces());
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
function write(path: string, pieces: Iterable<Uint8Array>): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const beside = `${path}.${process.pid}`;
    const file = openSync(beside, "w", 0o600);
    try {
      // Never as one: a run of many tags would hold all of that once more.
      for (const some of together(pieces)) {
        writeFileSync(file, some);
      }
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch {}
}

/** So many bytes at least are written at once. */
const WRITTEN_BYTES = 64 * 1024;

function* together(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let some: Uint8Array[] = [];
  let length = 0;
  for (const piece of pieces) {
    some.push(piece);
    length += piece.byteLength;
    if (length >= WRITTEN_BYTES) {
      yield Buffer.concat(some);
      some = [];
      length = 0;
    }
  }
  yield Buffer.concat(some);
}
