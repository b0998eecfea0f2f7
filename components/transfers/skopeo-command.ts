import type { RegistryEnd } from "@/lib/schemas/transfer.ts";

/** One end of a copy for skopeo: how the registry is reached, and what is to be copied there. */
export interface SkopeoEnd extends RegistryEnd {
  repository: string;
  tag: string;
  /** One image of what the tag names: then this is copied, and not its index. */
  digest?: string | null;
}

export interface SkopeoCommand {
  /** One line for a POSIX shell; nothing in it is a secret. */
  command: string;
  /** Variables of the shell that have to hold a password: SOURCE_PASSWORD, TARGET_PASSWORD. */
  passwords: string[];
  /** Folders that have to hold the certificate of an authority: certs/source, certs/target. */
  certificates: string[];
}

const OPTIONS = {
  source: { option: "src", password: "SOURCE_PASSWORD", certificates: "certs/source" },
  target: { option: "dest", password: "TARGET_PASSWORD", certificates: "certs/target" },
} as const;

/** A command that does by hand what the transfer does; all platforms of an index unless one is named, nothing re-compressed. */
export function skopeoCommand(source: SkopeoEnd, target: SkopeoEnd): SkopeoCommand {
  const ends = [
    { ...OPTIONS.source, end: source },
    { ...OPTIONS.target, end: target },
  ];
  const options = ends.flatMap(({ option, password, certificates, end }) => [
    ...(end.username === null ? [] : [`--${option}-creds ${quote(`${end.username}:`)}"$${password}"`]),
    ...(end.plainHttp ? [`--${option}-tls-verify=false`] : []),
    ...(end.privateCa && !end.plainHttp ? [`--${option}-cert-dir ${certificates}`] : []),
  ]);
  const places = ends.map(({ end: { host, repository, tag, digest } }) =>
    quote(`docker://${host}/${repository}${digest ? `@${digest}` : `:${tag}`}`),
  );
  const all = source.digest ? [] : ["--all"];
  return {
    command: ["skopeo copy", ...all, "--preserve-digests", ...options, ...places].join(" "),
    passwords: ends.filter(({ end }) => end.username !== null).map(({ password }) => password),
    certificates: ends
      .filter(({ end }) => end.privateCa && !end.plainHttp)
      .map(({ certificates }) => certificates),
  };
}

/** As one word of a POSIX shell, whatever stands in it: names come from registries. */
function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
