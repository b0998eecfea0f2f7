import { RegistryError } from "../errors.ts";
import type { RequestOptions } from "../repository.ts";
import type { Transport } from "../transport.ts";

export interface ChartUpload {
  /** Where the repository is, with a slash at its end. */
  repository: URL;
  /** Of the address that was configured: `/chartrepo` of `https://host/chartrepo`. */
  basePath: string;
  /** As ChartMuseum says of itself in its index. */
  contextPath: string;
  name: string;
  version: string;
  /** `web-1.0.0.tgz` */
  fileName: string;
  archive: Uint8Array;
  provenance: Uint8Array | null;
  /** Whether a version that stands there is to be replaced. */
  replace: boolean;
}

/**
 * Sends a packaged chart with its provenance in one request: `POST …/api/charts`, fields `chart` and `prov`.
 * ChartMuseum's README, "Chart Manipulation". Without `replace` a server refuses a version that it has: 409.
 *
 * @param landed whether the chart stands there by now, asked when an answer was lost
 * @throws {RegistryError}
 */
export async function uploadChart(
  transport: Transport,
  upload: ChartUpload,
  landed: () => Promise<boolean>,
  { signal }: RequestOptions,
): Promise<void> {
  const boundary = `lockstep-${crypto.randomUUID()}`;
  const body = multipart(boundary, [
    { field: "chart", fileName: upload.fileName, bytes: upload.archive },
    ...(upload.provenance
      ? [{ field: "prov", fileName: `${upload.fileName}.prov`, bytes: upload.provenance }]
      : []),
  ]);
  await atApi(upload, (path) =>
    transport.call(
      {
        method: "POST",
        to: `${path}${upload.replace ? "?force" : ""}`,
        scopes: [],
        headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
        body,
        expect: [200, 201],
        headersTimeoutMs: transport.patience.commitMs,
        signal,
      },
      async () => undefined,
      async () => ((await landed()) ? { result: undefined } : null),
    ),
  );
}

/**
 * Deletes a version with its provenance: `DELETE …/api/charts/<name>/<version>`.
 * @throws {RegistryError} 404, 405 where the server does not delete
 */
export async function deleteChart(
  transport: Transport,
  upload: ChartUpload,
  { signal }: RequestOptions,
): Promise<void> {
  const what = `${encodeURIComponent(upload.name)}/${encodeURIComponent(upload.version)}`;
  await atApi(upload, (path) =>
    transport.call(
      { method: "DELETE", to: `${path}/${what}`, scopes: [], expect: [200, 202, 204], signal },
      async () => undefined,
    ),
  );
}

/** Calls the API at the first of the places where it may be. */
async function atApi(upload: ChartUpload, call: (path: string) => Promise<void>): Promise<void> {
  const paths = apiPaths(upload);
  for (const [index, path] of paths.entries()) {
    try {
      await call(path);
      return;
    } catch (error) {
      const elsewhere = error instanceof RegistryError && (error.status === 404 || error.status === 405);
      if (!elsewhere || index === paths.length - 1) {
        throw error;
      }
    }
  }
}

/**
 * The API lies beside the repository, not below it: `/api` comes behind the context path and before the path of the tenant,
 * `https://host/chartrepo/team` is `https://host/api/chartrepo/team/charts` (helm cm-push does the same; Harbor and TCR serve
 * that). A server behind a proxy that takes its prefix away knows nothing of it: there the API lies behind the address.
 */
function apiPaths({ repository, basePath, contextPath }: ChartUpload): string[] {
  const path = repository.pathname.replace(/\/$/, "");
  const under = (prefix: string): string[] =>
    path === prefix || path.startsWith(`${prefix}/`)
      ? [`${prefix}/api${path.slice(prefix.length)}/charts`]
      : [];
  return [...new Set([...under(contextPath), ...under(""), ...under(basePath)])];
}

function multipart(
  boundary: string,
  parts: readonly { field: string; fileName: string; bytes: Uint8Array }[],
): Uint8Array {
  const pieces = parts.flatMap(({ field, fileName, bytes }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${fileName}"\r\n` +
        "Content-Type: application/octet-stream\r\n\r\n",
    ),
    bytes,
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}
