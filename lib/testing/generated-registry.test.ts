import { expect, test } from "vitest";
import { sha256 } from "./content.ts";
import { startDiscardingRegistry } from "./discarding-registry.ts";
import { startGeneratedRegistry } from "./generated-registry.ts";

test("what is generated has the digest that was promised, also from the middle", async () => {
  const size = 3 * 1024 * 1024 + 17;
  const source = await startGeneratedRegistry(size);
  const target = await startDiscardingRegistry();
  try {
    const url = `${source.origin}/v2/${source.repository}/blobs/${source.layerDigest}`;
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(whole).toHaveLength(size);
    expect(sha256(whole)).toBe(source.layerDigest);
    const rest = await fetch(url, { headers: { Range: "bytes=1500000-" } });
    expect(rest.status).toBe(206);
    expect(Buffer.from(await rest.arrayBuffer()).equals(whole.subarray(1_500_000))).toBe(true);

    const opened = await fetch(`${target.origin}/v2/a/b/blobs/uploads/`, { method: "POST" });
    const place = `${target.origin}${opened.headers.get("location")}`;
    await fetch(place, { method: "PATCH", body: whole.subarray(0, 1000) });
    const put = await fetch(`${place}?digest=${source.layerDigest}`, {
      method: "PUT",
      body: whole.subarray(1000),
    });
    expect(put.status).toBe(201);
    expect([target.receivedBytes(), target.blobs()]).toEqual([size, [source.layerDigest]]);
    const wrong = await fetch(`${place}?digest=${source.layerDigest}`, { method: "PUT", body: "other" });
    expect(wrong.status).toBe(400);
  } finally {
    await source.stop();
    await target.stop();
  }
});
