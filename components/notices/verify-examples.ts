/** How a receiver verifies a notice, in two languages; lib/notices/verify-examples.integration.test.ts runs both. */
export const NODE_EXAMPLE = `import { createHmac, timingSafeEqual } from "node:crypto";

// secret: whsec_…   headers: by lower-case name   body: the bytes as received
export function verify(secret, headers, body) {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(\`\${id}.\${timestamp}.\`).update(body).digest();
  return headers["webhook-signature"].split(" ").some((part) => {
    const given = Buffer.from(part.replace(/^v1,/, ""), "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
`;

export const PYTHON_EXAMPLE = `import base64, hashlib, hmac, time

# secret: whsec_…   headers: by lower-case name   body: the bytes as received
def verify(secret, headers, body):
    id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(
        hmac.compare_digest(part.removeprefix("v1,"), expected)
        for part in headers["webhook-signature"].split(" ")
    )
`;

export const BODY_EXAMPLE = JSON.stringify(
  {
    type: "task.partial",
    timestamp: "2026-11-24T08:00:00.000Z",
    data: {
      kind: "task",
      task: {
        id: "01a20e3d-d2b6-7635-8bfa-1de65989882a",
        number: 1042,
        status: "partial",
        trigger: "event",
        createdAt: "2026-11-24T07:53:00.000Z",
        startedAt: "2026-11-24T07:53:48.000Z",
        endedAt: "2026-11-24T08:00:00.000Z",
      },
      rule: { id: "…", name: "app-mirror" },
      source: { instance: { id: "…", name: "shanghai" }, namespace: "team" },
      targets: [{ instance: { id: "…", name: "singapore" }, namespace: null }],
      result: {
        total: 120,
        copied: 110,
        upToDate: 5,
        skipped: 2,
        failed: 3,
        stopped: 0,
        bytesCopied: 1073741824,
      },
      recovered: false,
      reasons: [
        {
          count: 3,
          code: "UNAUTHORIZED",
          side: "target",
          httpStatus: 401,
          instance: "singapore",
          repository: "team/app",
          tag: "1.0",
        },
      ],
      url: "https://lockstep.example.com/tasks/01a20e3d-d2b6-7635-8bfa-1de65989882a",
      text: { title: "…", lines: ["…"] },
    },
  },
  null,
  2,
);
