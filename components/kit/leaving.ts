import { useRouter } from "next/navigation";

/** Where somebody wants to go: an address, or an entry of the history, by its key or by how many steps it is away. */
export type Destination = { href: string } | HistoryDestination;
export type HistoryDestination = { historyKey: string } | { steps: number };

type Ask = (destination: Destination) => void;

let ask: Ask | null = null;

/** While something is unsaved: asked before this page is left by a key or by the palette. @returns how to end it */
export function guardLeaving(next: Ask): () => void {
  ask = next;
  return () => {
    ask = null;
  };
}

/** Whether something was typed that is not stored: in a form that asks before it is left, or in a dialog with fields. */
export function isUnsaved(): boolean {
  return ask !== null || document.querySelector('[role="dialog"] form') !== null;
}

/** `router.push`, unless unsaved changes ask first. Links need no such care: the guard sees their clicks. */
export function useGuardedPush(): (href: string) => void {
  const router = useRouter();
  return (href) => {
    if (ask) {
      ask({ href });
    } else {
      router.push(href);
    }
  };
}
