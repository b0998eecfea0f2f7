import { eq } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { instanceConnection } from "../db/instance-connection.ts";
import { instances } from "../db/schema/instances.ts";
import { log } from "../log.ts";
import { REQUEST_RETRIES } from "../queue/queues.ts";
import { DISTANT_MS } from "../registry/distance.ts";
import type { EgressRule, Registry } from "../registry/repository.ts";
import { SecretError } from "../secrets.ts";
import { closeStores, openStores } from "../sync/open-stores.ts";
import type { Stores } from "../sync/stores.ts";
import type { ThrottledEnd } from "../sync/throttle.ts";
import { LimitedEnd } from "./limited-end.ts";
import { NOW_MS, type Throttles } from "./throttles.ts";

/** A registry asks to wait, and until when. */
export interface Wait {
  untilMs: number;
  reason: "rate-limit" | "backoff";
}

/** A registry in use. Give it back with `release`. */
export interface Connection {
  readonly instanceId: string;
  readonly registry: Registry;
  /** The same registry, and the chart repository beside it. */
  readonly stores: Stores;
  /** What bounds copies from and to it. */
  readonly end: ThrottledEnd;
  /** What the registry asks for at this moment. */
  wait(): Wait | null;
  release(): void;
}

/** Its answers are known to take long. */
export function isDistant({ registry }: Pick<Connection, "registry">): boolean {
  return (registry.quickestMs ?? 0) > DISTANT_MS;
}

/** The registries of this process: one client an instance, shared by all jobs, so that its limits hold for all of them. */
export interface Connections {
  /**
   * @param requests that will come at once, where it is worth to have their connections opened meanwhile
   * @throws {ConnectionUnavailable}
   */
  acquire(instanceId: string, requests?: number): Promise<Connection>;
  close(): Promise<void>;
}

/** There is nothing to connect with. No retry helps: a person has to act. */
export class ConnectionUnavailable extends Error {
  override readonly name = "ConnectionUnavailable";
  readonly code: "INSTANCE_GONE" | "CREDENTIALS_UNREADABLE";

  constructor(instanceId: string, code: ConnectionUnavailable["code"], options?: ErrorOptions) {
    super(`${code}: instance ${instanceId}`, options);
    this.code = code;
  }
}

interface Entry {
  version: number;
  stores: Stores & { registry: Registry };
  end: ThrottledEnd;
  wait: Wait | null;
  users: number;
  /** A newer version took its place: close it with its last user. */
  replaced: boolean;
}

/**
 * An edited instance gets a new client at its next use; jobs under way finish with the one they have.
 * @param throttles keep to the limits of instances; without them nothing is limited
 */
export function createConnections(
  db: Database,
  egress: EgressRule,
  throttles: Pick<Throttles, "end"> = UNLIMITED,
): Connections {
  const entries = new Map<string, Entry>();
  const opening = new Map<string, Promise<Entry>>();

  async function current(instanceId: string): Promise<Entry> {
    const [row] = await db
      .select({ version: instances.version, limits: instances.limits, nowMs: NOW_MS })
      .from(instances)
      .where(eq(instances.id, instanceId));
    const end = row && throttles.end(instanceId, row.limits, row.nowMs);
    const cached = entries.get(instanceId);
    if (row && cached?.version === row.version) {
      return cached;
    }
    const connection = row ? await openConnection(db, instanceId) : null;
    if (!row || !end || !connection) {
      throw new ConnectionUnavailable(instanceId, "INSTANCE_GONE");
    }
    const entry: Entry = {
      version: row.version,
      end,
      wait: null,
      users: 0,
      replaced: false,
      stores: openStores({
        address: connection.address,
        chartsAddress: connection.chartsAddress,
        vendor: connection.vendor,
        username: connection.username ?? undefined,
        password: connection.password ?? undefined,
        caCertificate: connection.caCertificate ?? undefined,
        plainHttp: connection.plainHttp,
        egress,
        retries: REQUEST_RETRIES,
        onWait: (wait) => {
          entry.wait = wait;
        },
      }),
    };
    if (cached) {
      cached.replaced = true;
      retire(cached);
    }
    entries.set(instanceId, entry);
    return entry;
  }

  return {
    async acquire(instanceId, requests) {
      const pending = opening.get(instanceId) ?? current(instanceId);
      opening.set(instanceId, pending);
      const entry = await pending.finally(() => opening.delete(instanceId));
      entry.users++;
      if (requests !== undefined) {
        entry.stores.registry.dialAhead?.(requests);
      }
      let released = false;
      return {
        instanceId,
        registry: entry.stores.registry,
        stores: entry.stores,
        end: entry.end,
        wait: () => (entry.wait && entry.wait.untilMs > Date.now() ? entry.wait : null),
        release: () => {
          if (!released) {
            released = true;
            entry.users--;
            retire(entry);
          }
        },
      };
    },
    async close() {
      await Promise.all([...entries.values()].map((entry) => closeStores(entry.stores)));
      entries.clear();
    },
  };
}

const UNLIMITED = { end: (instanceId: string) => new LimitedEnd(instanceId, () => undefined) };

async function openConnection(db: Database, instanceId: string) {
  try {
    return await instanceConnection(db, instanceId);
  } catch (cause) {
    if (cause instanceof SecretError) {
      // Sealed with another SECRET_KEY, or tampered with: the password has to be entered again.
      throw new ConnectionUnavailable(instanceId, "CREDENTIALS_UNREADABLE", { cause });
    }
    throw cause;
  }
}

function retire(entry: Entry): void {
  if (entry.replaced && entry.users === 0) {
    closeStores(entry.stores).catch((error: unknown) =>
      log.debug({ err: error }, "closing a registry failed"),
    );
  }
}
