import { searchHref } from "@/lib/format/search-href.ts";
import { EDGE_STATES, type EdgeState } from "@/lib/schemas/topology.ts";

/** What of the topology's URL the browser reads; the server reads the same by lib/schemas/topology-query.ts. */
export interface Selection {
  view: "both" | "table";
  at: string | null;
  from: string | null;
  to: string | null;
  region: string | null;
  state: EdgeState | null;
  row: string | null;
}

type Params = Pick<URLSearchParams, "get">;

export function selectionOf(params: Params): Selection {
  const state = params.get("state");
  return {
    view: params.get("view") === "table" ? "table" : "both",
    at: params.get("at"),
    from: params.get("from"),
    to: params.get("to"),
    region: params.get("region"),
    state: EDGE_STATES.find((each) => each === state) ?? null,
    row: params.get("row"),
  };
}

const ROW_PARAMS = ["at", "from", "to", "state", "after", "before", "size"] as const;

/** The part of the URL that chooses the table's rows: their key in the cache, and their route's query. */
export function rowSearchOf(params: Params): string {
  const search = new URLSearchParams();
  for (const name of ROW_PARAMS) {
    const value = params.get(name);
    if (value) {
      search.set(name, value);
    }
  }
  return search.toString();
}

/** Changes the URL without asking the server for a page: what is needed is fetched by the queries. */
export function select(search: string, changes: Partial<Record<keyof Selection, string | null>>): void {
  window.history.pushState(null, "", searchHref("/topology", search, changes));
}
