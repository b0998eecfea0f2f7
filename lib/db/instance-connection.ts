import { eq } from "drizzle-orm";
import type { Vendor } from "../schemas/instance.ts";
import { open, secretPlace } from "../secrets.ts";
import type { Executor } from "./client.ts";
import { instances } from "./schema/instances.ts";

/** What it takes to speak to an instance's registry. Holds a password in the clear: never logged, never sent to a browser. */
export interface InstanceConnection {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly chartsAddress: string | null;
  readonly vendor: Vendor;
  readonly username: string | null;
  readonly password: string | null;
  readonly caCertificate: string | null;
  readonly plainHttp: boolean;
}

/** Where an instance's password is sealed; writers use it too. */
export function instancePasswordPlace(instanceId: string): string {
  return secretPlace("instances", instanceId, "password");
}

/**
 * The only place that opens an instance's password.
 * @throws {SecretError} when it was sealed with another key, or tampered with.
 */
export async function instanceConnection(
  executor: Executor,
  instanceId: string,
): Promise<InstanceConnection | null> {
  const [row] = await executor
    .select({
      id: instances.id,
      name: instances.name,
      address: instances.address,
      chartsAddress: instances.chartsAddress,
      vendor: instances.vendor,
      username: instances.username,
      passwordSealed: instances.passwordSealed,
      caCertificate: instances.caCertificate,
      plainHttp: instances.plainHttp,
    })
    .from(instances)
    .where(eq(instances.id, instanceId));
  if (!row) {
    return null;
  }
  const { passwordSealed, ...rest } = row;
  return {
    ...rest,
    password: passwordSealed === null ? null : open(passwordSealed, instancePasswordPlace(row.id)),
  };
}
