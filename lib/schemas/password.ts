export const PASSWORD_MIN_CHARS = 8;
/** A shorter name is part of too many words. */
const NAME_MIN_CHARS = 4;

/** Whether the password is the user name, or has it in it. */
export function holdsUserName(password: string, username: string): boolean {
  const [text, name] = [password.toLowerCase(), username.trim().toLowerCase()];
  return name !== "" && (text === name || (name.length >= NAME_MIN_CHARS && text.includes(name)));
}

export interface PasswordFacts {
  /** Long enough. */
  long: boolean;
  /** Null while it cannot be told: nothing is typed, or the list is not here yet. */
  nameless: boolean | null;
  uncommon: boolean | null;
}

const STRONG_CHARS = [12, 16] as const;

/** 0 to 4, for a bar: length counts, and nothing does while a rule is broken. */
export function passwordStrength(
  password: string,
  { long, nameless, uncommon }: PasswordFacts,
): 0 | 1 | 2 | 3 | 4 {
  if (password === "") {
    return 0;
  }
  if (!long || nameless === false || uncommon !== true) {
    return 1;
  }
  const [good, strong] = STRONG_CHARS;
  const chars = [...password].length;
  return chars >= strong ? 4 : chars >= good ? 3 : 2;
}
