/** How a registry is reached, as far as the viewer may know it. */
export interface RegistryEnd {
  host: string;
  plainHttp: boolean;
  /** The account that the console signs in with. */
  username: string | null;
  /** Its certificate is issued by an authority of its own. */
  privateCa: boolean;
}

/** The failed transfers before and after one, in the order of the list. */
export interface Neighbours {
  previous: string | null;
  next: string | null;
}
