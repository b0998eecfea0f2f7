import type { DigestTagList } from "../schemas/referrers.ts";
import type { CopyError } from "./errors.ts";
import type { Likeness } from "./nearest-name.ts";

export interface ScannedTag {
  tag: string;
  digest: string;
  mediaType: string;
  /** Bytes of the manifest. */
  size: number;
  /** When it was asked what the tag names, by the clock of `performance`: where that is told at once, see `ScanOptions.streaming`. */
  seenAtMs?: number;
  /** Signatures and the like that the list of tags tells of; null or left out: none was read. */
  digestTags?: DigestTagList | null;
  /** Where an end keeps charts apart: found there. See stores.ts. */
  store?: "charts" | undefined;
}

/** A repository of the namespace after it was read; or, after what could be read of it, why the rest could not. */
export type ScannedRepository = {
  /** Nothing more of it comes; left out: that is not known before something of another one has come. */
  whole?: true | undefined;
} & (
  | {
      repository: string;
      tagsListed: number;
      tags: ScannedTag[];
      /** Where the tag expression matches none of its tags: the one that is most like it. */
      nearestTag?: Likeness | undefined;
      /** More of the repository that came before it; its tags were counted there. */
      goesOn?: true;
      error?: undefined;
    }
  | { repository: string; error: CopyError }
);
