import list from "./common-passwords.json" with { type: "json" };

let known: ReadonlySet<string> | undefined;

/**
 * Whether this is one of the 3,000 most common passwords of 8 characters or more, however it is capitalised, or one
 * character over and over. ASVS 5.0 6.2.4. In the browser: import it when it is wanted, it is 27 kB of text.
 */
export function isCommonPassword(password: string): boolean {
  known ??= new Set(list.passwords.split(" "));
  const folded = password.normalize("NFC").toLowerCase();
  return known.has(folded) || /^(.)\1*$/u.test(folded);
}
