"use server";

import { recordEvent } from "../data/audit.ts";
import { setEventAddress } from "../data/event-address.ts";
import { createInstance, deleteInstance, updateInstance } from "../data/instance-changes.ts";
import { rotateCredential } from "../data/instance-credential.ts";
import { recordHealth } from "../data/instance-health.ts";
import { addressOf, connectionOf } from "../data/instances.ts";
import { SetEventAddressInput } from "../schemas/event.ts";
import {
  CreateInstanceInput,
  DeleteInstanceInput,
  InstanceIdInput,
  RotateCredentialInput,
  TestConnectionInput,
  UpdateInstanceInput,
} from "../schemas/instance.ts";
import { action } from "./action.ts";
import { checkConnection, connectionOfForm } from "./connection.ts";

export const createInstanceAction = action("instance:create", {
  input: CreateInstanceInput,
  subject: () => ({}),
  run: createInstance,
});

export const updateInstanceAction = action("instance:edit", {
  input: UpdateInstanceInput,
  subject: ({ instanceId }) => ({ instanceId }),
  run: updateInstance,
});

export const deleteInstanceAction = action("instance:delete", {
  input: DeleteInstanceInput,
  subject: ({ instanceId }) => ({ instanceId }),
  run: deleteInstance,
});

/** Before saving: what the form holds. The stored password is used only for the origin it was stored for. */
export const testConnectionAction = action("instance:test", {
  input: TestConnectionInput,
  subject: ({ instanceId }) => ({ instanceId }),
  run: async (actor, input) => {
    const report = await checkConnection(connectionOfForm(actor, input));
    await recordEvent(actor, {
      outcome: "ok",
      subject: { kind: "instance", id: input.instanceId ?? null, name: input.name || null },
      changes: { address: { after: input.address }, result: { after: report.ok ? "ok" : report.code } },
    });
    return report;
  },
});

/** Checks a stored instance now, and keeps the result as its health. */
export const checkInstanceAction = action("instance:check", {
  input: InstanceIdInput,
  subject: ({ instanceId }) => ({ instanceId }),
  run: async (actor, { instanceId }) => {
    const report = await checkConnection(connectionOf(actor, instanceId));
    const capabilities = (report.ok && report.capabilities) || undefined;
    await recordHealth(actor, instanceId, { report, capabilities });
    return report;
  },
});

/** Tries the new user name and password where the instance lives, and keeps them only if they are taken there. */
export const rotateCredentialAction = action("instance:edit", {
  input: RotateCredentialInput,
  subject: ({ instanceId }) => ({ instanceId }),
  run: async (actor, input) => {
    const { username, password } = input;
    const report = await checkConnection({
      ...(await addressOf(actor, input.instanceId)),
      username,
      password,
    });
    if (report.ok) {
      await rotateCredential(actor, input);
    } else {
      await recordEvent(actor, {
        outcome: "ok",
        subject: { kind: "instance", id: input.instanceId, name: null },
        changes: { result: { after: report.code } },
      });
    }
    return report;
  },
});

/** Where the registry tells of its pushes: a new token, shown once. */
export const setEventAddressAction = action("instance:edit", {
  input: SetEventAddressInput,
  subject: ({ instanceId }) => ({ instanceId }),
  run: setEventAddress,
});
