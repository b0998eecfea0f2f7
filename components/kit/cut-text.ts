/** Texts that end in an ellipsis where there is no room (`truncate`) are shown whole: on hover, and on the keyboard's focus. */

const CUT = ".truncate";
const DELAY_MS = 300;
const GAP = 6;
const MARGIN = 8;

/** Begins with the event that brought its scripts: a pointer that moved, or a focus. */
export function tellCutTexts(first: Event): void {
  const box = document.createElement("div");
  // What is read out is not cut.
  box.setAttribute("aria-hidden", "true");
  box.dataset.cutText = "";
  box.className =
    "pop pointer-events-none fixed top-0 left-0 z-60 grid max-w-120 gap-1 rounded-md bg-surface px-3 py-2 text-meta text-ink-2 shadow-pop wrap-anywhere";
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Of what has the focus; a row that is focused is also scrolled to. */
  let held: Element | undefined;
  const hide = () => {
    clearTimeout(timer);
    held = undefined;
    box.remove();
  };
  const onPointer = ({ target, pointerType }: PointerEvent) => {
    const cut = target instanceof Element && pointerType !== "touch" ? target.closest(CUT) : null;
    hide();
    // A title is shown by the browser.
    if (cut && isCut(cut) && !cut.closest("[title]")) {
      timer = setTimeout(() => show(box, [cut]), DELAY_MS);
    }
  };
  const onFocus = ({ target }: FocusEvent) => {
    hide();
    if (target instanceof Element && target.matches(":focus-visible")) {
      const cut = cutTextsOf(target);
      show(box, cut);
      held = cut[0];
    }
  };
  document.addEventListener("pointerover", onPointer);
  document.addEventListener("focusin", onFocus);
  for (const end of ["focusout", "pointerdown"]) {
    document.addEventListener(end, hide);
  }
  document.addEventListener("scroll", () => (held ? place(box, held) : hide()), {
    capture: true,
    passive: true,
  });
  document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
  if (first instanceof FocusEvent) {
    onFocus(first);
  } else if (first instanceof PointerEvent) {
    onPointer(first);
  }
}

/** Of a row, and of what names a row, every cut text; else those of the element itself. */
function cutTextsOf(element: Element): Element[] {
  const namesRow = element.matches("tr, tr th *");
  const scope = namesRow ? (element.closest("tr") ?? element) : element;
  const around = element.closest(CUT);
  return [...(around ? [around] : []), ...scope.querySelectorAll(CUT)].filter(
    (each, index, all) => all.indexOf(each) === index && isCut(each),
  );
}

const isCut = (element: Element) => element.scrollWidth > element.clientWidth;

const textOf = (element: Element) => element.getAttribute("title") ?? element.textContent ?? "";

function show(box: HTMLElement, cut: readonly Element[]): void {
  const [anchor] = cut;
  if (!anchor?.isConnected) {
    return;
  }
  box.replaceChildren(
    ...cut.map((each) => {
      const line = document.createElement("span");
      line.textContent = textOf(each);
      return line;
    }),
  );
  document.body.append(box);
  place(box, anchor);
}

/** Above its anchor, below where there is no room, never off the screen. */
function place(box: HTMLElement, anchor: Element): void {
  const at = anchor.getBoundingClientRect();
  const above = at.top - box.offsetHeight - GAP;
  box.style.left = `${Math.max(MARGIN, Math.min(at.left, window.innerWidth - box.offsetWidth - MARGIN))}px`;
  box.style.top = `${above >= MARGIN ? above : at.bottom + GAP}px`;
}
