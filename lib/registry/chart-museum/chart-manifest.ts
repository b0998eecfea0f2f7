import type { Descriptor } from "../descriptor.ts";
import { HELM_CONFIG, OCI_MANIFEST } from "../media-types.ts";
import type { Manifest } from "../repository.ts";
import { parseBody, successors } from "../successors.ts";
import { digestOf } from "../verify.ts";
import type { Archive } from "./archive.ts";
import { type ChartMetadata, goJson, sorted } from "./chart-config.ts";
import { unreadableChart } from "./chart-error.ts";

/** helm pkg/registry/constants.go. */
export const HELM_CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const HELM_CHART_LEGACY = "application/tar+gzip";
export const HELM_PROVENANCE = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/** A chart as an OCI registry holds it. */
export interface ChartContent {
  manifest: Manifest;
  config: { descriptor: Descriptor; bytes: Uint8Array };
  layer: Descriptor;
  provenance: { descriptor: Descriptor; bytes: Uint8Array } | null;
}

/**
 * The manifest that stands for a packaged chart, laid out as `helm push` does: Chart.yaml as JSON is the config, the archive
 * the first layer, its provenance the second. Its bytes follow from archive and provenance alone, not from the index or the
 * hour: the same chart is the same digest wherever and whenever it is read.
 */
export function chartContent(
  archive: Archive,
  metadata: ChartMetadata,
  provenance: Uint8Array | null,
): ChartContent {
  const config = piece(HELM_CONFIG, new TextEncoder().encode(goJson(metadata.json)));
  const layer = { mediaType: HELM_CHART, digest: archive.digest, size: archive.sizeBytes };
  const proof = provenance && piece(HELM_PROVENANCE, provenance);
  const body = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: config.descriptor,
    layers: proof ? [layer, proof.descriptor] : [layer],
    annotations: annotations(metadata, archive.chartFile.modifiedSeconds),
  };
  const manifest = piece(OCI_MANIFEST, new TextEncoder().encode(goJson(body)));
  return { manifest, config, layer, provenance: proof };
}

function piece(mediaType: string, bytes: Uint8Array): { descriptor: Descriptor; bytes: Uint8Array } {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}

/** helm pkg/registry/chart.go; `created` is when the archive was packed. */
function annotations(
  { name, version, json }: ChartMetadata,
  modifiedSeconds: number,
): Record<string, string> {
  const { description, home, sources, maintainers, annotations: own } = json;
  const created = new Date(modifiedSeconds * 1000);
  const standard = {
    description,
    url: home,
    created:
      modifiedSeconds > 0 && !Number.isNaN(created.getTime())
        ? created.toISOString().replace(".000", "")
        : "",
    source: (sources as string[] | undefined)?.[0],
    authors: authors((maintainers ?? []) as { name?: string; email?: string }[]),
  };
  const told = {
    ...prefixed(standard),
    ...(own as Record<string, string>),
    ...prefixed({ title: name, version }),
  };
  return sorted(Object.entries(told));
}

function prefixed(values: Record<string, unknown>): Record<string, string> {
  const named = Object.entries(values).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "",
  );
  return Object.fromEntries(named.map(([key, value]) => [`org.opencontainers.image.${key}`, value]));
}

function authors(maintainers: { name?: string; email?: string }[]): string {
  return maintainers.map(({ name = "", email }) => (email ? `${name} (${email})` : name)).join(", ");
}

/**
 * What a chart's manifest says is to be stored where there are only archives.
 * @throws {ContentError} UNREADABLE_CHART when it is no chart
 */
export function chartLayers(manifest: Manifest): { layer: Descriptor; provenance: Descriptor | null } {
  const { config } = parseBody(manifest.bytes);
  const mediaType =
    typeof config === "object" && config !== null && "mediaType" in config && config.mediaType;
  const pieces = mediaType === HELM_CONFIG ? successors(manifest) : [];
  const layer = pieces.find((child) => [HELM_CHART, HELM_CHART_LEGACY].includes(child.mediaType));
  if (!layer) {
    throw unreadableChart("a Helm chart", "content of another kind");
  }
  return { layer, provenance: pieces.find((child) => child.mediaType === HELM_PROVENANCE) ?? null };
}
