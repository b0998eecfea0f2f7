import { LIVE_CHANNEL, LiveEvent } from "../schemas/live.ts";
import { listen } from "./listen.ts";

/** For tests: what every process hears of this database from now on. */
export async function liveEar(url: string): Promise<{ heard: LiveEvent[]; close(): Promise<void> }> {
  const heard: LiveEvent[] = [];
  const listener = listen({
    url,
    channels: [LIVE_CHANNEL],
    onNotification: (_, payload) => heard.push(LiveEvent.parse(JSON.parse(payload))),
    onResync: () => undefined,
  });
  await listener.ready;
  return { heard, close: () => listener.close() };
}
