import { gzipSync } from "node:zlib";
import { type Artifact, imageManifest, MEDIA, piece, sha256 } from "./content.ts";
import { tar } from "./tar.ts";

/** helm pkg/registry/constants.go. */
export const HELM = {
  config: "application/vnd.cncf.helm.config.v1+json",
  chart: "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
  provenance: "application/vnd.cncf.helm.chart.provenance.v1.prov",
} as const;

export interface HelmChartOptions {
  name: string;
  /** Semantic version. */
  version: string;
  appVersion?: string;
  description?: string;
  /** Image reference in values.yaml. */
  image?: string;
}

/** Helm writes `+` as `_`, which a tag may hold. */
export function chartTag(version: string): string {
  return version.replaceAll("+", "_");
}

/** A Helm chart as `helm push` stores it: the packaged chart as the one layer, Chart.yaml as JSON in the config. */
export function helmChart(options: HelmChartOptions): Artifact {
  const { name, version, description = `Helm chart of ${name}` } = options;
  const appVersion = options.appVersion ?? version;
  const metadata = { apiVersion: "v2", name, version, appVersion, description, type: "application" };
  const config = piece(HELM.config, JSON.stringify(metadata));
  const archive = tar([
    { path: `${name}/Chart.yaml`, content: yaml(metadata) },
    { path: `${name}/values.yaml`, content: valuesOf(options) },
    { path: `${name}/templates/deployment.yaml`, content: DEPLOYMENT },
    { path: `${name}/templates/service.yaml`, content: SERVICE },
  ]);
  const chart = piece(HELM.chart, gzipSync(archive));
  const manifest = {
    ...imageManifest(MEDIA.manifest, config, [chart]),
    annotations: {
      "org.opencontainers.image.title": name,
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.description": description,
    },
  };
  return {
    manifest: piece(MEDIA.manifest, JSON.stringify(manifest)),
    blobs: [config, chart],
    children: [],
  };
}

/** JSON strings are YAML strings. */
function yaml(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("");
}

function valuesOf({ name, version, image }: HelmChartOptions): string {
  return [
    "replicaCount: 2",
    "image:",
    `  repository: ${JSON.stringify(image ?? `registry.example.com/${name}`)}`,
    `  tag: ${JSON.stringify(version)}`,
    "service:",
    "  port: 8080",
    "",
  ].join("\n");
}

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector:
    matchLabels:
      app.kubernetes.io/instance: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app.kubernetes.io/instance: {{ .Release.Name }}
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          ports:
            - containerPort: {{ .Values.service.port }}
`;

const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
spec:
  selector:
    app.kubernetes.io/instance: {{ .Release.Name }}
  ports:
    - port: {{ .Values.service.port }}
`;

/** A chart as `helm package` writes it: the bytes of `name-version.tgz`. */
export function packagedChart(options: HelmChartOptions): Buffer {
  return helmChart(options).blobs.find(({ mediaType }) => mediaType === HELM.chart)?.bytes ?? Buffer.alloc(0);
}

/** A provenance file as `helm package --sign` lays it out; the signature is none. */
export function provenanceOf({ name, version }: HelmChartOptions, archive: Buffer): Buffer {
  const hash = sha256(archive);
  const signed = `name: ${name}\nversion: ${version}\n\n...\nfiles:\n  ${name}-${version}.tgz: ${hash}\n`;
  return Buffer.from(
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${signed}-----BEGIN PGP SIGNATURE-----\n\nnone\n-----END PGP SIGNATURE-----\n`,
  );
}
