"use server";

import { hashPassword, refuseUserName } from "../auth/password.ts";
import { saveGrants } from "../data/grants.ts";
import { createUser, deleteUser, resetPassword, setUserDisabled } from "../data/user-changes.ts";
import { userNameOf } from "../data/users.ts";
import {
  CreateUserInput,
  DeleteUserInput,
  ResetPasswordInput,
  SaveGrantsInput,
  SetUserDisabledInput,
} from "../schemas/user.ts";
import { action } from "./action.ts";

export const createUserAction = action("user:create", {
  input: CreateUserInput,
  subject: () => ({}),
  run: async (actor, { username, displayName, password }) =>
    createUser(actor, { username, displayName, passwordHash: await hashPassword(password) }),
});

export const setUserDisabledAction = action("user:disable", {
  input: SetUserDisabledInput,
  subject: () => ({}),
  run: setUserDisabled,
});

export const resetPasswordAction = action("user:reset-password", {
  input: ResetPasswordInput,
  subject: () => ({}),
  run: async (actor, { userId, password }) => {
    refuseUserName(password, await userNameOf(actor, userId));
    await resetPassword(actor, { userId, passwordHash: await hashPassword(password) });
  },
});

export const deleteUserAction = action("user:delete", {
  input: DeleteUserInput,
  subject: () => ({}),
  run: deleteUser,
});

export const saveGrantsAction = action("grants:save", {
  input: SaveGrantsInput,
  subject: () => ({}),
  run: (actor, { changes }) => saveGrants(actor, changes),
});
