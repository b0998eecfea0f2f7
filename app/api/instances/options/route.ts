import { listInstanceOptions } from "@/lib/data/instances.ts";
import { respond } from "../../respond.ts";

export function GET(): Promise<Response> {
  return respond("instance:list", {}, listInstanceOptions);
}
