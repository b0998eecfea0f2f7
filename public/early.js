// Why and how: app/layout.tsx.
(() => {
  Object.defineProperty(window, "$RT", { set() {} });

  const PATIENCE_MS = 15_000;
  const root = document.documentElement;
  let waiting = [];
  let timer = 0;
  let patience = 0;

  const drawn = (target) => Object.keys(target).some((key) => key.startsWith("__reactFiber"));

  function heard(target) {
    let passed = false;
    const pass = () => {
      passed = true;
    };
    target.addEventListener("touchcancel", pass);
    target.dispatchEvent(new Event("touchcancel", { bubbles: true }));
    target.removeEventListener("touchcancel", pass);
    return passed && drawn(target);
  }

  const isLate = ({ until }) => Date.now() > until;
  const isDue = ({ target, kind }) => kind === "leaves" || heard(target);

  function keep(target, redo, kind) {
    root.dataset.waits = "";
    waiting.push({ target, redo, kind, until: patience || Date.now() + PATIENCE_MS });
    lookIn(30);
  }

  function lookIn(ms) {
    if (!timer) {
      timer = setTimeout(look, ms);
    }
  }

  function look() {
    timer = 0;
    waiting = waiting.filter((each) => each.target.isConnected && (each.kind || !isLate(each)));
    const next = waiting.find((each) => !isLate(each) || isDue(each));
    const due = next && isDue(next) ? next : undefined;
    waiting = waiting.filter((each) => each !== due);
    if (waiting.length) {
      lookIn(due ? 0 : 30);
    } else {
      delete root.dataset.waits;
    }
    patience = due?.until;
    try {
      due?.redo();
    } finally {
      patience = 0;
    }
  }

  function behindText(type, targetOf, redoOf) {
    addEventListener(
      type,
      (event) => {
        const target = targetOf(event);
        if (target && !patience && waiting.some((each) => each.kind === "text" && !isLate(each))) {
          event.preventDefault();
          event.stopImmediatePropagation();
          keep(target, redoOf(event, target), "leaves");
        }
      },
      true,
    );
  }

  function on(type, targetOf, redoOf) {
    addEventListener(
      type,
      (event) => {
        const target = targetOf(event);
        const redo = target && redoOf(event, target);
        const kind = type === "input" ? "text" : "";
        const unseen = kind && !target._valueTracker;
        const ask = () => {
          const isHeard = type === "submit" ? heard : drawn;
          if (unseen || event.cancelBubble || !isHeard(target)) {
            type === "submit" && event.preventDefault();
            keep(target, redo, kind);
          }
        };
        target && document.addEventListener(type, ask, { capture: true, once: true });
      },
      true,
    );
  }

  const clickAgain = (event, target) => () => target.dispatchEvent(new MouseEvent("click", event));
  const form = ({ target }) => target;
  const sendAgain =
    ({ submitter }, target) =>
    () =>
      target.requestSubmit(submitter);

  behindText(
    "click",
    ({ target, metaKey, ctrlKey, shiftKey, altKey }) =>
      metaKey || ctrlKey || shiftKey || altKey ? null : target.closest?.("a[href]"),
    clickAgain,
  );
  behindText("submit", form, sendAgain);
  on(
    "click",
    ({ target }) => {
      const button = target.closest?.("button, [role=combobox]");
      return button?.form && button.type === "submit" ? null : button;
    },
    clickAgain,
  );
  on("submit", form, sendAgain);
  on(
    "input",
    ({ target }) => target,
    (_event, field) => {
      const { value } = field;
      waiting = waiting.filter(({ target }) => target !== field);
      return () => {
        field.value = value;
        field._valueTracker?.setValue(`${value} `);
        field.dispatchEvent(new Event("input", { bubbles: true }));
      };
    },
  );

  window.lockstepKeys = [];
  addEventListener(
    "keydown",
    (event) => {
      if (
        event.key.length > 1 ||
        event.ctrlKey ||
        event.metaKey ||
        !event.target.matches("input, textarea")
      ) {
        window.lockstepKeys?.push(event);
      }
    },
    true,
  );
})();
