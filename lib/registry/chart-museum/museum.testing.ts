import { onTestFinished } from "vitest";
import {
  type ChartMuseumOptions as ServerOptions,
  startChartMuseum,
  type TestChartMuseum,
} from "../../testing/chart-museum/chart-museum.ts";
import { type ScriptedRegistry, scriptedRegistry } from "../../testing/scripted-registry.ts";
import { allowAll } from "../egress.ts";
import type { Registry } from "../repository.ts";
import { type ChartMuseumOptions, createChartMuseum } from "./museum.ts";

/** A ChartMuseum until the test ends. */
export async function museumServer(options: ServerOptions = {}): Promise<TestChartMuseum> {
  const started = await startChartMuseum(options);
  onTestFinished(() => started.stop());
  return started;
}

/** A server that answers as the test says, until the test ends. */
export async function scriptedServer(
  script: Parameters<typeof scriptedRegistry>[0],
): Promise<ScriptedRegistry> {
  const started = await scriptedRegistry(script);
  onTestFinished(() => started.stop());
  return started;
}

/** A client that hardly tries again, until the test ends. */
export function museumClient(address: string, options: Partial<ChartMuseumOptions> = {}): Registry {
  const museum = createChartMuseum({ address, plainHttp: true, egress: allowAll, retries: 0, ...options });
  onTestFinished(() => museum.close());
  return museum;
}
