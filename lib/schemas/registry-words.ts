/** What registries write where their codes do not tell: servers disagree on codes, and agree on words. */

/** A tag that must not change. */
export const IMMUTABLE = /immutab/i;
/** What an account or a project may hold is used up: somebody can raise it. */
export const QUOTA = /quota|storage (?:limit|resource)|configured upper limit/i;
/** The disk behind the registry is full. */
export const DISK_FULL = /no space|insufficient (?:storage|space)|storage full|disk full/i;
