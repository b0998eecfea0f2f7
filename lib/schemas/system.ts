import type { Activity } from "./task.ts";

/** What keeps the console from saving or the workers from working, though the database answers. */
export type SystemTrouble = "no-workers" | "read-only" | "full";

/** What the shell of every page asks for, again and again. */
export interface ShellActivity extends Activity {
  trouble: SystemTrouble | null;
}
