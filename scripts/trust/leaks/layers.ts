import { allowAll } from "../../../lib/registry/egress.ts";
import { createRegistry } from "../../../lib/registry/remote-registry.ts";
import { memoryPlacements } from "../../../lib/sync/placements.ts";
import { noProgress } from "../../../lib/sync/progress.ts";
import { descriptorOf, layer, piece } from "../../../lib/testing/content.ts";
import { manifestOf } from "../../../lib/testing/corpus.ts";
import { startDockerRegistry } from "../../../lib/testing/docker-registry.ts";
import { pullAndHash } from "../../../lib/testing/pull-and-hash.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { scriptedRegistry } from "../../../lib/testing/scripted-registry.ts";
import { copyThrough, REPOSITORY, TAG } from "../faults/copy.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { PASSWORD, USERNAME } from "./trap.ts";

const FOREIGN = [
  "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
  "application/vnd.oci.image.layer.v1.tar+gzip",
];

/** A layer says where else it is. Nobody goes there: neither for one that the source lacks, nor for one that it holds. */
async function foreignUrls(trust: Trust): Promise<string> {
  const evil = await scriptedRegistry((_request, response) => void response.end("bytes"));
  trust.cleanup(evil.stop);
  const foreignUrlsAllowed = { foreignUrls: `^${evil.origin}/` };
  const account = { username: USERNAME, password: PASSWORD };
  const source = await startDockerRegistry({ ...foreignUrlsAllowed, htpasswd: account });
  const target = await startDockerRegistry(foreignUrlsAllowed);
  trust.cleanup(source.stop);
  trust.cleanup(target.stop);
  const here = layer("leaks", 2_000);
  const away = FOREIGN.map((mediaType, nth) => piece(mediaType, `layer ${nth}`));
  const layers = [
    ...away.map((each) => ({ ...descriptorOf(each), urls: [`${evil.origin}/layer`] })),
    descriptorOf(here),
  ];
  const artifact = manifestOf([here, ...away.slice(1)], { layers });
  await pushContent(source.origin, REPOSITORY, TAG, artifact, { account });
  const options = { vendor: "distribution", plainHttp: true, egress: allowAll } as const;
  const from = createRegistry({ ...options, address: source.origin, ...account });
  const to = createRegistry({ ...options, address: target.origin });
  trust.cleanup(() => Promise.all([from.close(), to.close()]));
  const way = { source: from, target: to, placements: memoryPlacements(), bytes: noProgress() };
  const { status } = await copyThrough(way, {});
  const { digest } = await pullAndHash(target.origin, REPOSITORY, TAG);
  meets(status === "copied" && digest === artifact.manifest.digest, `the image ended ${status}`);
  meets(evil.requests.length === 0, `the address that a layer names was asked ${evil.requests.length} times`);
  return `${layers.length} layers, copied as they are; where they say they also are, 0 requests`;
}

export const LAYER_LEAKS: readonly TrustCase[] = [
  { id: "L26", title: "layers that name an address of their own", run: foreignUrls },
];
