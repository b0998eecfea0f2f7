import { setImmediate as nextTurn } from "node:timers/promises";
import type { ContentError } from "../errors.ts";
import { isRepositoryName } from "../reference.ts";
import { archiveUrl } from "./archive-url.ts";
import { unreadableChart } from "./chart-error.ts";
import { isChartVersion, tagOfVersion } from "./chart-version.ts";
import { type IndexPieces, indexPieces, ownText, wantedFields } from "./index-pieces.ts";
import { yamlReader } from "./yaml.ts";

/** A large public index has 20 MB. */
export const MAX_INDEX_BYTES = 64 * 1024 * 1024;
export const MAX_CHART_VERSIONS = 100_000;
/** An index that cannot be read piece by piece is read whole up to this size: a parser takes some fifty times as much. */
const MAX_WHOLE_BYTES = 2 * 1024 * 1024;
/** JSON takes less, but lists of nothing take ten times their size as well. */
const MAX_JSON_BYTES = 16 * 1024 * 1024;
/** Of one version what is parsed at once: a parser is not interrupted. */
const MAX_PIECE_BYTES = 256 * 1024;
/** Longest that other work of the process waits for a parser. */
const TURN_MS = 15;

/** One version of one chart as the index has it. */
export interface ChartEntry {
  /** Name and version as the index writes them. */
  name: string;
  version: string;
  /** Absolute. */
  url: string;
  /** SHA-256 of the archive, where the index tells. */
  digest: string | null;
  /** Why it cannot be used. */
  problem: ContentError | null;
}

export interface ChartIndex {
  /** Entries by the name that a repository can have, and by tag. */
  charts: Map<string, Map<string, ChartEntry>>;
  /** Where the server's API begins, as ChartMuseum says of itself; '' where nobody says. */
  contextPath: string;
}

/**
 * Reads `index.yaml` of a chart repository. What is wrong with one version stays with that version: it is listed under a
 * name that can be shown, with the reason.
 * @param base where the index was found: relative addresses begin there
 * @throws {ContentError} UNREADABLE_CHART when it is no index at all, or larger than anybody needs
 */
