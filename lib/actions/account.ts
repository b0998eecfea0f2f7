"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { systemActor } from "../auth/authorize.ts";
import { signInWithPassword, signOutOfSession } from "../auth/next-auth.ts";
import { hashPassword, refuseUserName } from "../auth/password.ts";
import { currentUser } from "../auth/session.ts";
import { createRoot, setupTokenValid } from "../auth/setup.ts";
import { verifyOwnPassword } from "../auth/sign-in.ts";
import { recordEvent } from "../data/audit.ts";
import { changeOwnPassword } from "../data/user-changes.ts";
import { AppError } from "../errors.ts";
import { ChangeOwnPasswordInput, SetupInput, SignInInput } from "../schemas/user.ts";
import { action, openAction } from "./action.ts";

export const signInAction = openAction("session:sign-in", {
  input: SignInInput,
  run: async ({ username, password }) => {
    await signInWithPassword({ username, password });
    await recordEvent(await systemActor("session:sign-in", username.trim()), {
      outcome: "ok",
      subject: { kind: "session", id: null, name: username.trim() },
    });
    return {};
  },
});

export const signOutAction = action("session:sign-out", {
  input: z.object({}),
  subject: () => ({}),
  run: async (actor) => {
    await signOutOfSession();
    await recordEvent(actor, {
      outcome: "ok",
      subject: { kind: "session", id: null, name: actor.user.username },
    });
    return {};
  },
});

/** Makes the first root with the token of the link, signs it in, and goes on to the first instance. */
export const claimSetupAction = openAction("setup:claim", {
  input: SetupInput,
  run: async ({ token, username, displayName, password }) => {
    if (!(await setupTokenValid(token))) {
      throw new AppError("INVALID", "setup-token-invalid", { fields: { token: "setup-token-invalid" } });
    }
    const { userId } = await createRoot({ username, displayName, password }, { kind: "token", token });
    await recordEvent(await systemActor("setup:claim", username), {
      outcome: "ok",
      subject: { kind: "user", id: userId, name: username },
    });
    await signInWithPassword({ username, password });
    // Not left to the component: Next renders the set-up page anew with the answer, and that page leads away by now.
    return redirect("/instances/new");
  },
});

export const changePasswordAction = action("account:change-password", {
  input: ChangeOwnPasswordInput,
  subject: () => ({}),
  run: async (actor, { current, password }) => {
    const user = await currentUser();
    if (!user || !(await verifyOwnPassword(user.username, current))) {
      throw new AppError("INVALID", "invalid", { fields: { current: "password-wrong" } });
    }
    refuseUserName(password, user.username);
    await changeOwnPassword(actor, {
      passwordHash: await hashPassword(password),
      keepSessionHash: user.sessionHash,
    });
    return {};
  },
});
