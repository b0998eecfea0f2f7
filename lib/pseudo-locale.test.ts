import { createTranslator } from "next-intl";
import { expect, test } from "vitest";
import { loadMessages } from "./messages.ts";
import { pseudoMessages, pseudoText } from "./pseudo-locale.ts";

test("accents and length, with arguments, tags and branches left working", () => {
  expect(pseudoText("Save")).toBe("[Šàṽé]");
  expect(pseudoText("{inst} refused <code>{ns}</code>")).toContain("{inst} ŕéƒûšéđ <code>{ns}</code>");
  const t = createTranslator({
    locale: "en-XA",
    messages: { tags: pseudoText("{n, plural, one {{n} tag} other {{n} tags}} listed") },
  });
  expect(t("tags", { n: 1 })).toContain("1 ţàĝ ļîšţéđ");
  expect(t("tags", { n: "1,204" })).toContain("1,204 ţàĝš ļîšţéđ");
});

test("a text that says nothing stays as it is", () => {
  for (const text of ["", ", ", "{n} · {m}"]) {
    expect(pseudoText(text)).toBe(text);
  }
});

test("every text of the console is at least 40 % longer", async () => {
  const flat = (tree: object): string[] =>
    Object.values(tree).flatMap((value: string | object) =>
      typeof value === "string" ? [value] : flat(value),
    );
  const english = await loadMessages("en");
  const [plain, pseudo] = [flat(english), flat(pseudoMessages(english))];
  const read = (text: string) => text.replace(/\{[^{}]*\}|<[^>]*>/g, "");
  const tooShort = plain.filter((text, index) => {
    const letters = read(text);
    // Of a plural only one branch is shown: it is the whole message that is padded.
    return (
      /[A-Za-z]/.test(letters) &&
      !text.includes(", plural,") &&
      read(pseudo[index] ?? "").length < letters.length * 1.4
    );
  });
  expect(pseudo).toHaveLength(plain.length);
  expect(plain.length).toBeGreaterThan(500);
  expect(tooShort).toEqual([]);
});
