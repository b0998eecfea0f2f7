import { instanceConcerns } from "@/lib/data/instance-feeds.ts";
import { respond } from "../../respond.ts";

export function GET(): Promise<Response> {
  return respond("instance:list", {}, instanceConcerns);
}
