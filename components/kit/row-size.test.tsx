import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { drawnIcon } from "./drawn-icon.ts";
import { Switch } from "./switch.tsx";
import { Cell } from "./table.tsx";
import { TextAction } from "./text-action.tsx";

const Icon = drawnIcon("M0 0h24");
const markup = (node: React.ReactNode) => renderToStaticMarkup(node);

/** A list has hundreds of each: what is the same for all stands in app/globals.css, once. */
test("what rows are made of says of itself only what is its own", () => {
  expect(markup(<Cell>{"x"}</Cell>)).toBe("<td>x</td>");
  expect(
    markup(
      <Cell align="right" className="text-ink-2">
        {"x"}
      </Cell>,
    ),
  ).toBe('<td class="text-right text-ink-2">x</td>');
  expect(markup(<Icon className="size-4" />)).toBe(
    '<svg width="24" height="24" viewBox="0 0 24 24" stroke-width="2" aria-hidden="true" class="drawn size-4"><path d="M0 0h24"></path></svg>',
  );
  expect(markup(<TextAction>{"go"}</TextAction>)).toBe(
    '<button class="text-action text-azurite-fg" type="button">go</button>',
  );
  expect(markup(<Switch checked label="on" onCheckedChange={() => undefined} />)).toBe(
    '<button type="button" role="switch" aria-label="on" aria-checked="true" class="switch"></button>',
  );
});
