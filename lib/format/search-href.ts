/**
 * A link to the same page with other filters. A changed filter starts again at the first page: cursors are dropped
 * unless the change sets one. `null` takes a parameter away.
 */
export function searchHref(path: string, search: string, changes: Record<string, string | null>): string {
  const params = new URLSearchParams(search);
  params.delete("after");
  params.delete("before");
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") {
      params.delete(name);
    } else {
      params.set(name, value);
    }
  }
  const query = params.toString();
  return query === "" ? path : `${path}?${query}`;
}

/** Canonical search of a parsed query: what is not set or equal to its default is left out. */
export function searchOf(
  query: Record<string, string | number | undefined>,
  defaults: Record<string, string | number> = {},
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "" && value !== defaults[name]) {
      params.set(name, String(value));
    }
  }
  return params.toString();
}

/** As {@link searchHref}, for a change that leaves the list at its page: what is open beside it, how it is shown. */
export function keepingPage(path: string, search: string, changes: Record<string, string | null>): string {
  const params = new URLSearchParams(search);
  return searchHref(path, search, {
    after: params.get("after"),
    before: params.get("before"),
    ...changes,
  });
}
