import { DIALECTS, type DialectName } from "@/lib/schemas/words.ts";

const HOSTS: readonly [RegExp, DialectName][] = [
  [/(?:^|\.)tencentcloudcr\.com$/, "tcr"],
  [/(?:^|\.)docker\.io$/, "docker-hub"],
  [/(?:^|\.)quay\.io$/, "quay"],
  [/^ghcr\.io$/, "ghcr"],
];

/** Who probably sends: by the address, by what the registry calls itself, by its vendor. */
export function suggestedSender(instance: {
  address: string;
  vendor: string;
  capabilities: { software: string | null } | null;
}): DialectName {
  const host = new URL(instance.address).hostname;
  const named = (instance.capabilities?.software ?? instance.vendor).toLowerCase();
  return (
    HOSTS.find(([pattern]) => pattern.test(host))?.[1] ??
    DIALECTS.find((dialect) => named.startsWith(dialect)) ??
    DIALECTS.find((dialect) => dialect === instance.vendor) ??
    "generic"
  );
}
