/**
 * What somebody typed as a time of day, as `HH:MM` of a day of 24 hours: 9, 930, 9：30 and 9.30 too. What is no time stays as
 * it is, for the form to name. The browser's own time field would follow the clock habits of its system, am and pm.
 */
export function typedClock(typed: string): string {
  const text = typed.trim().normalize("NFKC");
  const parts = /^(\d{1,2})(?:[:.]?([0-5]\d))?$/.exec(text);
  const hours = Number(parts?.[1]);
  return parts && hours < 24 ? `${String(hours).padStart(2, "0")}:${parts[2] ?? "00"}` : text;
}
