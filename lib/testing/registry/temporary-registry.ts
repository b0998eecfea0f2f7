import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RegistryOptions, type RunningRegistry, startRegistry } from "./server.ts";

/** A registry of our own whose content goes when it stops. */
export async function temporaryRegistry(
  options: Omit<RegistryOptions, "dataDir"> = {},
): Promise<RunningRegistry> {
  const dataDir = await mkdtemp(join(tmpdir(), "lockstep-own-registry-"));
  const registry = await startRegistry({ ...options, dataDir });
  return {
    ...registry,
    stop: async () => {
      await registry.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
