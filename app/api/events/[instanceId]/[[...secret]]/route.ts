import { refuse } from "@/app/api/respond.ts";
import { EventRate } from "@/lib/auth/event-rate.ts";
import { authenticateSender } from "@/lib/auth/event-sender.ts";
import { noteUnreadable, receiveEvents } from "@/lib/data/receive-events.ts";
import { MAX_BODY_BYTES, parseEvents, UnreadableEvents } from "@/lib/events/parse-events.ts";
import { readBody } from "@/lib/events/read-body.ts";

interface WithSender {
  /** The segments after the instance: one, for senders that can only be given an address. */
  params: Promise<{ instanceId: string; secret?: string[] }>;
}

const rate = new EventRate();

/**
 * An event address: a registry tells what was pushed there. Written down, then answered 202; everything else happens in a
 * worker. 401 whatever is wrong with the sender, 413 beyond 1 MiB, 429 for one that floods, 400 for what is no event.
 */
export async function POST(request: Request, { params }: WithSender): Promise<Response> {
  try {
    const { instanceId: named, secret = [] } = await params;
    if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) {
      return tooLarge();
    }
    let reading: ReturnType<typeof readBody> | undefined;
    const read = () => (reading ??= readBody(request.body, MAX_BODY_BYTES));
    const header = (name: string) => request.headers.get(name);
    const pathSecret = secret.length === 1 ? (secret[0] ?? null) : null;
    const { actor, instanceId, dialect } = await authenticateSender(named, {
      header,
      pathSecret,
      body: read,
    });
    const waitS = rate.take(instanceId, performance.now());
    if (waitS > 0) {
      return answer(429, { reason: "rate-limited" }, { "retry-after": String(waitS) });
    }
    const body = await read();
    if (body === null) {
      return tooLarge();
    }
    const told = readable(() => parseEvents(dialect, { header, body }));
    if (told === null) {
      await noteUnreadable(actor, { instanceId, dialect });
      return answer(400, { reason: "unreadable" });
    }
    const fresh = await receiveEvents(actor, { instanceId, dialect, told });
    return answer(202, { received: told.length, fresh });
  } catch (error) {
    return refuse(error);
  }
}

function tooLarge(): Response {
  return answer(413, { reason: "too-large", maxBytes: MAX_BODY_BYTES });
}

function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableEvents) {
      return null;
    }
    throw error;
  }
}

function answer(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}
