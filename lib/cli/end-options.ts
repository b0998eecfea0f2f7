import { readFileSync } from "node:fs";
import type { ChartMuseumOptions } from "../registry/chart-museum/museum.ts";
import type { RegistryOptions } from "../registry/repository.ts";
import type { ResourceType } from "../schemas/rule.ts";
import type { Side } from "../schemas/task.ts";
import { UsageError } from "./usage-error.ts";

/** One end of a copy: a registry, a chart repository, or both. */
export interface EndOptions {
  registry: Omit<RegistryOptions, "egress"> | null;
  charts: Omit<ChartMuseumOptions, "egress"> | null;
}

/** Where an end is: its registry, or what it has in its place. */
export function addressOf({ registry, charts }: EndOptions): string {
  return (registry ?? charts)?.address ?? "";
}

type EndValues = {
  [option in `${Side}${"" | "-charts" | "-ca"}`]?: string | undefined;
} & { [option in `${Side}-plain-http`]: boolean };
type Environment = Record<string, string | undefined>;

/**
 * Both ends. Charts of a chart repository go to one, or as OCI charts to a registry; what is in a registry goes to a registry.
 * @throws {UsageError}
 */
export function endOptions(
  values: EndValues,
  env: Environment,
  resourceType: ResourceType,
): Record<Side, EndOptions> {
  const source = endOf("source", values, env);
  const target = endOf("target", values, env);
  if (source.registry && !target.registry) {
    throw new UsageError("what --source holds can only go to a registry; name one with --target");
  }
  if (target.charts && !source.charts) {
    throw new UsageError(
      "--target-charts takes the charts of --source-charts and no others: OCI charts of --source go to --target",
    );
  }
  if (!source.registry && resourceType === "image") {
    throw new UsageError("--type image finds nothing in --source-charts; name a registry with --source");
  }
  return { source, target };
}

/** For one and the same namespace. @throws {UsageError} */
export function refuseSameEnds({ source, target }: Record<Side, EndOptions>): void {
  const same = (store: keyof EndOptions) =>
    source[store] !== null && source[store]?.address === target[store]?.address;
  if (same("registry") || same("charts")) {
    throw new UsageError(
      "source and target are the same namespace of the same registry; choose another target",
    );
  }
}

function endOf(side: Side, values: EndValues, env: Environment): EndOptions {
  const given = values[side];
  const charts = values[`${side}-charts`];
  if (!given && !charts) {
    throw new UsageError(
      `--${side} is required: the URL of the registry, or --${side}-charts: that of a chart repository`,
    );
  }
  const shared = {
    ...credentials(side, env),
    caCertificate: certificates(side, values[`${side}-ca`]),
    plainHttp: values[`${side}-plain-http`],
  };
  return {
    registry: given ? { ...shared, vendor: "generic", address: registryAddress(side, given, values) } : null,
    charts: charts ? { ...shared, address: chartsAddress(side, charts, values) } : null,
  };
}

function registryAddress(side: Side, given: string, values: EndValues): string {
  const url = urlOf(side, side, given, values);
  if (url?.pathname !== "/" || url.search || url.hash) {
    throw new UsageError(`--${side} must be https://host[:port] and nothing else, not ${given}`);
  }
  if (url.protocol === "https:" && values[`${side}-plain-http`]) {
    throw new UsageError(`--${side}-plain-http was given, but --${side} is https://`);
  }
  return url.origin;
}

function chartsAddress(side: Side, given: string, values: EndValues): string {
  const url = urlOf(side, `${side}-charts`, given, values);
  if (!url || url.search || url.hash) {
    throw new UsageError(
      `--${side}-charts must be https://host[:port][/path] and nothing else, not ${given}`,
    );
  }
  return url.href.replace(/\/$/, "");
}

/** @returns null when it is no address over HTTP */
function urlOf(side: Side, option: string, given: string, values: EndValues): URL | null {
  const plainHttp = values[`${side}-plain-http`];
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http${plainHttp ? "" : "s"}://${given}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.username || url?.password) {
    throw new UsageError(`--${option} must not hold credentials; ${credentialsHint(side)}`);
  }
  if (url?.protocol === "http:" && !plainHttp) {
    throw new UsageError(
      `--${option} is http://, where credentials travel in the clear; allow it with --${side}-plain-http`,
    );
  }
  return url && /^https?:$/.test(url.protocol) ? url : null;
}

function credentials(side: Side, env: Environment): Pick<RegistryOptions, "username" | "password"> {
  const prefix = side.toUpperCase();
  const username = env[`${prefix}_USERNAME`] || undefined;
  const password = env[`${prefix}_PASSWORD`] || undefined;
  if ((username === undefined) !== (password === undefined)) {
    throw new UsageError(`only one of two is set; ${credentialsHint(side)}`);
  }
  return { username, password };
}

function credentialsHint(side: Side): string {
  const prefix = side.toUpperCase();
  return `set ${prefix}_USERNAME and ${prefix}_PASSWORD in the environment`;
}

function certificates(side: Side, path: string | undefined): string | undefined {
  if (path === undefined) {
    return undefined;
  }
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unreadable";
    throw new UsageError(`--${side}-ca ${path} cannot be read (${reason})`, { cause: error });
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new UsageError(`--${side}-ca ${path} holds no PEM certificate`);
  }
  return text;
}
