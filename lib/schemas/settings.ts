import { z } from "zod";
import type { Instant } from "./task.ts";

/** URL state of /settings. */
export const SettingsQuery = z.object({ view: z.enum(["personal", "system"]).catch("personal") });
export type SettingsQuery = z.infer<typeof SettingsQuery>;

export const SetShortcutsInput = z.object({ enabled: z.boolean() });
export const EndSessionInput = z.object({ sessionId: z.string().regex(/^[0-9a-f]{64}$/, "invalid") });

/** A browser that is signed in as the viewer. */
export interface SessionRow {
  /** Hash of the session id: names it, and opens nothing. */
  id: string;
  ip: string | null;
  userAgent: string | null;
  createdAt: Instant;
  lastSeenAt: Instant;
  /** The one that asks. */
  current: boolean;
}

/** A worker process. */
export interface WorkerRow {
  id: string;
  host: string;
  pid: number;
  version: string;
  /** Jobs it runs at once; null: an older release that did not say. */
  concurrency: number | null;
  startedAt: Instant;
  seenAt: Instant;
  /** It holds its lock: its process lives. */
  alive: boolean;
  /** Jobs in its hands. */
  jobs: number;
}

/** What the database tells about the installation. */
export interface SystemFacts {
  workers: WorkerRow[];
  /** `18.4` */
  databaseVersion: string;
  databaseBytes: number;
  /** Hexadecimal, in groups of four; null: no process has started since this is kept. */
  keyFingerprint: string | null;
  installedAt: Instant | null;
}
