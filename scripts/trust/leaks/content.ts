import { createChartMuseum } from "../../../lib/registry/chart-museum/museum.ts";
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
import { type Attack, leaked, PASSWORD, type Places, trapper, USERNAME } from "./trap.ts";

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

/** An index of charts may name archives anywhere (CVE-2021-32690): on another port, on another host, with our host as a user. */
async function chartUrls(trust: Trust): Promise<string> {
  const lay = await trapper(trust);
  let asked = 0;
  let ways = 0;
  for (const place of [evilItself, evilByName, ownAsUser]) {
    for (const manner of ["basic", "token"] as const) {
      const answer: Attack["answer"] = (response, places) => void response.end(indexOf(place(places)));
      const trap = await lay({ answer, reached: true }, manner);
      trust.cleanup(trap.stop);
      const museum = createChartMuseum({
        ...{ address: trap.own.origin, plainHttp: true, egress: allowAll, retries: 0 },
        ...{ username: USERNAME, password: PASSWORD },
      });
      trust.cleanup(() => museum.close());
      const chart = museum.repository("web");
      await museum.check().catch(() => undefined);
      for (const read of [() => chart.resolve("1.0.0"), () => chart.fetchManifest("1.0.0")]) {
        await read().catch(() => undefined);
      }
      const shown = trap.own.requests.filter(({ headers }) => headers.authorization !== undefined);
      meets(shown.length > 0, "the museum itself was shown no password");
      const secrets = leaked(trap.evil);
      meets(secrets.length === 0, `the host that the index names received ${secrets.join()}`);
      asked += trap.evil.requests.length;
      ways += 1;
    }
  }
  meets(asked > 0, "where the archives are was never asked");
  return `0 leaks in ${ways} museums; where the archives are was asked ${asked} times, without credentials`;
}

const evilItself = ({ evil }: Places) => evil;
const evilByName = ({ evil }: Places) => evil.replace("127.0.0.1", "localhost");
const ownAsUser = ({ own, evil }: Places) => `http://${new URL(own).host}@${new URL(evil).host}`;
const indexOf = (place: string) =>
  `apiVersion: v1\nentries:\n  web:\n  - name: web\n    version: 1.0.0\n    urls:\n    - ${place}/web-1.0.0.tgz\n`;

export const CONTENT_LEAKS: readonly TrustCase[] = [
  { id: "L26", title: "layers that name an address of their own", run: foreignUrls },
  { id: "L27", title: "an index of charts that names archives on another host", run: chartUrls },
];
