import { expect, test } from "vitest";
import list from "./common-passwords.json" with { type: "json" };
import { isCommonPassword } from "./common-passwords.ts";
import { holdsUserName, passwordStrength } from "./password.ts";
import { CreateUserInput, NewPassword, SetupInput } from "./user.ts";

test.each([
  "password",
  "PASSWORD",
  "12345678",
  "qwertyuiop",
  "iloveyou",
  "1qaz2wsx",
  "aaaaaaaaaa",
  "的的的的的的的的",
])("%s is common", (password) => {
  expect(isCommonPassword(password)).toBe(true);
  expect(NewPassword.safeParse(password).error?.issues[0]?.message).toBe("password-common");
});

test.each(["correct horse battery", "一处推送处处就位", "kQ7-tr2.wv", " spaces count "])(
  "%s is not",
  (password) => {
    expect(isCommonPassword(password)).toBe(false);
    expect(NewPassword.safeParse(password).success).toBe(true);
  },
);

test("the list: 3,000 of them, each of 8 characters or more, each once", () => {
  const passwords = list.passwords.split(" ");
  expect(passwords).toHaveLength(3_000);
  expect(new Set(passwords).size).toBe(3_000);
  expect(passwords.filter((each) => each.length < 8)).toEqual([]);
});

test("a password that is the user name, or holds one of four characters or more", () => {
  expect(holdsUserName("Zhoumin-2026", "zhoumin")).toBe(true);
  expect(holdsUserName("li", "li")).toBe(true);
  expect(holdsUserName("listen to this", "li")).toBe(false);
  expect(holdsUserName("anything", "")).toBe(false);
  const user = { username: "zhoumin", displayName: "", password: "my zhoumin password" };
  const issue = { path: ["password"], message: "password-has-user-name" };
  expect(CreateUserInput.safeParse(user).error?.issues).toMatchObject([issue]);
  const setup = { ...user, token: "t", passwordAgain: user.password };
  expect(SetupInput.safeParse(setup).error?.issues).toMatchObject([issue]);
});

test("strength: nothing counts while a rule is broken, then length does", () => {
  const good = { long: true, nameless: true, uncommon: true };
  expect(passwordStrength("", good)).toBe(0);
  expect(passwordStrength("short", { ...good, long: false })).toBe(1);
  expect(passwordStrength("password", { ...good, uncommon: false })).toBe(1);
  expect(passwordStrength("zhoumin-and-more-than-that", { ...good, nameless: false })).toBe(1);
  expect(passwordStrength("kQ7-tr2.", good)).toBe(2);
  expect(passwordStrength("kQ7-tr2.wv-9", good)).toBe(3);
  expect(passwordStrength("correct horse battery", good)).toBe(4);
});
