import { createHash } from "node:crypto";
import { type Artifact, descriptorOf, MEDIA, type Piece, piece, seededBytes } from "./content.ts";
import type { Random } from "./random.ts";

/** Repositories as clients of many kinds leave them: whatever the specifications allow, in any combination. */
export interface RandomRepository {
  /** Below the namespace. */
  name: string;
  tagged: { tag: string; artifact: Artifact }[];
  /** Pushed by digest, after what is tagged: what refers to it, mostly. */
  untagged: Artifact[];
}

export interface RandomLimits {
  /** Where layers may be that the registry lacks. */
  foreignUrl: string;
  /** Manifests that are named by sha512, which CNCF Distribution does not take. */
  sha512Manifests: boolean;
}

type Subject = Pick<Piece, "mediaType" | "digest" | "bytes">;

const LAYERS = [
  MEDIA.layer,
  "application/vnd.oci.image.layer.v1.tar",
  "application/vnd.oci.image.layer.v1.tar+zstd",
  "application/vnd.in-toto+json",
  "application/x-nobody-knows",
  "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
] as const;
const FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
const DOCKER_FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
const TYPES = ["application/vnd.example.sbom", "application/vnd.example.signature", "application/x-thing"];
const PLATFORMS = [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64", variant: "v8" },
  { os: "linux", architecture: "arm", variant: "v6" },
  { os: "windows", architecture: "amd64", "os.version": "10.0.17763.1", "os.features": ["win32k"] },
];
/** Empty, the empty object, small ones, and some that are worth asking for before they are sent. */
const SIZES = [0, 1, 7, 300, 300, 5_000, 70_000];
const SHARED_BLOBS = 10;

function named(mediaType: string, bytes: Buffer, algorithm: "sha256" | "sha512" = "sha256"): Piece {
  return { mediaType, digest: `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`, bytes };
}

/** What a tag names: registries name it by sha256. */
function bySha256(artifact: Artifact): Artifact {
  const { mediaType, bytes } = artifact.manifest;
  return { ...artifact, manifest: named(mediaType, bytes) };
}

/** Draws content; the same for the same numbers. */
export class RandomContent {
  readonly #random: Random;
  readonly #limits: RandomLimits;
  #drawn = 0;

  constructor(random: Random, limits: RandomLimits) {
    this.#random = random;
    this.#limits = limits;
  }

  repository(name: string): RandomRepository {
    const random = this.#random;
    const drawn: Artifact[] = [];
    const tagged = Array.from({ length: 1 + random.below(3) }, (_, number) => {
      const artifact = this.#root(drawn);
      return { tag: `v${number}`, artifact };
    });
    if (random.chance(0.3) && tagged[0]) {
      tagged.push({ tag: "latest", artifact: tagged[0].artifact });
    }
    const untagged = random.chance(0.2) ? [this.#manifest()] : [];
    for (let count = random.below(6); count > 0; count -= 1) {
      this.#attach(drawn, { tagged, untagged });
    }
    return { name, tagged, untagged };
  }

  /** @param drawn gets every manifest of it */
  #root(drawn: Artifact[], depth = 0): Artifact {
    const random = this.#random;
    const indexed = random.chance(depth === 0 ? 0.5 : 0.2) && depth < 3;
    const any = indexed ? this.#index(drawn, depth) : this.#manifest();
    const artifact = depth === 0 ? bySha256(any) : any;
    drawn.push(artifact);
    return artifact;
  }

  /** Something that refers to one of them, or to nothing that is there: untagged, tagged, or under one of cosign's tags. */
  #attach(drawn: Artifact[], { tagged, untagged }: Pick<RandomRepository, "tagged" | "untagged">): void {
    const random = this.#random;
    const subject = random.pick(drawn).manifest;
    if (random.chance(0.25)) {
      const tag = `${subject.digest.replace(":", "-")}.${random.pick(["sig", "att", "sbom"])}`;
      if (tag.length <= 128 && !tagged.some((each) => each.tag === tag)) {
        const artifact = bySha256(this.#manifest(random.chance(0.2) ? subject : undefined));
        tagged.push({ tag, artifact });
        drawn.push(artifact);
      }
      return;
    }
    const missing = random.chance(0.1) ? piece(MEDIA.manifest, `nowhere ${this.#next()}`) : undefined;
    const indexed = random.chance(0.15);
    const any = indexed ? this.#index([], 2, missing ?? subject) : this.#manifest(missing ?? subject);
    const isTagged = random.chance(0.3);
    const artifact = isTagged ? bySha256(any) : any;
    if (isTagged) {
      tagged.push({ tag: `attached-${this.#next()}`, artifact });
    } else {
      untagged.push(artifact);
    }
    if (!missing) {
      drawn.push(artifact);
    }
  }

