import type { StoredChart } from "./chart-store.ts";

type Version = Record<string, string | string[]>;

/** Versions by name of chart, the newest upload first, as `GET /api/charts` answers them. */
export function versionsByName(charts: readonly StoredChart[], urlPrefix: string): Map<string, Version[]> {
  const byName = Map.groupBy(charts, ({ name }) => name);
  return new Map(
    [...byName].map(([name, stored]) => [name, stored.map((chart) => versionOf(chart, urlPrefix))]),
  );
}

function versionOf({ fields, fileName, digest, created }: StoredChart, urlPrefix: string): Version {
  const told = { ...Object.fromEntries(fields), created: created.toISOString(), digest };
  return { ...told, urls: [`${urlPrefix}charts/${fileName}`] };
}

/** `index.yaml`, laid out as ChartMuseum writes it: keys sorted, lists not indented. */
export function indexYaml(versions: ReadonlyMap<string, Version[]>, contextPath: string): string {
  const lines = ["apiVersion: v1", versions.size === 0 ? "entries: {}" : "entries:"];
  for (const [name, list] of [...versions].sort(([one], [other]) => (one < other ? -1 : 1))) {
    lines.push(`  ${name}:`, ...list.flatMap(versionLines));
  }
  lines.push('generated: "2024-01-01T00:00:00Z"');
  lines.push(...(contextPath === "" ? ["serverInfo: {}"] : ["serverInfo:", `  contextPath: ${contextPath}`]));
  return `${lines.join("\n")}\n`;
}

function versionLines(version: Version): string[] {
  const keys = Object.keys(version).sort();
  return keys.flatMap((key, index) => {
    const value = version[key] ?? "";
    const lead = index === 0 ? "  - " : "    ";
    return Array.isArray(value)
      ? [`${lead}${key}:`, ...value.map((item) => `    - ${item}`)]
      : [`${lead}${key}: ${JSON.stringify(value)}`];
  });
}
