import { createHmac, randomBytes } from "node:crypto";

const SECRET_BYTES = 32;
/** Standard Webhooks, "Signature scheme": how a symmetric secret is written. */
const PREFIX = "whsec_";

/** A signing secret of our own form. */
export function makeSigningSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString("base64");
}

/**
 * The headers of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, one signature a secret, so that a receiver may hold
 * either while a secret is replaced.
 *
 * @param at when it is sent; the receiver refuses what is more than five minutes away from its own clock
 * @param secrets as {@link makeSigningSecret} writes them, the newest first
 */
export function standardHeaders(
  message: { id: string; body: string },
  at: Date,
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signed = `${message.id}.${timestamp}.${message.body}`;
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), "base64");
    return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
  });
  return {
    "webhook-id": message.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}

/** 钉钉, 加签: timestamp in milliseconds and signature go into the query. */
export function dingtalkUrl(url: URL, at: Date, secret: string): URL {
  const timestamp = String(at.getTime());
  const signed = new URL(url);
  signed.searchParams.set("timestamp", timestamp);
  signed.searchParams.set(
    "sign",
    createHmac("sha256", secret).update(`${timestamp}\n${secret}`).digest("base64"),
  );
  return signed;
}

/** 飞书, 签名校验: seconds and signature go into the body; what is signed is the key, over nothing. */
export function feishuSignature(at: Date, secret: string): { timestamp: string; sign: string } {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  return { timestamp, sign: createHmac("sha256", `${timestamp}\n${secret}`).update("").digest("base64") };
}
