/** The command was called in a way that means nothing. The message is for the person who typed it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
