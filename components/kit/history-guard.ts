import type { Destination, HistoryDestination } from "./leaving.ts";

/** The part of the Navigation API that is needed here; TypeScript's library does not have it yet. */
interface NavigationApi extends EventTarget {
  traverseTo(key: string): unknown;
}
interface NavigateEvent extends Event {
  navigationType: "push" | "replace" | "reload" | "traverse";
  destination: { key: string; url: string; sameDocument: boolean };
}

type Ask = (destination: Destination) => void;
/** The question was answered: whoever leaves is let go. */
type Leaving = { readonly current: boolean };

const navigationApi = () => (globalThis as { navigation?: NavigationApi }).navigation;

/** Asks before 后退 and 前进 leave the page. @returns how to end it */
export function guardHistory(ask: Ask, leaving: Leaving): () => void {
  const api = navigationApi();
  return api ? guardTraversal(api, ask, leaving) : guardSteps(ask, leaving);
}

/** Goes on to where somebody was kept from going. */
export function goTo(destination: HistoryDestination): void {
  if ("steps" in destination) {
    history.go(destination.steps);
  } else {
    navigationApi()?.traverseTo(destination.historyKey);
  }
}

function guardTraversal(api: NavigationApi, ask: Ask, leaving: Leaving): () => void {
  const onNavigate = (event: Event) => {
    const { navigationType, destination, cancelable } = event as NavigateEvent;
    // Another document is guarded by beforeunload.
    if (navigationType === "traverse" && destination.sameDocument && cancelable && !leaving.current) {
      event.preventDefault();
      ask({ historyKey: destination.key });
    }
  };
  api.addEventListener("navigate", onNavigate);
  return () => api.removeEventListener("navigate", onNavigate);
}

const OURS = "lockstepUnsaved";

/**
 * Without the Navigation API a step is told when it is done. So an entry of our own stands in front of that of the page and is what 后退
 * leaves; it is put there again before anybody else hears of it. 前进 leads nowhere then, and once the form is saved 后退 needs a step more.
 */
function guardSteps(ask: Ask, leaving: Leaving): () => void {
  const stepAhead = () => history.pushState({ ...history.state, [OURS]: true }, "");
  if (!history.state?.[OURS]) {
    stepAhead();
  }
  const onStep = (event: PopStateEvent) => {
    // A place within the page, as 跳到正文 goes to, has no state.
    if (leaving.current || event.state === null) {
      return;
    }
    event.stopImmediatePropagation();
    stepAhead();
    ask({ steps: -2 });
  };
  addEventListener("popstate", onStep, { capture: true });
  return () => removeEventListener("popstate", onStep, { capture: true });
}
