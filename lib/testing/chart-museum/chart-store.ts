import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A request that the server refuses. */
export class MuseumFault extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface StoredChart {
  name: string;
  version: string;
  /** Top-level fields of Chart.yaml, name and version among them. */
  fields: [key: string, value: string][];
  fileName: string;
  digest: string;
  created: Date;
}

const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;

/** Packaged charts as files, a folder a tenant, as ChartMuseum keeps them with its local storage. */
export class ChartStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async list(tenant: string): Promise<StoredChart[]> {
    const names = await readdir(join(this.#root, tenant)).catch(() => []);
    const files = names.filter((name) => name.endsWith(".tgz")).sort();
    return Promise.all(files.map((fileName) => this.#read(tenant, fileName)));
  }

  /** @throws {MuseumFault} 404 */
  async file(tenant: string, fileName: string): Promise<Buffer> {
    if (!SAFE_NAME.test(fileName)) {
      throw new MuseumFault(404, "not found");
    }
    return readFile(join(this.#root, tenant, fileName)).catch(() => {
      throw new MuseumFault(404, "not found");
    });
  }

  /** @throws {MuseumFault} 409 when it stands there and may not be overwritten; 400 when it is no chart */
  async putChart(tenant: string, archive: Buffer, overwrite: boolean): Promise<void> {
    const fields = chartFields(archive);
    const { name, version } = Object.fromEntries(fields);
    await this.#put(tenant, `${name}-${version}.tgz`, archive, overwrite);
  }

  /** @throws {MuseumFault} */
  async putProvenance(tenant: string, provenance: Buffer, overwrite: boolean): Promise<void> {
    const text = provenance.toString("utf8");
    const [, name] = /^name: "?([^"\n]+?)"?$/m.exec(text) ?? [];
    const [, version] = /^version: "?([^"\n]+?)"?$/m.exec(text) ?? [];
    if (!text.startsWith("-----BEGIN PGP SIGNED MESSAGE-----") || !name || !version) {
      throw new MuseumFault(400, "bad provenance file");
    }
    await this.#put(tenant, `${name}-${version}.tgz.prov`, provenance, overwrite);
  }

  async remove(tenant: string, name: string, version: string): Promise<void> {
    await this.file(tenant, `${name}-${version}.tgz`);
    await rm(join(this.#root, tenant, `${name}-${version}.tgz`));
    await rm(join(this.#root, tenant, `${name}-${version}.tgz.prov`), { force: true });
  }

  async #put(tenant: string, fileName: string, bytes: Buffer, overwrite: boolean): Promise<void> {
    if (!SAFE_NAME.test(fileName)) {
      throw new MuseumFault(400, `${fileName} is no name of a file`);
    }
    const path = join(this.#root, tenant, fileName);
    if (!overwrite && (await stat(path).catch(() => null))) {
      throw new MuseumFault(409, `${fileName} already exists`);
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }

  async #read(tenant: string, fileName: string): Promise<StoredChart> {
    const path = join(this.#root, tenant, fileName);
    const archive = await readFile(path);
    const fields = chartFields(archive);
    const { name = "", version = "" } = Object.fromEntries(fields);
    const digest = createHash("sha256").update(archive).digest("hex");
    return { name, version, fields, fileName, digest, created: (await stat(path)).mtime };
  }
}

/** @throws {MuseumFault} 400 */
function chartFields(archive: Buffer): [string, string][] {
  try {
    const fields = scalars(chartFileOf(gunzipSync(archive)));
    if (["name", "version"].every((key) => fields.some(([known]) => known === key))) {
      return fields;
    }
  } catch {
    // Refused below.
  }
  throw new MuseumFault(400, "chart is not a valid packaged chart");
}

function chartFileOf(tar: Buffer): string {
  for (let offset = 0; offset + 512 <= tar.length; ) {
    const name = tar.toString("utf8", offset, offset + 100).replace(/\0.*$/s, "");
    const size = Number.parseInt(tar.toString("latin1", offset + 124, offset + 135), 8) || 0;
    if (/^[^/]+\/Chart\.yaml$/.test(name)) {
      return tar.toString("utf8", offset + 512, offset + 512 + size);
    }
    offset += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error("no Chart.yaml");
}

function scalars(yaml: string): [string, string][] {
  return [...yaml.matchAll(/^([A-Za-z]+): (.+)$/gm)].map(([, key = "", value = ""]) => [
    key,
    value.startsWith('"') ? (JSON.parse(value) as string) : value,
  ]);
}
