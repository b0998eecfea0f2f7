import { type Artifact, image, index, layer } from "./content.ts";
import { chartTag, helmChart } from "./helm-chart.ts";

export interface TaggedArtifact {
  repository: string;
  tag: string;
  artifact: Artifact;
}

const MIB = 1024 * 1024;

/** Services by namespace, with what they are built on and the tags they carry. */
const SERVICES = [
  { repository: "commerce/storefront", base: "node", tags: ["2.0.3", "2.1.0"] },
  { repository: "commerce/cart", base: "node", tags: ["1.8.0", "1.8.1"] },
  { repository: "commerce/checkout", base: "java", tags: ["3.2.0", "3.2.1"] },
  { repository: "commerce/payment", base: "java", tags: ["5.0.0", "5.0.1"] },
  { repository: "commerce/catalog", base: "java", tags: ["4.4.2"] },
  { repository: "commerce/search", base: "java", tags: ["1.12.0"] },
  { repository: "commerce/mail", base: "python", tags: ["0.9.4", "0.9.5"] },
  { repository: "commerce/recommend", base: "python", tags: ["2.3.0"] },
  { repository: "platform/login", base: "node", tags: ["6.1.0", "6.1.1"] },
  { repository: "platform/notify", base: "node", tags: ["1.1.0"] },
  { repository: "platform/audit", base: "java", tags: ["2.0.0"] },
  { repository: "platform/report", base: "python", tags: ["3.0.0"] },
] as const;

const CHARTS = [
  { name: "storefront", versions: ["2.0.3", "2.1.0", "2.2.0-rc.1"] },
  { name: "checkout", versions: ["3.2.0", "3.2.1"] },
  { name: "payment", versions: ["5.0.0", "5.0.1", "5.0.1+build.7"] },
  { name: "platform", versions: ["1.0.0", "1.1.0", "1.2.0"] },
] as const;

/**
 * What the demo's first registry holds: 12 images of 2 namespaces on shared base layers, one multi-arch index and 4 charts
 * with several versions each; some tens of MiB of distinct bytes, the same at every start.
 */
export function demoContent(): TaggedArtifact[] {
  const system = layer("base-system", 6 * MIB);
  const runtimes = {
    node: layer("runtime-node", 5 * MIB),
    java: layer("runtime-java", 8 * MIB),
    python: layer("runtime-python", 4 * MIB),
  };
  const images = SERVICES.flatMap(({ repository, base, tags }) => {
    const dependencies = layer(`${repository}-dependencies`, MIB);
    return tags.map((tag) => ({
      repository,
      tag,
      artifact: image({
        layers: [system, runtimes[base], dependencies, layer(`${repository}-${tag}`, MIB / 2)],
        config: { Labels: { "org.opencontainers.image.version": tag } },
      }),
    }));
  });
  return [...images, gateway(system), ...CHARTS.flatMap(versionsOf)];
}

/** One name for two architectures. */
function gateway(system: ReturnType<typeof layer>): TaggedArtifact {
  const platforms = [
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64", variant: "v8" },
  ];
  const children = platforms.map((platform) => {
    const below = platform.architecture === "amd64" ? system : layer("base-system-arm64", 6 * MIB);
    return image({ layers: [below, layer(`gateway-${platform.architecture}`, 2 * MIB)], platform });
  });
  return { repository: "commerce/gateway", tag: "1.4.0", artifact: index(children) };
}

function versionsOf({ name, versions }: (typeof CHARTS)[number]): TaggedArtifact[] {
  return versions.map((version) => ({
    repository: `charts/${name}`,
    tag: chartTag(version),
    artifact: helmChart({ name, version, image: `registry.example.com/commerce/${name}` }),
  }));
}
