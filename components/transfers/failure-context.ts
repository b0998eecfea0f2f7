import type { FailureContext } from "@/lib/format/error-sentence.ts";
import type { TaskRow } from "@/lib/schemas/task.ts";
import type { RegistryEnd, TransferRow } from "@/lib/schemas/transfer.ts";

/** How the registries of a task are reached, by instance id, as far as the viewer may know it. */
export type Ends = Readonly<Record<string, RegistryEnd>>;

/** What a page knows around a transfer that failed: the instance at the failing side, our account there, its namespace, the tag. */
export function failureContext(
  task: TaskRow,
  transfer: TransferRow,
  ends: Ends,
  side = transfer.failure?.side ?? null,
): FailureContext {
  const atSource = side === "source";
  const instance = atSource ? task.sourceInstance : transfer.targetInstance;
  return {
    instance: instance.name,
    account: ends[instance.id]?.username,
    namespace: atSource ? task.sourceNamespace : targetNamespaceOf(task, transfer),
    tag: `${transfer.repository}:${transfer.tag}`,
  };
}

function targetNamespaceOf(task: TaskRow, transfer: TransferRow): string {
  const target = task.targets.find(({ instance }) => instance.id === transfer.targetInstance.id);
  return target?.namespace ?? task.sourceNamespace;
}