export async function readIndex(bytes: Uint8Array, base: URL): Promise<ChartIndex> {
  const text = new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  const index = new IndexBuilder(base);
  const read = await yamlReader();
  const parts = /^\s*\{/.test(text) ? null : indexPieces(text);
  if (parts) {
    await index.addPieces(parts, read);
  } else {
    await index.addDocument(wholeDocument(text, read));
  }
  return index.done();
}

function wholeDocument(text: string, read: (text: string) => unknown): unknown {
  try {
    if (/^\s*\{/.test(text) && text.length <= MAX_JSON_BYTES) {
      return JSON.parse(text);
    }
  } catch {
    // Braces begin YAML as well.
  }
  if (text.length > MAX_WHOLE_BYTES) {
    throw unreadableChart("an index laid out as Helm writes it", "one that has to be read as a whole");
  }
  try {
    return read(text);
  } catch (cause) {
    throw unreadableChart("an index of charts in YAML", reasonOf(cause), cause);
  }
}

/** The versions that one piece of an index holds: one, or whatever stands where a list should be. */
function versionsOf(text: string, read: (text: string) => unknown): unknown {
  const fields = wantedFields(text);
  const length = (fields ?? text).length;
  if (length > MAX_PIECE_BYTES) {
    throw new RangeError(`${length} bytes`);
  }
  const value = read(fields ?? text);
  return fields !== null ? [value] : isObject(value) ? Object.values(value)[0] : value;
}

class IndexBuilder {
  readonly #base: URL;
  readonly #charts = new Map<string, Map<string, ChartEntry>>();
  #contextPath = "";
  #count = 0;
  #turnMs = performance.now();

  constructor(base: URL) {
    this.#base = base;
  }

  done(): ChartIndex {
    return { charts: this.#charts, contextPath: this.#contextPath };
  }

  /** A document as a whole: YAML in another layout, or JSON. */
  async addDocument(document: unknown): Promise<void> {
    if (!isObject(document) || !isObject(document.entries ?? {})) {
      throw unreadableChart("an index of charts", isObject(document) ? "other entries" : typeof document);
    }
    this.#readServerInfo(document.serverInfo);
    for (const [name, versions] of Object.entries(document.entries ?? {})) {
      await this.#addVersions(name, versions);
    }
  }

  async addPieces({ rest, pieces }: IndexPieces, read: (text: string) => unknown): Promise<void> {
    const around = rest.length <= MAX_PIECE_BYTES ? attempt(() => read(rest)).value : undefined;
    this.#readServerInfo(isObject(around) ? around.serverInfo : undefined);
    for (const { key, text } of pieces) {
      const { value, error } = attempt(() => versionsOf(text, read));
      if (error) {
        this.#refuse(key, "unreadable", unreadableChart(`an entry of ${key} in YAML`, reasonOf(error)));
      } else {
        await this.#addVersions(key, value);
      }
      await this.#giveWay();
    }
  }

  /** What cannot be read, and lists of nothing, take time as well. */
  async #giveWay(): Promise<void> {
    if (performance.now() - this.#turnMs > TURN_MS) {
      await nextTurn();
      this.#turnMs = performance.now();
    }
  }

  #readServerInfo(info: unknown): void {
    const path = isObject(info) ? info.contextPath : undefined;
    this.#contextPath = typeof path === "string" && /^(?:\/[\w.~-]+)+$/.test(path) ? path : "";
  }

  async #addVersions(name: string, versions: unknown): Promise<void> {
    if (!Array.isArray(versions)) {
      this.#refuse(name, "unreadable", unreadableChart(`a list of versions of ${name}`, typeof versions));
      return;
    }
    for (const version of versions) {
      this.#addVersion(name, version);
      await this.#giveWay();
    }
  }

  #addVersion(name: string, fields: unknown): void {
    const { version: text, urls, digest, removed } = isObject(fields) ? fields : {};
    const version = typeof text === "string" ? ownText(text) : "";
    if (version === "") {
      this.#refuse(name, "unreadable", unreadableChart(`a version of ${name}`, "none"));
      return;
    }
    if (removed === "true" || removed === true) {
      return;
    }
    if (!isChartVersion(version)) {
      this.#refuse(name, version, unreadableChart("a semantic version", `${name} ${version}`));
      return;
    }
    const url = archiveUrl(Array.isArray(urls) ? urls[0] : undefined, this.#base);
    if (typeof url === "string") {
      this.#refuse(name, version, unreadableChart(`an address of ${name} ${version} over HTTP`, url));
      return;
    }
    this.#add({ name, version, url: url.href, digest: digestOfField(digest), problem: null });
  }

  #refuse(name: string, version: string, problem: ContentError): void {
    this.#add({ name, version, url: this.#base.href, digest: null, problem });
  }

  #add(given: ChartEntry): void {
    this.#count += 1;
    if (this.#count > MAX_CHART_VERSIONS) {
      throw unreadableChart(`an index of at most ${MAX_CHART_VERSIONS} versions`, "more");
    }
    const entry = isRepositoryName(given.name) ? given : { ...given, problem: badName(given.name) };
    const key = entry === given ? entry.name : standIn(entry.name);
    const versions = this.#charts.get(key) ?? new Map<string, ChartEntry>();
    this.#charts.set(key, versions);
    const tag = tagOfVersion(entry.version);
    versions.set(tag, better(versions.get(tag), entry));
  }
}

/** Of two entries under one name the one that can be used; two that can must be the same, or neither is to be trusted. */
function better(known: ChartEntry | undefined, entry: ChartEntry): ChartEntry {
  if (!known || (known.problem && !entry.problem)) {
    return entry;
  }
  const same = known.digest === null ? known.url === entry.url : known.digest === entry.digest;
  if (entry.problem || known.problem || same) {
    return known;
  }
  const problem = unreadableChart(`one archive of ${entry.name} ${entry.version}`, "two in the index");
  return { ...known, problem };
}

function badName(name: string): ContentError {
  return unreadableChart("a chart's name of lower-case letters, digits and dashes", name);
}

function standIn(name: string): string {
  const safe = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 100);
  return safe || "unnamed";
}

function digestOfField(digest: unknown): string | null {
  const hex = typeof digest === "string" ? digest.replace(/^sha256:/, "").toLowerCase() : "";
  return /^[0-9a-f]{64}$/.test(hex) ? ownText(`sha256:${hex}`) : null;
}

function attempt<T>(run: () => T): { value?: T; error?: unknown } {
  try {
    return { value: run() };
  } catch (error) {
    return { error };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : "something else";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
