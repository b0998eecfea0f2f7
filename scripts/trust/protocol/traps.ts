import { type ProtocolRow, row } from "./row.ts";

/** What holds each trap. Of T9, T22 and T25 what distribution and generic registries need. */
export const TRAPS: readonly ProtocolRow[] = [
  row("T1", "expressions are anchored", [
    "lib/pattern/pattern.test.ts",
    "an expression matches the whole name",
  ]),
  row("T2", "expressions take linear time", [
    "lib/pattern/pattern.test.ts",
    "40 expressions that ruin a backtracking engine take linear time on 64 KiB",
  ]),
  row("T3", "the expression sees the path below the namespace", [
    "lib/sync/sync-command.integration.test.ts",
    "expressions match the whole path below the namespace and the whole tag",
  ]),
  row(
    "T4",
    "grammar of tags and names, mapped names too",
    ["lib/registry/reference.test.ts", "a repository name"],
    ["lib/sync/plan.test.ts", "says which targets refuse the name"],
  ),
  row("T5", "digest tags are no tags of users", [
    "lib/registry/reference.test.ts",
    "the tags of signatures and referrers are told from those of users",
  ]),
  row("T6", "everything is everything tagged, with what it names", [
    "lib/sync/corpus.integration.test.ts",
    "what no tag leads to stays where it is",
  ]),
  row(
    "T7",
    "only Link says that there is another page",
    ["lib/registry/paging.test.ts", "no Link is the end, however full the page"],
    ["lib/registry/paging.test.ts", "pages that go round are refused"],
  ),
  row("T8", "tags may be null, a repository unknown", [
    "lib/registry/paging.test.ts",
    "null, an unknown repository and names that are none",
  ]),
  row("T9", "the catalogue, as distribution and generic registries have it", [
    "lib/registry/remote-registry.integration.test.ts",
    "lists by pages, a namespace alone where it is asked for, and nothing of what it does not know",
  ]),
  row("T10", "children first, the tag last", [
    "lib/sync/copy-tag.test.ts",
    "children before their index, the tag last, every byte as it was",
  ]),
  row("T11", "the bytes received are the bytes sent", [
    "lib/sync/corpus.integration.test.ts",
    "the manifest is the same to the byte, and every byte that it names is there",
  ]),
  row(
    "T12",
    "the type of the body is the type that is sent",
    ["lib/registry/manifests.test.ts", "byte for byte, by digest or to a tag, with the type of the body"],
    [
      "lib/registry/manifests.test.ts",
      "takes the type from the body, else from the header without its parameters",
    ],
  ),
  row(
    "T13",
    "the digest is what we hash",
    ["lib/registry/manifests.test.ts", "keeps every byte, and believes its own hash"],
    ["lib/sync/corpus.integration.test.ts", "is refused by name, with what to do; everything else is copied"],
  ),
  row("T14", "HEAD may say too little", [
    "lib/registry/manifests.test.ts",
    "is read where HEAD lacks the length or is not known at all",
  ]),
  row(
    "T15",
    "what seems to be there may be missing",
    [
      "lib/sync/copy-tag.test.ts",
      "what the target lacks although it seemed to be there is sent again, and the manifest once more",
    ],
    [
      "lib/sync/verify/verify-tag.integration.test.ts",
      "all that lacks is found at once, and comes back in one go",
    ],
  ),
  row(
    "T16",
    "entries without platform, nested indexes, blobs in an index",
    ["lib/registry/successors.test.ts", "what the specification leaves open is no error"],
    ["lib/sync/copy-tag.test.ts", "an index without children, and one that names a blob, arrive as they are"],
    [
      "lib/sync/platforms/copy-platforms.test.ts",
      "an entry without a platform is what its config says, or comes along where it is no image",
    ],
    [
      "lib/sync/platforms/narrow.test.ts",
      "one image that is named for several platforms is for each of them",
    ],
  ),
  row(
    "T17",
    "unknown types, empty configs, repeated layers, 4 MiB, in any combination",
    ["lib/sync/corpus.integration.test.ts", "all of it is copied"],
    ["lib/sync/random-content.integration.test.ts", "the same is found at both ends"],
    ["lib/sync/copy-tag.test.ts", "content that it carries itself needs no blob at the source"],
  ),
  row(
    "T18",
    "life of a token, renewed before its end",
    ["lib/registry/token.test.ts", "a token lives as long as it is said to, or for a minute"],
    ["lib/registry/auth.test.ts", "are renewed before they expire"],
    ["lib/registry/auth.test.ts", "50 who come back with an expired token buy one new one"],
  ),
  row(
    "T19",
    "a scope for each repository, both for a mount",
    ["lib/sync/token-auth.integration.test.ts", "as source and as target: tokens by repository"],
    [
      "lib/registry/auth.test.ts",
      "a scope that the registry wants beyond ours comes first and is remembered",
    ],
  ),
  row(
    "T20",
    "the realm is text of a stranger",
    ["lib/registry/auth.test.ts", "a realm on another host gets an anonymous question"],
    ["lib/registry/transport.test.ts", "to another host is followed without credentials"],
  ),
  row("T21", "no cookies", [
    "lib/registry/cookies.test.ts",
    "no cookie comes back to who set it, or to anybody",
  ]),
  row("T22", "a copy that outlives its tokens", [
    "lib/sync/token-auth.integration.test.ts",
    "tokens that live for ten seconds, in a copy that takes longer",
  ]),
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
