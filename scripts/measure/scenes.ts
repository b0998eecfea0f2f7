import type { Scene } from "./scene.ts";
import { DELETION_SCENES } from "./scenes/deletions.ts";
import { HELD_SCENES } from "./scenes/held.ts";
import { INSTANCE_SCENES } from "./scenes/instances.ts";
import { NOTICE_SCENES } from "./scenes/notices.ts";
import { PEOPLE_SCENES } from "./scenes/people.ts";
import { RULE_SCENES } from "./scenes/rules.ts";
import { TASK_SCENES } from "./scenes/tasks.ts";

export const SCENES: readonly Scene[] = [
  ...RULE_SCENES,
  ...DELETION_SCENES,
  ...TASK_SCENES,
  ...INSTANCE_SCENES,
  ...PEOPLE_SCENES,
  ...NOTICE_SCENES,
  ...HELD_SCENES,
];
