import { expect, test } from "vitest";
import { TransportError } from "../registry/errors.ts";
import { CopyError } from "../sync/errors.ts";
import { failureLine, newReport, summary } from "./report.ts";

const REQUESTS = { source: 1, target: 0 };

test("a source that could not be listed is no empty one", () => {
  expect(summary({ ...newReport({ verify: false }), failed: 1 }, REQUESTS, false)).toMatch(
    /^Failed before anything was planned/,
  );
  expect(summary(newReport({ verify: false }), REQUESTS, false)).toBe(
    "Nothing matched: scanned 0 repositories and 0 tags.",
  );
});

test("advice names options of the command, not settings of the console", async () => {
  const request = { method: "GET", url: "https://a/v2/" };
  const cause = new TransportError("TLS", request, "unable to verify the first certificate");
  const line = await failureLine("https://a", new CopyError("ping", "target", undefined, cause), "");
  expect(line).toContain("Add its CA with --target-ca FILE.");
  expect(line).not.toContain("instance settings");
});
