import { expect, test } from "vitest";
import { suggestedSender } from "./suggested-sender.ts";

test.each([
  ["https://team.tencentcloudcr.com", "generic", null, "tcr"],
  ["https://registry-1.docker.io", "generic", null, "docker-hub"],
  ["https://ghcr.io", "generic", null, "ghcr"],
  ["https://ghcr.io.example.com", "generic", null, "generic"],
  ["https://hub.example.com", "generic", "Harbor 2.13.1", "harbor"],
  ["https://hub.example.com", "generic", "zot 2.1.7", "zot"],
  ["https://hub.example.com:5000", "distribution", null, "distribution"],
  ["https://hub.example.com", "distribution", "Nexus", "distribution"],
])("%s, %s, %s: %s", (address, vendor, software, sender) => {
  expect(suggestedSender({ address, vendor, capabilities: { software } })).toBe(sender);
});
