import { unreadableChart } from "./chart-error.ts";

type Fields = Record<string, unknown>;

/** What Chart.yaml says, as Helm reads it. */
export interface ChartMetadata {
  name: string;
  version: string;
  /** As JSON: helm pkg/chart.Metadata, its fields in their order. */
  json: Fields;
}

/** helm pkg/chart/metadata.go, in the order of its fields. */
const METADATA: [field: string, read: (value: unknown) => unknown][] = [
  ["name", words],
  ["home", words],
  ["sources", list],
  ["version", words],
  ["description", words],
  ["keywords", list],
  ["maintainers", (value) => records(value, ["name", "email", "url"])],
  ["icon", words],
  ["apiVersion", words],
  ["condition", words],
  ["tags", words],
  ["appVersion", words],
  ["deprecated", flag],
  ["annotations", texts],
  ["kubeVersion", words],
  ["dependencies", dependencies],
  ["type", words],
];

/** @throws {ContentError} UNREADABLE_CHART when it names no chart */
export function chartMetadata(chartFile: unknown, what: string): ChartMetadata {
  const fields = isObject(chartFile) ? chartFile : {};
  const { name, version } = fields;
  if (typeof name !== "string" || typeof version !== "string" || name === "" || version === "") {
    throw unreadableChart(`a Chart.yaml of ${what}`, "one without name and version");
  }
  return { name, version, json: picked(fields, METADATA) };
}

/** JSON as Go writes it: what could end a script in a page is escaped, the keys of maps are sorted. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function picked(fields: Fields, known: [string, (value: unknown) => unknown][]): Fields {
  const entries = known.map(([field, read]) => [field, read(fields[field])] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function words(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value !== "null" && value !== "~" ? value : undefined;
}

function flag(value: unknown): true | undefined {
  return value === "true" ? true : undefined;
}

function list(value: unknown): string[] | undefined {
  const items = Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  return items.length > 0 ? items : undefined;
}

function records(value: unknown, names: string[]): Fields[] | undefined {
  const items = Array.isArray(value) ? value.filter(isObject) : [];
  const known = names.map((name): [string, typeof words] => [name, words]);
  return items.length > 0 ? items.map((item) => picked(item, known)) : undefined;
}

function texts(value: unknown): Record<string, string> | undefined {
  const entries = isObject(value)
    ? Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string")
    : [];
  return entries.length > 0 ? sorted(entries) : undefined;
}

export function sorted(entries: [string, string][]): Record<string, string> {
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function dependencies(value: unknown): Fields[] | undefined {
  const items = Array.isArray(value) ? value.filter(isObject) : [];
  const read = (item: Fields): Fields => ({
    name: words(item.name) ?? "",
    ...picked(item, [["version", words]]),
    repository: words(item.repository) ?? "",
    ...picked(item, [
      ["condition", words],
      ["tags", list],
      ["enabled", flag],
      ["import-values", (values) => (Array.isArray(values) ? values : undefined)],
      ["alias", words],
    ]),
  });
  return items.length > 0 ? items.map(read) : undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
