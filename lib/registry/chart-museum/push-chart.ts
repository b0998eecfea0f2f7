import type { Descriptor } from "../descriptor.ts";
import { RegistryError, type RegistryErrorCode } from "../errors.ts";
import type { Manifest, RequestOptions } from "../repository.ts";
import type { Transport } from "../transport.ts";
import type { ByteCache } from "./byte-cache.ts";
import { chartLayers } from "./chart-manifest.ts";
import { versionOfTag } from "./chart-version.ts";
import type { GatheredCharts } from "./gathered-charts.ts";
import type { MuseumReader } from "./museum-reader.ts";
import type { Snapshots } from "./snapshots.ts";
import { deleteChart, uploadChart } from "./upload-chart.ts";

/** What the repositories of a museum share. */
export interface Museum {
  readonly transport: Transport;
  readonly reader: MuseumReader;
  readonly snapshots: Snapshots;
  readonly gathered: GatheredCharts;
  /** In which version a digest was found: an index does not name it, and reading every version to find it costs a request or two each. */
  readonly versions: ByteCache<string>;
  /** Without a slash at its end. */
  readonly basePath: string;
  /** Where the repository of a namespace is, with a slash at its end. */
  addressOf(namespace: string): URL;
}

/** One chart of a museum. */
export interface ChartPlace {
  museum: Museum;
  chart: string;
  /** Of the repository that it is in, with a slash at its end. */
  address: URL;
}

/** An answer of our own that a registry would have given. */
export function refusal(
  { address }: ChartPlace,
  code: RegistryErrorCode,
  fields: { status: number; method: string; detail: string },
): RegistryError {
  return new RegistryError({ code, url: new URL("index.yaml", address).href, ...fields });
}

/**
 * Sends the archive and the provenance that a chart's manifest names, both gathered before. A version that stands there is
 * replaced if the index that was read last has it; one that came since is not. A signed one that is replaced by an unsigned one is
 * deleted first.
 * @throws {ContentError} UNREADABLE_CHART when it is no chart
 * @throws {RegistryError} MANIFEST_BLOB_UNKNOWN when something was not sent, or forgotten since; 409 when the version stands
 */
export async function pushChart(
  place: ChartPlace,
  manifest: Manifest,
  options: RequestOptions & { tag?: string | undefined },
): Promise<void> {
  const { museum, chart, address } = place;
  const { gathered } = museum;
  const { layer, provenance } = chartLayers(manifest);
  const [archive, proof] = [gathered.get(layer.digest), provenance && gathered.get(provenance.digest)];
  const lacking = [...(archive ? [] : [layer]), ...(provenance && !proof ? [provenance] : [])];
  if (!archive || lacking.length > 0) {
    const detail = lacking.map(({ digest }) => digest).join(" ");
    throw refusal(place, "MANIFEST_BLOB_UNKNOWN", { status: 404, method: "POST", detail });
  }
  const tag = options.tag ?? "";
  const version = versionOfTag(tag);
  const fileName = `${chart}-${version}.tgz`;
  const snapshot = await museum.snapshots.get(address, options);
  const standing = snapshot.index.charts.get(chart)?.get(tag);
  const upload = {
    repository: address,
    basePath: museum.basePath,
    contextPath: snapshot.index.contextPath,
    fileName,
    archive,
    provenance: proof ?? null,
    replace: standing !== undefined,
    name: chart,
    version,
  };
  if (standing && !proof && (await museum.reader.isSigned(standing, options))) {
    // The provenance of what stood there would stay, and be that of another archive.
    await deleteChart(museum.transport, upload, options);
  }
  const landed = () => holds(place, tag, layer, options);
  try {
    await uploadChart(museum.transport, upload, landed, options);
  } catch (error) {
    if (!(error instanceof RegistryError && error.status === 409)) {
      throw error;
    }
    // It came between our look and our request: ours already, or a conflict that no repetition solves.
    if (!(await landed())) {
      throw refusal(place, "DENIED", { status: 409, method: "POST", detail: `immutable: ${error.detail}` });
    }
  }
  gathered.delete(layer.digest);
  const url = new URL(`charts/${fileName}`, address).href;
  snapshot.add(chart, tag, { name: chart, version, url, digest: layer.digest, problem: null });
}

async function holds(
  { museum, chart, address }: ChartPlace,
  tag: string,
  layer: Descriptor,
  options: RequestOptions,
): Promise<boolean> {
  const { index } = await museum.snapshots.get(address, options, true);
  return index.charts.get(chart)?.get(tag)?.digest === layer.digest;
}
