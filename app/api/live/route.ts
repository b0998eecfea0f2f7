import type { Actor } from "@/lib/auth/actor.ts";
import { authorize, refreshActor } from "@/lib/auth/authorize.ts";
import { currentUser } from "@/lib/auth/session.ts";
import { liveOpen, watchLive } from "@/lib/data/live.ts";
import { AppError } from "@/lib/errors.ts";
import { log } from "@/lib/log.ts";
import { refuse } from "../respond.ts";
import { spaced } from "./spaced.ts";

export const dynamic = "force-dynamic";

/** A proxy in between gives up on a silent stream, and a page that hears nothing takes it for lost. */
const HEARTBEAT_MS = 15_000;
/** A session that ends is told at once (`session`); one whose end nobody told of is noticed within this. */
const RECHECK_MS = 4_000;
/** Events that wait for a viewer who does not read; then the stream ends and the page asks anew. */
const MAX_WAITING = 200;
/** What comes closer together than this goes in one write. */
const TOGETHER_MS = 100;

/** Server-sent events of what the viewer may see, named by their kind, and `resync` when some may have been lost. */
export async function GET(request: Request): Promise<Response> {
  try {
    if (!liveOpen()) {
      return new Response(null, { status: 503, headers: { connection: "close", "retry-after": "5" } });
    }
    const actor = await authorize("instance:list");
    const user = await currentUser();
    if (!user) {
      throw new AppError("UNAUTHENTICATED", "unauthenticated");
    }
    return new Response(openStream(actor, user.sessionHash, request.signal), {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
      },
    });
  } catch (error) {
    return refuse(error);
  }
}

function openStream(
  first: Actor<"instance:list">,
  sessionHash: string,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let close = (): void => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let actor: Actor<"instance:list"> | null = first;
        const send = (text: string): void => {
          if ((controller.desiredSize ?? 0) < 0) {
            close();
          } else {
            controller.enqueue(encoder.encode(text));
          }
        };
        const events = spaced(send, TOGETHER_MS);
        const unwatch = watchLive({
          actor: () => actor,
          onEvent: (event) =>
            event.kind === "session"
              ? recheck()
              : events.add(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`),
          onResync: () => send("event: resync\ndata: {}\n\n"),
          onClose: () => close(),
        });
        const heartbeat = setInterval(() => send("event: beat\ndata: {}\n\n"), HEARTBEAT_MS);
        const recheck = () => {
          refreshActor(first, sessionHash).then(
            (now) => {
              actor = now;
              if (!now) {
                close();
              }
            },
            (error: unknown) => {
              // Who cannot be checked sees nothing: the browser comes back by itself.
              log.warn({ err: error }, "a live stream could not check its session");
              close();
            },
          );
        };
        const rechecks = setInterval(recheck, RECHECK_MS);
        let open = true;
        close = () => {
          if (open) {
            open = false;
            actor = null;
            clearInterval(heartbeat);
            clearInterval(rechecks);
            events.close();
            unwatch();
            signal.removeEventListener("abort", close);
            controller.close();
          }
        };
        signal.addEventListener("abort", close);
        send("retry: 2000\n\n");
      },
      cancel() {
        close();
      },
    },
    new CountQueuingStrategy({ highWaterMark: MAX_WAITING }),
  );
}
