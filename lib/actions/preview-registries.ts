import "server-only";
import { config } from "../config.ts";
import type { PreviewConnection } from "../data/preview.ts";
import { egressRule } from "../registry/egress.ts";
import { openStores } from "../sync/open-stores.ts";
import { RememberedRegistry } from "../sync/remembered-registry.ts";

/** A person waits, and types on: one more try, no more. */
const RETRIES = 1;
/** What a registry said is believed so long. */
const REMEMBERED_MS = 2 * 60_000;
/** Registries remembered at once, and names of repositories in all of them together: about 100 bytes each. */
const MAX_REGISTRIES = 32;
const MAX_NAMES = 1_000_000;

interface Entry {
  registry: RememberedRegistry;
  /** The chart repository beside it. */
  charts: RememberedRegistry | undefined;
  users: number;
  retired: boolean;
}

/** A registry in use; give it back with `release`. */
export interface HeldRegistry {
  registry: RememberedRegistry;
  charts: RememberedRegistry | undefined;
  release(): void;
}

/** Registries that previews ask, each for one user and one version of its instance, remembered for two minutes. */
const entries = new Map<string, Entry>();

/** @param fresh forgets what this user was told of this instance before */
export function holdRegistry(userId: string, connection: PreviewConnection, fresh: boolean): HeldRegistry {
  const key = `${userId} ${connection.id} ${connection.version}`;
  const known = entries.get(key);
  if (known && fresh) {
    retire(key, known);
  }
  const entry = (fresh ? undefined : known) ?? open(key, connection);
  entry.users += 1;
  // Used last: the first in the map is the one that nobody has asked for longest.
  entries.delete(key);
  entries.set(key, entry);
  makeRoom();
  let held = true;
  return {
    registry: entry.registry,
    charts: entry.charts,
    release() {
      if (held) {
        held = false;
        entry.users -= 1;
        closeUnused(entry);
      }
    },
  };
}

function open(key: string, connection: PreviewConnection): Entry {
  const { address, chartsAddress, vendor, plainHttp, username, password, caCertificate } = connection;
  const { registry, charts } = openStores({
    address,
    chartsAddress,
    vendor,
    plainHttp,
    username: username ?? undefined,
    password: password ?? undefined,
    caCertificate: caCertificate ?? undefined,
    egress: egressRule([...config().egressAllow]),
    retries: RETRIES,
  });
  const entry: Entry = {
    registry: new RememberedRegistry(registry),
    charts: charts ? new RememberedRegistry(charts) : undefined,
    users: 0,
    retired: false,
  };
  setTimeout(() => retire(key, entry), REMEMBERED_MS).unref();
  return entry;
}

function makeRoom(): void {
  let names = 0;
  for (const entry of entries.values()) {
    names += namesIn(entry);
  }
  for (const [key, entry] of entries) {
    if (entries.size <= MAX_REGISTRIES && names <= MAX_NAMES) {
      return;
    }
    if (entry.users === 0) {
      names -= namesIn(entry);
      retire(key, entry);
    }
  }
}

function namesIn({ registry, charts }: Entry): number {
  return registry.names + (charts?.names ?? 0);
}

function retire(key: string, entry: Entry): void {
  entry.retired = true;
  if (entries.get(key) === entry) {
    entries.delete(key);
  }
  closeUnused(entry);
}

function closeUnused(entry: Entry): void {
  if (entry.retired && entry.users === 0) {
    void entry.registry.close();
    void entry.charts?.close();
  }
}
