// Why and how: app/layout.tsx.
(() => {
  Object.defineProperty(window, "$RT", { set() {} });

  const PATIENCE_MS = 15_000;
  const root = document.documentElement;
  let waiting = [];
  let patience = 0;

  const heard = (target) => Object.keys(target).some((key) => key.startsWith("__reactFiber"));

  function keep(target, redo) {
    waiting.length || setTimeout(look, 30);
    root.dataset.waits = "";
    waiting.push({ target, redo, until: patience || Date.now() + PATIENCE_MS });
  }

  function look() {
    const due = waiting;
    waiting = [];
    for (let first = due[0]; first; first = due[0]) {
      const alive = first.target.isConnected && Date.now() < first.until;
      if (alive && !heard(first.target)) {
        break;
      }
      due.shift();
      patience = first.until;
      alive && first.redo();
      patience = 0;
    }
    waiting.push(...due);
    waiting.length ? setTimeout(look, 30) : delete root.dataset.waits;
  }

  function on(type, targetOf, redoOf) {
    addEventListener(
      type,
      (event) => {
        const target = targetOf(event);
        const redo = target && redoOf(event, target);
        const ask = () => {
          if (event.cancelBubble || !heard(target)) {
            type === "submit" && event.preventDefault();
            keep(target, redo);
          }
        };
        target && document.addEventListener(type, ask, { capture: true, once: true });
      },
      true,
    );
  }

  on(
    "click",
    ({ target }) => {
      const button = target.closest?.("button, [role=combobox]");
      return button?.form && button.type === "submit" ? null : button;
    },
    (event, button) => () => button.dispatchEvent(new MouseEvent("click", event)),
  );
  on(
    "submit",
    ({ target }) => target,
    ({ submitter }, form) =>
      () =>
        form.requestSubmit(submitter),
  );
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
