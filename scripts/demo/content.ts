import { demoContent, type TaggedArtifact } from "../../lib/testing/demo-content.ts";
import { pushContent } from "../../lib/testing/push-content.ts";

/** Pushes at once: enough to hide the latency, few enough for a laptop. */
const LANES = 6;

/**
 * Pushes the demo's images and charts. What is there already is asked for and not sent again.
 * Returns how many tags there are.
 */
export async function pushDemoContent(origin: string): Promise<number> {
  const waiting = demoContent();
  const total = waiting.length;
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await pushOne(origin, next);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return total;
}

async function pushOne(origin: string, { repository, tag, artifact }: TaggedArtifact): Promise<void> {
  const found = await fetch(`${origin}/v2/${repository}/manifests/${tag}`, { method: "HEAD" });
  if (found.headers.get("docker-content-digest") !== artifact.manifest.digest) {
    await pushContent(origin, repository, tag, artifact);
  }
}
