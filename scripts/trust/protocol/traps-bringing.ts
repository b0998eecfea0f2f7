import { type ProtocolRow, row } from "./row.ts";

/** What holds each trap of blobs, referrers, tags, charts and events. Of T25 what distribution and generic registries need. */
export const BRINGING: readonly ProtocolRow[] = [
  row("T23", "Location, in all its spellings", ["lib/registry/uploads.test.ts", "Location"]),
  row(
    "T24",
    "a mount that becomes an upload",
    ["lib/registry/uploads.test.ts", "that is not wanted is an open upload, without another question"],
    ["lib/registry/uploads.test.ts", "becomes a plain upload"],
  ),
  row(
    "T25",
    "chunks, registries that have none, and those that take nothing large at once",
    ["lib/registry/chunked-upload.test.ts", "a registry that has no chunks (T25)"],
    [
      "lib/sync/size-limit.integration.test.ts",
      "a blob that is too large as one PUT goes in chunks, and the next one at once",
    ],
  ),
  row("T26", "an upload goes on where the registry says that it ended", [
    "lib/registry/chunked-upload.test.ts",
    "is gone on with from where the registry says",
  ]),
  row(
    "T27",
    "an upload that failed is given back, its content read anew",
    ["lib/registry/uploads.test.ts", "giving an upload back deletes the session and never fails"],
    ["lib/sync/copy-blob.test.ts", "begins again, and what was sent in vain is not counted"],
  ),
  row(
    "T28",
    "bytes as they are, empty ones and those without a length",
    ["lib/registry/blobs.test.ts", "compressed by a proxy all the same"],
    ["lib/registry/blobs.test.ts", "without a length"],
    ["lib/registry/uploads.test.ts", "an empty blob has a real length"],
  ),
  row("T29", "foreign layers", [
    "lib/sync/corpus.integration.test.ts",
    "a foreign layer is copied where the source holds it, and stays a reference where it does not",
  ]),
  row(
    "T30",
    "what is believed to exist may not; sha512 is announced",
    ["lib/sync/copy-blob.test.ts", "a mount from elsewhere proves nothing of mounts from itself"],
    ["lib/registry/uploads.test.ts", "another algorithm is announced"],
    [
      "lib/sync/corpus.integration.test.ts",
      "a blob that is named by sha512 stays where it stands when another tag or repository needs it",
    ],
    [
      "lib/sync/verify/verify-tag.integration.test.ts",
      "a blob that was cut short, or changed, is found by its size, or by its bytes alone",
    ],
  ),
  row(
    "T31",
    "referrers by the API, else by the tag schema",
    [
      "lib/registry/referrers.test.ts",
      "a registry without the API is remembered, and the tag schema read instead",
    ],
    ["lib/registry/referrers.test.ts", "an empty list is an answer: nothing else is asked"],
  ),
  row(
    "T32",
    "the list under the tag, written by many, for whatever is pushed",
    ["lib/registry/referrers-tag.test.ts", "many writers of one list of one process: all are in it"],
    [
      "lib/sync/referrers/bring-referrers.test.ts",
      "what is tagged and refers to something is listed under it, be that there or nowhere (T32",
    ],
  ),
  row("T33", "the target's list is added to, never replaced", [
    "lib/registry/referrers-tag.test.ts",
    "what stands in the list stays, byte for byte, and what is there is not added again",
  ]),
  row(
    "T34",
    "referrers of referrers, and of the children of an index",
    ["lib/sync/referrers/bring-referrers.test.ts", "referrers of referrers follow their image"],
    ["lib/sync/referrers/bring-referrers.test.ts", "an index: each of its images has its own"],
  ),
  row(
    "T35",
    "the subject first, then what refers to it, the tag last",
    ["lib/sync/referrers/bring-referrers.test.ts", "referrers of referrers follow their image"],
    ["lib/sync/referrers/referrers-command.integration.test.ts", "what oras attached at the target stays"],
  ),
  row(
    "T36",
    "equal digests write nothing",
    ["lib/sync/copy-tag.test.ts", "equal digests cost one request and no answer of the source"],
    ["lib/registry/manifests.test.ts", "and has been written meanwhile as it was wanted is no failure"],
  ),
  row("T37", "a tag that moves", [
    "lib/sync/copy-tag.test.ts",
    "a tag that moves: the pinned digest lands, and the move is told",
  ]),
  row(
    "T38",
    "deleting a tag deletes no other",
    ["lib/sync/deletion/delete-tag.test.ts", "by tag: another tag of the same manifest stays"],
    ["lib/sync/deletion/delete-tag.test.ts", "refused by digest: another tag shares it"],
  ),
  row("T39", "HEAD where it is enough", [
    "lib/sync/scan.test.ts",
    "type all asks for no manifest, a type for one of each digest",
  ]),
  row(
    "T40",
    "limits that are told are kept",
    ["lib/registry/rate-limit.test.ts", "what registries say of what is left (T40)"],
    ["lib/sync/rate-limit.integration.test.ts", "what is told of the window is kept"],
  ),
  row("T41", "charts are known by their config", [
    "lib/sync/sync-command.integration.test.ts",
    "charts are told from images by their config",
  ]),
  row("T42", "the + of a chart's version", [
    "lib/pattern/version-range.test.ts",
    "Helm writes the + of a version as _ in a tag (T42)",
  ]),
  row(
    "T43",
    "repositories with an index.yaml",
    ["lib/sync/charts-command.integration.test.ts", "charts become what helm pull finds"],
    [
      "lib/registry/chart-museum/museum.test.ts",
      "not to another host, nor to another port of this one, which the index names",
    ],
  ),
  row(
    "T44",
    "events of distribution: of layers too, in any order, twice",
    ["lib/events/parse-events.test.ts", "what each sender sends"],
    ["lib/jobs/take-events.integration.test.ts", "a thousand events are one task, which names each tag once"],
  ),
  row("T45", "events of Harbor, TCR and zot", ["lib/events/parse-events.test.ts", "what each sender sends"]),
  row("T46", "our own pushes come back", [
    "lib/jobs/take-events.integration.test.ts",
    "our own push, told back to us",
  ]),
];
