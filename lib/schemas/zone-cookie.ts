/** The cookie in which the browser keeps its time zone, an IANA name, once it has found that a page was made for another. */
export const ZONE_COOKIE = "lockstep-zone";
