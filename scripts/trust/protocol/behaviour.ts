import { type ProtocolRow, row } from "./row.ts";

/** What holds each measured behaviour of CNCF Distribution. */
export const BEHAVIOUR: readonly ProtocolRow[] = [
  row("R1", "a manifest one byte too large", [
    "lib/registry/manifests.test.ts",
    "too large is known before it is sent, or when the registry says so",
  ]),
  row("R2", "a gap between chunks is appended: only the registry's Range counts", [
    "lib/registry/chunked-upload.test.ts",
    "shorter than what was sent: the rest is sent (FT03)",
  ]),
  row(
    "R3",
    "uploads that a restart forgets, or keeps",
    [
      "lib/sync/resume.integration.test.ts",
      "a registry that is killed between two chunks and has a secret goes on with the upload (R3)",
    ],
    [
      "lib/sync/resume.integration.test.ts",
      "one that forgets the upload gets the blob from its beginning, once",
    ],
  ),
  row("R4", "a chunk that broke off", [
    "lib/sync/resume.integration.test.ts",
    "the next attempt goes on where the last whole chunk ended",
  ]),
  row("R5", "a full disk says so after it hung up", [
    "lib/registry/last-words.test.ts",
    "what a registry said before it hung up is heard, although the next write fails first (R5)",
  ]),
  row("R6", "a PUT that broke off", [
    "lib/registry/uploads.test.ts",
    "a connection that breaks half way is an error, and is not sent again by itself",
  ]),
  row("R7", "DELETE by digest takes every tag along", [
    "lib/sync/deletion/docker-registry.integration.test.ts",
    "refuses what two tags share: by digest it would take both",
  ]),
  row("R8", "pages that are not asked for, Links that are relative", [
    "lib/registry/remote-registry.integration.test.ts",
    "lists by pages, a namespace alone where it is asked for, and nothing of what it does not know",
  ]),
  row("R9", "no referrers API, and no JSON to say so", [
    "lib/registry/capabilities.integration.test.ts",
    "docker-registry behind htpasswd and a private authority: it lists, has no referrers API",
  ]),
  row("R10", "events that are lost with a killed registry", [
    "lib/jobs/converge.integration.test.ts",
    "with every event lost the target has it all after one interval",
  ]),
  row("R11", "events that only a token proves", [
    "lib/events/sender-proof.test.ts",
    "a header holds the token as Bearer, as a password, or bare",
  ]),
  row("R12", "a blob is read on by Range", ["lib/registry/blobs.test.ts", "goes on by Range where it ended"]),
];
