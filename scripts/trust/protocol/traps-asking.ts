import { type ProtocolRow, row } from "./row.ts";

/** What holds each trap of selecting, listing, reading manifests and signing in. Of T9 and T22 what distribution and generic registries need. */
export const ASKING: readonly ProtocolRow[] = [
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
];
