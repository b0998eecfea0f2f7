import type { DialectName } from "@/lib/schemas/words.ts";

/** What is pasted into a registry's configuration, or into a script; null where a form asks for the parts. */
export function snippetFor(dialect: DialectName, address: string, token: string): string | null {
  switch (dialect) {
    case "distribution":
      return [
        "notifications:",
        "  endpoints:",
        "    - name: lockstep",
        `      url: ${address}`,
        "      headers:",
        `        Authorization: [Bearer ${token}]`,
        "      timeout: 2s",
        "      threshold: 5",
        "      backoff: 1s",
        // Else each of our own reads would come back as an event.
        "      ignore:",
        "        actions: [pull]",
        "        mediatypes: [application/octet-stream]",
      ].join("\n");
    case "zot":
      return JSON.stringify(
        { type: "http", address, timeout: "5s", headers: { Authorization: `Bearer ${token}` } },
        null,
        2,
      );
    case "generic":
      return [
        `curl ${address} \\`,
        `  -H 'Authorization: Bearer ${token}' \\`,
        `  -d '{"repository":"team/app","tag":"1.0"}'`,
      ].join("\n");
    default:
      return null;
  }
}
