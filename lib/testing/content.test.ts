import { execFileSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { distinctBytes, image, layer, sha256 } from "./content.ts";
import { demoContent } from "./demo-content.ts";
import { HELM, helmChart } from "./helm-chart.ts";

test("the demo's content is what the first issue asks for, and the same every time", () => {
  const content = demoContent();
  const isChart = ({ repository }: { repository: string }) => repository.startsWith("charts/");
  const images = new Set(content.filter((entry) => !isChart(entry)).map(({ repository }) => repository));
  expect(images.size).toBeGreaterThanOrEqual(12);
  expect(content.filter(({ artifact }) => artifact.children.length > 1)).toHaveLength(1);
  const charts = content.filter(isChart);
  expect(new Set(charts.map(({ repository }) => repository)).size).toBe(4);
  expect(charts.length).toBeGreaterThanOrEqual(8);
  const total = distinctBytes(content.map(({ artifact }) => artifact));
  expect(total).toBeGreaterThan(30_000_000);
  expect(total).toBeLessThan(90_000_000);
  const digests = (entries: typeof content) => entries.map(({ artifact }) => artifact.manifest.digest);
  expect(digests(demoContent())).toEqual(digests(content));
});

test("a layer's diff id is the digest of what gzip holds", () => {
  const made = layer("seed", 3000);
  expect(sha256(gunzipSync(made.bytes))).toBe(made.diffId);
  const config = JSON.parse(image({ layers: [made] }).blobs[0]?.bytes.toString() ?? "{}");
  expect(config.rootfs.diff_ids).toEqual([made.diffId]);
});

test("a chart is an archive that tar reads, with its name and version", () => {
  const [config, chart] = helmChart({ name: "web", version: "1.2.3+build.4" }).blobs;
  expect(config?.mediaType).toBe(HELM.config);
  const listed = execFileSync("tar", ["-tz"], { input: chart?.bytes }).toString().trim().split("\n");
  expect(listed).toEqual([
    "web/Chart.yaml",
    "web/values.yaml",
    "web/templates/deployment.yaml",
    "web/templates/service.yaml",
  ]);
  const metadata = execFileSync("tar", ["-xzO", "web/Chart.yaml"], { input: chart?.bytes }).toString();
  expect(metadata).toContain('version: "1.2.3+build.4"');
});
