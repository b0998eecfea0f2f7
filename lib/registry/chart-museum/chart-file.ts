const BLOCK = 512;
/** Helm's own limit for a decompressed chart. */
const MAX_UNPACKED_BYTES = 100 * 1024 * 1024;
const MAX_CHART_FILE_BYTES = 1024 * 1024;
/** The file that makes a folder a chart. */
const CHART_FILE = /^(?:\.\/)?[^/]+\/Chart\.yaml$/;

export interface ChartFile {
  text: string;
  /** When it was written, by the archive; seconds since 1970. */
  modifiedSeconds: number;
}

/**
 * Looks for Chart.yaml in an archive as its bytes come, and keeps nothing else.
 * POSIX ustar (IEEE Std 1003.1, "ustar Interchange Format"), as far as this takes: the path of a chart's own Chart.yaml is
 * short, so extended headers never hold it alone.
 */
export class ChartFileFinder {
  #left: Buffer = Buffer.alloc(0);
  #skip = 0;
  #unpacked = 0;
  #wanted: { sizeBytes: number; modifiedSeconds: number } | null = null;
  #found: ChartFile | null = null;

  get found(): ChartFile | null {
    return this.#found;
  }

  /** @throws {RangeError} when the archive is no archive, or too large to be a chart */
  push(chunk: Buffer): void {
    this.#unpacked += chunk.byteLength;
    if (this.#unpacked > MAX_UNPACKED_BYTES) {
      throw new RangeError(`more than ${MAX_UNPACKED_BYTES} bytes unpacked`);
    }
    this.#left = this.#left.byteLength === 0 ? chunk : Buffer.concat([this.#left, chunk]);
    while (!this.#found && this.#step()) {}
  }

  /** One header or one file; false: more bytes are needed. */
  #step(): boolean {
    const passed = Math.min(this.#skip, this.#left.byteLength);
    this.#left = this.#left.subarray(passed);
    this.#skip -= passed;
    if (this.#skip > 0) {
      return false;
    }
    if (this.#wanted) {
      const { sizeBytes, modifiedSeconds } = this.#wanted;
      if (this.#left.byteLength < sizeBytes) {
        return false;
      }
      this.#found = { text: this.#left.toString("utf8", 0, sizeBytes), modifiedSeconds };
      return false;
    }
    if (this.#left.byteLength < BLOCK) {
      return false;
    }
    this.#readHeader(this.#left.subarray(0, BLOCK));
    this.#left = this.#left.subarray(BLOCK);
    return true;
  }

  #readHeader(block: Buffer): void {
    if (block.every((byte) => byte === 0)) {
      return;
    }
    const sizeBytes = octal(block, 124, 12);
    if (sizeBytes === null) {
      throw new RangeError("no archive");
    }
    const prefix = text(block, 345, 155);
    const name = `${prefix === "" ? "" : `${prefix}/`}${text(block, 0, 100)}`;
    const regular = block[156] === 0 || block[156] === 0x30;
    if (regular && CHART_FILE.test(name)) {
      if (sizeBytes > MAX_CHART_FILE_BYTES) {
        throw new RangeError(`a Chart.yaml of ${sizeBytes} bytes`);
      }
      this.#wanted = { sizeBytes, modifiedSeconds: octal(block, 136, 12) ?? 0 };
      return;
    }
    this.#skip = Math.ceil(sizeBytes / BLOCK) * BLOCK;
  }
}

function text(block: Buffer, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end === -1 ? length : end);
}

function octal(block: Buffer, offset: number, length: number): number | null {
  const digits = text(block, offset, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}
