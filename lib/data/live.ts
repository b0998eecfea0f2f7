import "server-only";
import type { Actor } from "../auth/actor.ts";
import { FULL_CHANNEL, noteFull } from "../db/full-disk.ts";
import { type Listener, listen } from "../db/listen.ts";
import { LIVE_CHANNEL, LiveEvent } from "../schemas/live.ts";
import { holds, holdsAny } from "./visibility.ts";

/** Somebody who watches: asked for the actor at each event, so that a grant that was taken away counts at once. */
export interface Watcher {
  actor(): Actor | null;
  onEvent(event: LiveEvent): void;
  /** Events may have been lost. */
  onResync(): void;
  /** The process shuts down. */
  onClose(): void;
}

interface Hub {
  watchers: Set<Watcher>;
  listener: Listener | null;
  /** The process shuts down: a browser that comes back at once must not keep it. */
  closed: boolean;
}

// Next bundles this module more than once into one process: the listener hangs on the process, not on the module.
const HOLDER = Symbol.for("lockstep.live");
const holder = globalThis as { [HOLDER]?: Hub };

function hub(): Hub {
  holder[HOLDER] ??= { watchers: new Set(), listener: null, closed: false };
  return holder[HOLDER];
}

/** Whether somebody may still begin to watch. */
export function liveOpen(): boolean {
  return !hub().closed;
}

/** Watches what the actor may see change, over one LISTEN connection a process. @returns how to stop */
export function watchLive(watcher: Watcher): () => void {
  const { watchers, closed } = hub();
  if (closed) {
    watcher.onClose();
    return () => undefined;
  }
  watchers.add(watcher);
  hub().listener ??= listen({
    channels: [LIVE_CHANNEL, FULL_CHANNEL],
    onNotification: (channel, payload) => (channel === FULL_CHANNEL ? noteFull() : deliver(payload)),
    onResync: () => {
      for (const each of watchers) {
        each.onResync();
      }
    },
  });
  return () => {
    watchers.delete(watcher);
  };
}

/** Ends every watch and the LISTEN connection; open streams would keep the web process from stopping. */
export async function closeLive(): Promise<void> {
  const { watchers, listener } = hub();
  holder[HOLDER] = { watchers: new Set(), listener: null, closed: true };
  for (const watcher of watchers) {
    watcher.onClose();
  }
  await listener?.close();
}

function deliver(payload: string): void {
  const event = parse(payload);
  if (!event) {
    return;
  }
  for (const watcher of hub().watchers) {
    const actor = watcher.actor();
    if (actor && maySee(actor, event)) {
      watcher.onEvent(event);
    }
  }
}

function parse(payload: string): LiveEvent | null {
  try {
    return LiveEvent.parse(JSON.parse(payload));
  } catch {
    // Written by another version of the product: it says nothing that this one could pass on.
    return null;
  }
}

/** Whether the event tells of something that the actor sees, by the same rule as the lists. */
export function maySee(actor: Actor, event: LiveEvent): boolean {
  if (event.kind === "session") {
    return actor.user.id === event.userId;
  }
  if (event.kind === "instance") {
    return holdsAny(actor, event.instanceId);
  }
  if (event.kind === "notice") {
    // Notices are root's alone.
    return actor.holds === "all";
  }
  return [event.sourceInstanceId, ...event.targetInstanceIds].some((id) => holds(actor.view, id));
}
