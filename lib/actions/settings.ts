"use server";

import { z } from "zod";
import { currentUser, forgetCurrentUser } from "../auth/session.ts";
import { endOtherSessions, endOwnSession } from "../data/sessions.ts";
import { setShortcuts } from "../data/settings.ts";
import { AppError } from "../errors.ts";
import { EndSessionInput, SetShortcutsInput } from "../schemas/settings.ts";
import { action } from "./action.ts";

export const setShortcutsAction = action("account:preferences", {
  input: SetShortcutsInput,
  subject: () => ({}),
  run: async (actor, input) => {
    await setShortcuts(actor, input);
    // The page is rendered anew with the answer.
    await forgetCurrentUser();
    return {};
  },
});

export const endSessionAction = action("account:end-sessions", {
  input: EndSessionInput,
  subject: () => ({}),
  run: async (actor, { sessionId }) => {
    await endOwnSession(actor, sessionId);
    return {};
  },
});

export const endOtherSessionsAction = action("account:end-sessions", {
  input: z.object({}),
  subject: () => ({}),
  run: async (actor) => {
    const user = await currentUser();
    if (!user) {
      throw new AppError("UNAUTHENTICATED", "unauthenticated");
    }
    return endOtherSessions(actor, { current: user.sessionHash });
  },
});
