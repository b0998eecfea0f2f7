import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { PreviewTotals } from "@/lib/schemas/preview.ts";
import { PREVIEW_VERDICTS } from "@/lib/schemas/words.ts";
import common from "../../messages/en/common.json" with { type: "json" };
import preview from "../../messages/en/preview.json" with { type: "json" };
import { PreviewFigures } from "./preview-figures.tsx";

const textOf = (totals: PreviewTotals | null) =>
  renderToStaticMarkup(
    <NextIntlClientProvider locale="en" timeZone="UTC" messages={{ common, preview }}>
      <PreviewFigures totals={totals} running />
    </NextIntlClientProvider>,
  )
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");

test("what is not counted yet is a dash, without a unit; what was counted as none is a nought", () => {
  const uncounted = textOf(null);
  expect(uncounted).toContain("— to transfer");
  expect(uncounted).toContain("Copy —");
  expect(uncounted).not.toContain("0");

  const none = textOf({
    repositories: { listed: 3, matched: 0, complete: true, unmatched: [], unreadable: 0 },
    tags: { matched: 0, complete: true },
    verdicts: Object.fromEntries(
      PREVIEW_VERDICTS.map((verdict) => [verdict, 0]),
    ) as PreviewTotals["verdicts"],
    bytes: { toMove: 0, state: "exact" },
  });
  expect(none).toContain("0 B to transfer");
  expect(none).toContain("Copy 0");
  expect(none).not.toContain("—");
});
