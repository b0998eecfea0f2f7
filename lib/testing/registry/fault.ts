import type { ServerResponse } from "node:http";

/** The registry says no. OCI distribution-spec v1.1.1, "Error Codes". */
export class RegistryFault extends Error {
  override readonly name = "RegistryFault";
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Sends an error document; HEAD answers carry no body, which node sees to. */
export function sendFault(response: ServerResponse, fault: RegistryFault): void {
  const body = JSON.stringify({ errors: [{ code: fault.code, message: fault.message, detail: null }] });
  send(response, fault.status, { ...fault.headers, "Content-Type": "application/json" }, body);
}

export function sendJson(
  response: ServerResponse,
  document: unknown,
  headers: Record<string, string> = {},
): void {
  send(response, 200, { "Content-Type": "application/json", ...headers }, JSON.stringify(document));
}

export function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number>,
  body: string | Uint8Array = "",
): void {
  response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}
