import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import common from "@/messages/en/common.json" with { type: "json" };
import status from "@/messages/en/status.json" with { type: "json" };
import { LoadFailed } from "./load-failed.tsx";
import { QueryClientProvider, type QueryResult } from "./query.tsx";

const failed: QueryResult<unknown> = {
  data: [],
  dataUpdatedAt: 1_000,
  error: new TypeError("fetch failed"),
  errorUpdatedAt: 9_000,
  isError: true,
  isFetching: false,
  refetch: async () => undefined,
};

const bands = (saidAbove: boolean, query = failed) =>
  renderToStaticMarkup(
    <NextIntlClientProvider locale="en" timeZone="UTC" messages={{ common, status }}>
      <QueryClientProvider>
        <LoadFailed query={query} title="The task list could not be loaded" saidAbove={saidAbove} />
      </QueryClientProvider>
    </NextIntlClientProvider>,
  ).split('role="alert"').length - 1;

test("a list that could not be refreshed says so, unless a band above says it for the whole page", () => {
  expect(bands(false)).toBe(1);
  expect(bands(true)).toBe(0);
  expect(bands(false, { ...failed, isError: false })).toBe(0);
});
