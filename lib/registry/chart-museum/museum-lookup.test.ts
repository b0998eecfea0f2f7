import { expect, test } from "vitest";
import { packagedChart } from "../../testing/helm-chart.ts";
import { successors } from "../successors.ts";
import { museumClient, museumServer } from "./museum.testing.ts";

test("a digest that was found before is looked for in its version, not in all of them", async () => {
  const museum = await museumServer();
  const versions = Array.from({ length: 12 }, (_, n) => `1.0.${n}`);
  for (const version of versions) {
    await museum.store.putChart("", packagedChart({ name: "web", version }), false);
  }
  const client = museumClient(museum.address);
  const repository = client.repository("web");
  const manifest = await repository.fetchManifest("1.0.11");
  // The index was changed since, and what was known of its entries is gone with the one before.
  await museum.store.putChart("", packagedChart({ name: "web", version: "2.0.0" }), false);
  for await (const names of client.repositories()) {
    expect(names).toEqual(["web"]);
  }
  const since = museum.requests.length;
  expect((await repository.resolve(manifest.descriptor.digest))?.digest).toBe(manifest.descriptor.digest);
  for (const blob of successors(manifest)) {
    for await (const chunk of await repository.fetchBlob(blob)) {
      void chunk;
    }
  }
  const files = museum.requests.slice(since).map(({ path }) => path);
  expect(files.filter((path) => path.includes("/charts/") && !path.includes("1.0.11"))).toEqual([]);
});