  #index(drawn: Artifact[], depth: number, subject?: Subject): Artifact {
    const random = this.#random;
    const docker = !subject && random.chance(0.25);
    const children = Array.from({ length: random.below(4) }, () => this.#root(drawn, depth + 1));
    const first = children[0];
    if (first && random.chance(0.2)) {
      const referring = this.#manifest(first.manifest);
      children.push(referring);
      drawn.push(referring);
    }
    const entries = children.map((child) => this.#entry(child, first));
    if (first && random.chance(0.25)) {
      entries.push(this.#entry(first, undefined));
    }
    const mediaType = docker ? MEDIA.dockerList : MEDIA.index;
    const bytes = this.#text({
      schemaVersion: 2,
      mediaType,
      ...(docker ? {} : this.#extras(subject)),
      manifests: entries,
    });
    return { manifest: this.#named(mediaType, bytes), blobs: [], children };
  }

  #entry(child: Artifact, attestedTo: Artifact | undefined): Record<string, unknown> {
    const random = this.#random;
    const entry = descriptorOf(child.manifest);
    if (attestedTo && attestedTo !== child && random.chance(0.3)) {
      const annotations = {
        "vnd.docker.reference.digest": attestedTo.manifest.digest,
        "vnd.docker.reference.type": "attestation-manifest",
      };
      return { ...entry, annotations, platform: { os: "unknown", architecture: "unknown" } };
    }
    return random.chance(0.3) ? entry : { ...entry, platform: random.pick(PLATFORMS) };
  }

  #manifest(subject?: Subject): Artifact {
    const random = this.#random;
    const docker = !subject && random.chance(0.2);
    const mediaType = docker ? MEDIA.dockerManifest : MEDIA.manifest;
    const config = this.#config(docker);
    const held: Piece[] = [];
    const layers = Array.from({ length: random.below(5) }, () => this.#layer(docker, held));
    if (layers[0] && random.chance(0.2)) {
      layers.push(layers[0]);
    }
    const bytes = this.#text({
      schemaVersion: 2,
      ...(docker || random.chance(0.8) ? { mediaType } : {}),
      ...(docker ? {} : this.#extras(subject)),
      config: { ...descriptorOf(config), ...(config.mediaType === MEDIA.empty ? { data: "e30=" } : {}) },
      layers,
    });
    return { manifest: this.#named(mediaType, bytes), blobs: [config, ...held], children: [] };
  }

  #config(docker: boolean): Piece {
    const random = this.#random;
    if (!docker && random.chance(0.3)) {
      return piece(MEDIA.empty, "{}");
    }
    if (!docker && random.chance(0.15)) {
      return piece("application/vnd.nobody.config.v9+cbor", Buffer.from([0xa0]));
    }
    const text = JSON.stringify({ ...random.pick(PLATFORMS), number: random.below(20) });
    return piece(docker ? MEDIA.dockerConfig : MEDIA.config, text);
  }

  /** @param held gets it where the registry has it */
  #layer(docker: boolean, held: Piece[]): Record<string, unknown> {
    const random = this.#random;
    const own = docker ? MEDIA.dockerLayer : random.pick(LAYERS);
    if (random.chance(0.1)) {
      const away = named(docker ? DOCKER_FOREIGN : FOREIGN, Buffer.from(`elsewhere ${random.below(5)}`));
      return { ...descriptorOf(away), urls: [`${this.#limits.foreignUrl}${random.below(9)}`] };
    }
    const blob = this.#blob(own);
    held.push(blob);
    const urls = random.chance(0.1) && own !== FOREIGN ? { urls: [`${this.#limits.foreignUrl}too`] } : {};
    const annotations = random.chance(0.2)
      ? { annotations: { "org.opencontainers.image.title": "a file" } }
      : {};
    return { ...descriptorOf(blob), ...urls, ...annotations };
  }

  #blob(mediaType: string): Piece {
    const random = this.#random;
    const shared = random.chance(0.6);
    const seed = shared ? `shared ${random.below(SHARED_BLOBS)}` : `own ${this.#next()}`;
    const size = shared ? (SIZES[seed.length % SIZES.length] ?? 0) + seed.length : random.pick(SIZES);
    return named(mediaType, seededBytes(seed, size), random.chance(0.1) ? "sha512" : "sha256");
  }

  #extras(subject: Subject | undefined): Record<string, unknown> {
    const random = this.#random;
    return {
      ...(random.chance(0.4) ? { artifactType: random.pick(TYPES) } : {}),
      ...(random.chance(0.4) ? { annotations: { number: String(this.#next()), "a.b/ü": 'é\u2028"' } } : {}),
      ...(random.chance(0.1) ? { "x-unknown": [1, null, { deep: true }] } : {}),
      ...(subject ? { subject: descriptorOf(subject) } : {}),
    };
  }

  #named(mediaType: string, bytes: Buffer): Piece {
    const other = this.#limits.sha512Manifests && this.#random.chance(0.25);
    return named(mediaType, bytes, other ? "sha512" : "sha256");
  }

  #text(document: object): Buffer {
    return Buffer.from(JSON.stringify(document, null, this.#random.pick([0, 2, 3])));
  }

  #next(): number {
    this.#drawn += 1;
    return this.#drawn * 1_000 + this.#random.below(1_000);
  }
}
