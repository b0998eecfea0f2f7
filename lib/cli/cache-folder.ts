import { isAbsolute, join } from "node:path";

/** Where caches of a user are kept (XDG Base Directory Specification 0.8); null where there is no such place. */
export function cacheFolderOf({
  XDG_CACHE_HOME = "",
  HOME = "",
}: Record<string, string | undefined>): string | null {
  const folder = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : isAbsolute(HOME) ? join(HOME, ".cache") : null;
  return folder && join(folder, "lockstep");
}
