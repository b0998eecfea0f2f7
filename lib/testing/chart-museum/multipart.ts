/** The fields of a `multipart/form-data` body (RFC 7578); null when the body is something else. */
export function formFields(contentType: string, body: Buffer): Map<string, Buffer> | null {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) {
    return null;
  }
  const fields = new Map<string, Buffer>();
  const mark = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(mark); at !== -1; ) {
    const begin = at + mark.length + 2;
    const next = body.indexOf(mark, begin);
    const head = body.indexOf("\r\n\r\n", begin);
    if (next === -1 || head === -1) {
      break;
    }
    const name = /name="([^"]*)"/.exec(body.toString("utf8", begin, head))?.[1] ?? "";
    fields.set(name, body.subarray(head + 4, next - 2));
    at = next;
  }
  return fields;
}
