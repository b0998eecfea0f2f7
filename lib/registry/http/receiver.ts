import type { ResponseHead } from "./response-head.ts";

/** Whoever waits for an answer. After `onEnd` or `onError` nothing more comes. */
export interface Receiver {
  onHead(head: ResponseHead, flow: Flow): void;
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  /** @param ours the content that was to be sent failed, and nothing else */
  onError(error: unknown, ours: boolean): void;
}

/** What a receiver may do with the body that comes. */
export interface Flow {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}
