import { MAX_MANIFEST_BYTES } from "../../../lib/registry/successors.ts";
import { digestOf } from "../../../lib/registry/verify.ts";
import { forEachLimited } from "../../../lib/sync/limit.ts";
import {
  type Artifact,
  descriptorOf,
  image,
  index,
  layer,
  MEDIA,
  piece,
} from "../../../lib/testing/content.ts";
import { manifestOf, nestedIndex, sha512Piece, sizedManifest } from "../../../lib/testing/corpus.ts";
import type { Fault } from "../../../lib/testing/fault-proxy/fault.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { meets, type Trust, type TrustCase } from "../trust-case.ts";
import { REPOSITORY, TAG } from "./copy.ts";
import { fault, imageOf, openScene } from "./scene.ts";
import { failsClean, heals } from "./verdicts.ts";

const DEPTH = 50;

/** Repeated, empty and unknown layers, one that is elsewhere, and one by another algorithm. */
function oddLayers(): Artifact {
  const one = layer("again", 1_000);
  const sha512 = sha512Piece(MEDIA.layer, "hashed by sha512");
  const unknown = piece("application/x-nobody-knows", "what is it");
  const held = [one, one, piece(MEDIA.layer, ""), unknown, sha512, one];
  const foreign = piece("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "never pushed");
  const elsewhere = { ...descriptorOf(foreign), urls: ["https://example.com/layer"] };
  return manifestOf(held, { layers: [...held.map(descriptorOf), elsewhere] });
}

async function healsWith(trust: Trust, artifact: Artifact): Promise<void> {
  const registry = { foreignUrls: "^https://example.com/" };
  const scene = await openScene(trust, { source: { registry }, target: { registry } });
  await scene.push(artifact);
  await heals(scene, artifact);
}

/** The index names itself, as its child. It cannot, by digest: whoever serves that serves wrong bytes. */
async function cycle(trust: Trust): Promise<string> {
  const scene = await openScene(trust);
  const child = imageOf("cycle", 1_000);
  const parent = index([child]);
  await scene.push(parent);
  const { digest } = child.manifest;
  const body = parent.manifest.bytes;
  const headers = { "content-type": MEDIA.index, "docker-content-digest": digest };
  scene.source.proxy.add({ method: "GET", digest, fault: { kind: "swap-body", body, headers } });
  const expected = { code: "DIGEST_MISMATCH", side: "source", status: null, key: "digest-mismatch" } as const;
  return failsClean(scene, { ...expected, withinMs: 5_000 });
}

/** One byte more than every registry takes is refused before anything is sent (R1). */
async function oversized(trust: Trust): Promise<string> {
  const scene = await openScene(trust);
  await scene.push(imageOf("oversized", 1_000));
  const { bytes } = sizedManifest(MAX_MANIFEST_BYTES + 1).manifest;
  const headers = {
    "content-type": MEDIA.manifest,
    "content-length": String(bytes.length),
    "docker-content-digest": digestOf(bytes),
  };
  scene.source.proxy.add({
    path: /\/team\/app\/manifests\//,
    fault: { kind: "answer", status: 200, headers, body: bytes },
  });
  const expected = { code: "MANIFEST_TOO_LARGE", side: "source", status: null } as const;
  const told = await failsClean(scene, { ...expected, key: "manifest-too-large", withinMs: 5_000 });
  const sent = scene.target.proxy.matching("POST", /\/team\/app\/blobs/);
  meets(sent.length === 0, `${sent.length} uploads were opened for it`);
  return told;
}

/** An index of so many images that differ. */
async function wide(trust: Trust, width: number): Promise<void> {
  const scene = await openScene(trust);
  const shared = layer("wide", 1_000);
  const children = Array.from({ length: width }, (_, n) =>
    image({ layers: [shared], annotations: { n: `${n}` } }),
  );
  await scene.push(children[0] ?? imageOf("wide"), { tag: "first" });
  await forEachLimited(children, 8, async ({ manifest }) => {
    const url = `${scene.source.registry.origin}/v2/${REPOSITORY}/manifests/${manifest.digest}`;
    const body = new Uint8Array(manifest.bytes);
    const { status } = await fetch(url, {
      method: "PUT",
      headers: { "content-type": manifest.mediaType },
      body,
    });
    meets(status === 201, `the source answered ${status} to a child`);
  });
  const parent = index(children);
  await pushContent(scene.source.registry.origin, REPOSITORY, TAG, { ...parent, children: [] });
  await heals(scene, parent);
}

async function endlessPages(trust: Trust): Promise<string> {
  const scene = await openScene(trust);
  let asked = 0;
  const next = (link: string) => (): Fault => {
    asked += 1;
    const headers = { link: `<${link.replace("N", String(asked))}>; rel="next"` };
    return { kind: "answer", status: 200, headers, body: '{"name":"x","tags":["a"],"repositories":["a"]}' };
  };
  const ends = async (names: AsyncIterable<string[]>) => {
    try {
      for await (const page of names) {
        void page;
      }
      return "no end was noticed";
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const { proxy, client } = scene.source;
  proxy.add({ path: /\/team\/loop\/tags/, fault: next("/v2/team/loop/tags/list?n=1000") });
  const loop = await ends(client.repository("team/loop").tags());
  meets(/circle/.test(loop) && asked <= 2, `${asked} pages of a loop: ${loop}`);
  proxy.add({ path: /\/team\/away\/tags/, fault: next(`${scene.target.proxy.origin}/v2/x/tags/list`) });
  const away = await ends(client.repository("team/away").tags());
  meets(/points away/.test(away), `pages of another host: ${away}`);
  meets(scene.target.proxy.log.length === 0, "the other host was asked");
  if (!trust.full) {
    return "loop: refused at its second page; another host: not asked";
  }
  asked = 0;
  proxy.add({ path: /_catalog/, fault: next("/v2/_catalog?n=1000&last=N") });
  const endless = await ends(client.repositories());
  meets(/do not end/.test(endless), `endless pages: ${endless}`);
  return `loop: refused at its second page; another host: not asked; endless: refused after ${asked} pages`;
}

export const SOURCE_GRAPHS: readonly TrustCase[] = [
  fault("FS28", "pages that go round, leave the host, or never end", endlessPages),

  fault(
    "FS29",
    "graphs: a cycle, depth 50, width 10,000, repetitions, foreign, empty and unknown layers, sha512, 4 MiB and one byte more",
    async (trust) => {
      const told = [`cycle: ${await cycle(trust)}`];
      await healsWith(trust, nestedIndex(DEPTH));
      const scene = await openScene(trust);
      await scene.push(nestedIndex(65));
      const deep = { code: "MANIFEST_TOO_DEEP", side: "source", status: null } as const;
      told.push(
        `depth ${DEPTH}: heals, 65: ${await failsClean(scene, { ...deep, key: "manifest-too-deep", withinMs: 15_000 })}`,
      );
      const width = trust.full ? 10_000 : 60;
      await wide(trust, width);
      await healsWith(trust, oddLayers());
      await healsWith(trust, sizedManifest(MAX_MANIFEST_BYTES));
      told.push(`width ${width}; repeated, foreign, empty, unknown and sha512 layers; 4 MiB: heal`);
      told.push(`one byte more: ${await oversized(trust)}`);
      return told.join("; ");
    },
    { withinMs: 1_200_000 },
  ),
];
