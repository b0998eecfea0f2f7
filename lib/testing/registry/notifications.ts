import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** Where changes are told. */
export interface NotificationEndpoint {
  url: string;
  authorization: string;
}

export interface ManifestChange {
  action: "push" | "delete";
  repository: string;
  digest: string;
  mediaType: string;
  /** Absent when it went by digest. */
  tag?: string;
}

const TIMEOUT_MS = 2_000;
const TRIES = 5;
const BACKOFF_MS = 300;

/**
 * Tells of changes as CNCF Distribution does ("Work with notifications"): an envelope of events, one request after the other,
 * from a queue in memory that is gone with the process.
 */
export class Notifications {
  readonly #endpoint: () => NotificationEndpoint | null;
  readonly #waiting: object[] = [];
  #sending = false;
  #stopped = false;

  constructor(endpoint: () => NotificationEndpoint | null) {
    this.#endpoint = endpoint;
  }

  tell({ action, repository, digest, mediaType, tag }: ManifestChange): void {
    const target = { mediaType, digest, repository, ...(tag === undefined ? {} : { tag }) };
    this.#waiting.push({ id: randomUUID(), timestamp: new Date().toISOString(), action, target });
    if (!this.#sending) {
      this.#sending = true;
      void this.#sendAll().finally(() => {
        this.#sending = false;
      });
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #sendAll(): Promise<void> {
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      for (let attempt = 1; attempt <= TRIES && !this.#stopped; attempt++) {
        if (await this.#send(event)) {
          break;
        }
        await sleep(BACKOFF_MS);
      }
    }
  }

  async #send(event: object): Promise<boolean> {
    const endpoint = this.#endpoint();
    if (endpoint === null) {
      return true;
    }
    try {
      const response = await fetch(endpoint.url, {
        method: "POST",
        headers: {
          "Content-Type": "application/vnd.docker.distribution.events.v1+json",
          Authorization: endpoint.authorization,
        },
        body: JSON.stringify({ events: [event] }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }
}
