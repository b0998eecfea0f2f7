/** A regular file of an archive. */
export interface TarFile {
  /** At most 100 bytes in UTF-8. */
  path: string;
  content: string | Uint8Array;
  /** Default 0644. */
  mode?: number;
}

const BLOCK = 512;
/** 2024-01-01T00:00:00Z: the same files make the same bytes. */
const MODIFIED_SECONDS = 1_704_067_200;

/** Writes a POSIX ustar archive (IEEE Std 1003.1, "ustar Interchange Format"). */
export function tar(files: readonly TarFile[]): Buffer {
  const parts: Buffer[] = [];
  for (const file of files) {
    const content = Buffer.from(file.content);
    parts.push(header(file, content.length), content, Buffer.alloc(-content.length & (BLOCK - 1)));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(file: TarFile, size: number): Buffer {
  if (Buffer.byteLength(file.path) > 100) {
    throw new RangeError(`the path is too long for a plain ustar header: ${file.path}`);
  }
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, digits: number) =>
    block.write(`${value.toString(8).padStart(digits, "0")}\0`, offset, "latin1");
  block.write(file.path, 0, "utf8");
  octal(file.mode ?? 0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(MODIFIED_SECONDS, 136, 11);
  block.write(" ".repeat(8), 148, "latin1");
  block.write("0", 156, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
