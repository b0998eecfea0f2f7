"use server";

import { confirmDeletions, undoDeletions } from "../data/deletion-changes.ts";
import { ConfirmDeletionsInput, UndoDeletionsInput } from "../schemas/deletion.ts";
import { action } from "./action.ts";

export const undoDeletionsAction = action("deletion:undo", {
  input: UndoDeletionsInput,
  subject: ({ ruleId }) => ({ ruleId }),
  run: undoDeletions,
});

export const confirmDeletionsAction = action("deletion:confirm", {
  input: ConfirmDeletionsInput,
  subject: ({ ruleId }) => ({ ruleId }),
  run: confirmDeletions,
});
