import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { skopeoCommand } from "../../components/transfers/skopeo-command.ts";
import { startDockerRegistry } from "../testing/docker-registry.ts";
import { pushContent } from "../testing/push-content.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { smallImage } from "../testing/sync-world.ts";
import { runTool } from "../testing/tool.ts";

test("the command that a page shows copies by hand what it names, once the password is in its variable", async () => {
  const password = "p w'd$1";
  const username = "robot$lockstep";
  const source = await temporaryRegistry({ auth: { kind: "basic", username, password } });
  const target = await startDockerRegistry();
  const home = await mkdtemp(join(tmpdir(), "lockstep-skopeo-"));
  try {
    const artifact = smallImage("by hand");
    await pushContent(source.origin, "ai/gateway", "1.0", artifact, { account: { username, password } });
    const end = { plainHttp: true, privateCa: false, tag: "1.0" };
    const { command, passwords } = skopeoCommand(
      { ...end, host: new URL(source.origin).host, username, repository: "ai/gateway" },
      { ...end, host: new URL(target.origin).host, username: null, repository: "mirror/gateway" },
    );
    expect(command).not.toContain(password);
    expect(passwords).toEqual(["SOURCE_PASSWORD"]);
    const env = { HOME: home, SOURCE_PASSWORD: password };
    await runTool("/bin/sh", ["-c", command], { env });
    const copied = await fetch(`${target.origin}/v2/mirror/gateway/manifests/1.0`, {
      headers: { accept: artifact.manifest.mediaType },
    });
    expect(copied.headers.get("docker-content-digest")).toBe(artifact.manifest.digest);
  } finally {
    await Promise.all([source.stop(), target.stop(), rm(home, { recursive: true, force: true })]);
  }
});
