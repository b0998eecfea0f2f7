import { ByteCache } from "./byte-cache.ts";

/** Of all chart repositories that this process writes to. A worker has 160 MiB in all, and 32 of them are for chunks. */
const BUDGET_BYTES = 48 * 1024 * 1024;

const gathered = new ByteCache<Uint8Array>(BUDGET_BYTES);
let serial = 0;

/** Archives and provenances that wait for the manifest that names them, for one chart repository. What is forgotten is asked for again. */
export class GatheredCharts {
  readonly #key: string;

  constructor() {
    serial += 1;
    this.#key = `${serial} `;
  }

  get(digest: string): Uint8Array | undefined {
    return gathered.get(this.#key + digest);
  }

  set(digest: string, bytes: Uint8Array): void {
    gathered.set(this.#key + digest, bytes, bytes.byteLength);
  }

  delete(digest: string): void {
    gathered.delete(this.#key + digest);
  }
}
