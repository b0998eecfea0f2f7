import { isUnfinished, onTheirWay } from "./on-its-way.tsx";

/** A key that nobody could take yet. */
export interface HeldKey {
  event: KeyboardEvent;
  /** Where it was pressed: on another page it means something else. */
  path: string;
  sinceMs: number;
  /** It is for the dialog, menu or list that was on its way. */
  forLayer: boolean;
}

const PATIENCE_MS = 5_000;
const LOOK_MS = 40;

/**
 * Carries out the keys of a list in their order, as soon as what each is for is there; keys may be added meanwhile.
 * @param take carries a key out if somebody binds it, and says so
 * @returns the same as one look, for whoever cannot wait for the next
 */
export function settleHeld(held: HeldKey[], take: (event: KeyboardEvent) => boolean): () => void {
  let layersCame = false;
  const settle = ({ event, forLayer, sinceMs, path }: HeldKey): boolean => {
    if (performance.now() - sinceMs > PATIENCE_MS || path !== location.pathname) {
      return true;
    }
    if (!forLayer) {
      return take(event) || !isUnfinished();
    }
    const came = layersCame && onTheirWay().layers === 0;
    if (came) {
      pressAgain(event);
    }
    return came;
  };
  const settleAll = () => {
    for (let first = held[0]; first && settle(first); first = held[0]) {
      held.shift();
    }
  };
  const look = () => {
    settleAll();
    // A layer takes the focus a moment after it came.
    layersCame = onTheirWay().layers === 0;
    if (held.length > 0) {
      setTimeout(look, LOOK_MS);
    }
  };
  look();
  return settleAll;
}

/** Where the focus is now, with what the browser does by itself for a key that a person presses. */
function pressAgain(event: KeyboardEvent): void {
  const at = document.activeElement ?? document.body;
  const { key } = event;
  if (!at.dispatchEvent(new KeyboardEvent("keydown", event))) {
    return;
  }
  if (at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement) {
    if (key === "Enter") {
      at.form?.requestSubmit();
    } else if (key.length === 1 && !event.ctrlKey && !event.metaKey) {
      document.execCommand("insertText", false, key);
    }
  } else if (at instanceof HTMLElement && (key === "Enter" || key === " ")) {
    at.click();
  }
}
