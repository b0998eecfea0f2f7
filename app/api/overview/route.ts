import { getOverview } from "@/lib/data/overview.ts";
import { respond } from "../respond.ts";

export function GET(): Promise<Response> {
  return respond("overview:view", {}, getOverview);
}
