import { systemTrouble } from "@/lib/data/system-trouble.ts";
import { activity } from "@/lib/data/tasks.ts";
import type { ShellActivity } from "@/lib/schemas/system.ts";
import { respond } from "../respond.ts";

export function GET(): Promise<Response> {
  return respond("task:view", {}, async (actor): Promise<ShellActivity> => {
    const [at, trouble] = await Promise.all([activity(actor), systemTrouble()]);
    return { ...at, trouble };
  });
}
