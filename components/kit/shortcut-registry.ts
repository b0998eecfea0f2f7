import type { HeldKey } from "./held-keys.ts";
import { isCharacterKey, type KeyStep, parseKeys, progress, stepOf } from "./key-steps.ts";
import { isUnfinished, onTheirWay } from "./on-its-way.tsx";

declare global {
  /** Keys that were pressed before anybody listened (public/early.js); undefined once somebody does. */
  var lockstepKeys: KeyboardEvent[] | undefined;
}

/** Where a shortcut stands in the help. */
export type ShortcutGroup = "go" | "page" | "list" | "form";

export interface Shortcut {
  /** `n`, `Shift+x`, `Mod+Enter` (Ctrl, or ⌘ on a Mac), `Escape`; with a space a sequence: `g s`. */
  keys: string;
  /** What it does, in the reader's language; the help lists it. */
  label: string;
  group?: ShortcutGroup;
  run: (event: KeyboardEvent) => void;
  /** False or a function that says so: not bound now. */
  when?: boolean | (() => boolean);
  /** Whether the help names it; as `when` unless told. */
  listed?: boolean;
  /** Also while typing. Escape and keys with Mod always are. */
  inFields?: boolean;
  /** Also while a dialog is open: what belongs to a drawer. */
  inDialogs?: boolean;
  /** Held down it goes on: moving from row to row. */
  repeats?: boolean;
}

/** Between two keys of a sequence. */
const SEQUENCE_MS = 1200;

/** Takes text: a key pressed there is a character, or belongs to the list that is open. */
const FIELD =
  'input:not([type="checkbox"]):not([type="radio"]):not([type="button"]):not([type="submit"]), textarea, select, ' +
  '[contenteditable="true"], [role="combobox"], [role="listbox"], [role="menu"]';
/** Pressed by Enter or Space. */
const PRESSED = "a[href], button, summary";
const DIALOG = '[role="dialog"][data-state="open"], [role="alertdialog"][data-state="open"]';

type Source = () => readonly Shortcut[];

/** Every shortcut that the page binds now, and the keys pressed of a sequence. */
export class ShortcutRegistry {
  /** Whether shortcuts of printable characters work (WCAG 2.1.4). */
  characterKeys = true;
  #sources: Source[] = [];
  #watchers: (() => void)[] = [];
  #pressed: KeyStep[] = [];
  #pressedAt = 0;
  /** Pressed and not to be taken yet, in their order; and how to take what can be by now. */
  #held: HeldKey[] = [];
  #settle: (() => void) | null = null;

  /** @returns how to take them away again */
  add(source: Source): () => void {
    this.#changed([...this.#sources, source]);
    return () => this.#changed(this.#sources.filter((known) => known !== source));
  }

  /** Told when parts of the page begin or cease to bind keys. @returns how to be told no more */
  watch(told: () => void): () => void {
    this.#watchers = [...this.#watchers, told];
    return () => {
      this.#watchers = this.#watchers.filter((known) => known !== told);
    };
  }

  #changed(sources: Source[]): void {
    this.#sources = sources;
    for (const told of this.#watchers) {
      told();
    }
  }

  /** What works on this page now, in the order of mounting; of equal keys the last. Not to be called while rendering. */
  list(): Shortcut[] {
    const byKeys = new Map<string, Shortcut>();
    for (const shortcut of this.#sources.flatMap((source) => source())) {
      if (shortcut.listed ?? isBound(shortcut)) {
        byKeys.set(shortcut.keys, shortcut);
      }
    }
    return [...byKeys.values()].filter(({ keys }) => this.characterKeys || !isCharacterKey(parseKeys(keys)));
  }

  listen(target: Document): () => void {
    const onKey = (event: KeyboardEvent) => this.#press(event);
    target.addEventListener("keydown", onKey);
    for (const event of globalThis.lockstepKeys ?? []) {
      this.#press(event);
    }
    globalThis.lockstepKeys = undefined;
    return () => target.removeEventListener("keydown", onKey);
  }

  /** A key that nobody takes while the page is still coming, or that a dialog on its way will take, is not lost. */
  #press(event: KeyboardEvent): void {
    if (event.defaultPrevented || !stepOf(event)) {
      return;
    }
    const forLayer = onTheirWay().layers > 0 && event.key !== "Tab";
    if (isInField(event) || !event.isTrusted || (!forLayer && isOfTheFocus(event))) {
      this.#take(event);
      return;
    }
    this.#settle?.();
    if (forLayer || this.#held.length > 0) {
      event.preventDefault();
      this.#hold(event, forLayer);
    } else if (!this.#take(event) && isUnfinished()) {
      this.#hold(event, false);
    }
  }

  #hold(event: KeyboardEvent, forLayer: boolean): void {
    this.#held.push({ event, forLayer, path: location.pathname, sinceMs: performance.now() });
    if (this.#held.length === 1) {
      void import("./held-keys.ts").then(({ settleHeld }) => {
        this.#settle = settleHeld(this.#held, (each) => this.#take(each));
      });
    }
  }

  /** @returns whether it was, or begins, a shortcut */
  #take(event: KeyboardEvent): boolean {
    const step = stepOf(event);
    if (!step) {
      return false;
    }
    if (event.timeStamp - this.#pressedAt > SEQUENCE_MS) {
      this.#pressed = [];
    }
    this.#pressedAt = event.timeStamp;
    const begun = this.#pressed;
    this.#pressed = [];
    // A key that does not go on with the sequence may still be a shortcut of its own.
    return this.#try([...begun, step], event) || (begun.length > 0 && this.#try([step], event));
  }

  #try(pressed: KeyStep[], event: KeyboardEvent): boolean {
    const may = this.#allowed(event);
    let begun = false;
    for (const shortcut of this.#sources.flatMap((source) => source()).reverse()) {
      const steps = parseKeys(shortcut.keys);
      const state = progress(steps, pressed);
      if (state === "other" || !may(shortcut, steps) || !isBound(shortcut)) {
        continue;
      }
      if (state === "whole") {
        event.preventDefault();
        shortcut.run(event);
        return true;
      }
      begun = true;
    }
    if (begun) {
      this.#pressed = pressed;
    }
    return begun;
  }

  /** What may fire where the focus is. */
  #allowed(event: KeyboardEvent): (shortcut: Shortcut, steps: readonly KeyStep[]) => boolean {
    const inField = isInField(event);
    const inDialog = document.querySelector(DIALOG) !== null;
    return (shortcut, steps) => {
      const characters = isCharacterKey(steps);
      return (
        (this.characterKeys || !characters) &&
        (!event.repeat || shortcut.repeats === true) &&
        (!inDialog || shortcut.inDialogs === true) &&
        (!inField || shortcut.inFields === true || shortcut.keys === "Escape" || steps.some(({ mod }) => mod))
      );
    };
  }
}

/** Also when the focus went there since: a key that waited is no letter of what is typed now. */
const isInField = ({ target }: Event) =>
  [target, document.activeElement].some((at) => at instanceof Element && at.closest(FIELD) !== null);

/** What the browser does at once with what has the focus: held and carried out later it would be done twice, elsewhere. */
const isOfTheFocus = ({ key, target }: KeyboardEvent) =>
  key === "Tab" || ((key === "Enter" || key === " ") && target instanceof Element && target.matches(PRESSED));

const isBound = ({ when = true }: Shortcut) => (typeof when === "function" ? when() : when);
