import nextPackage from "next/package.json" with { type: "json" };
import type { SystemSettings } from "@/components/settings/system-sections.tsx";
import { ABSOLUTE_TIMEOUT_S, IDLE_TIMEOUT_S } from "@/lib/auth/session.ts";
import { config } from "@/lib/config.ts";
import { databaseIsEmbedded } from "@/lib/data/database-kind.ts";
import { TRIES } from "@/lib/data/settings.ts";
import { CONNECT_TIMEOUT_MS } from "@/lib/registry/connector.ts";
import { PATIENCE } from "@/lib/registry/patience.ts";
import { DEFAULT_CONCURRENCY } from "@/lib/registry/transport.ts";
import ownPackage from "../../../package.json" with { type: "json" };

/** What this web process was started with, and what the product decides. No secret is among it. */
export function systemSettings(): SystemSettings {
  const settings = config();
  const { egressAllow, trustedProxies, publicUrl, dataDir, databaseUrl } = settings;
  return {
    workerConcurrency: settings.workerConcurrency,
    reconcileHours: settings.reconcileHours,
    taskRetention: settings.taskRetention,
    requestConcurrency: DEFAULT_CONCURRENCY,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    headersTimeoutMs: PATIENCE.headersMs,
    idleTimeoutMs: PATIENCE.idleBodyMs,
    requestTries: TRIES.request,
    jobTries: TRIES.job,
    sessionDays: ABSOLUTE_TIMEOUT_S / 86_400,
    sessionIdleHours: IDLE_TIMEOUT_S / 3_600,
    egressAllow,
    trustedProxies,
    publicUrl: publicUrl?.origin ?? null,
    dataDir,
    databaseEmbedded: databaseIsEmbedded({ databaseUrl, dataDir }),
    versions: { lockstep: ownPackage.version, next: nextPackage.version, node: process.versions.node },
  };
}
