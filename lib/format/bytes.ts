const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"] as const;

/** A figure and its unit apart, for where they are set in different sizes. */
export interface ByteFigure {
  value: string;
  unit: string;
}

/** At most `digits` significant digits and two decimals, without trailing zeros. */
function significant(value: number, digits: number): string {
  const integerDigits = value < 1 ? 1 : Math.floor(Math.log10(value)) + 1;
  const decimals = Math.min(2, Math.max(0, digits - integerDigits));
  return String(Number(value.toFixed(decimals)));
}

/** Decimal units (1 KB = 1000 B), at most four significant digits. */
export function byteFigure(bytes: number, digits = 4): ByteFigure {
  let value = Math.max(0, bytes);
  let unit = 0;
  // Rounding may lift 999.96 to 1000, which belongs to the next unit.
  while (unit < UNITS.length - 1 && Number(significant(value, digits)) >= 1000) {
    value /= 1000;
    unit += 1;
  }
  return {
    value: unit === 0 ? String(Math.round(value)) : significant(value, digits),
    unit: UNITS[unit] ?? "B",
  };
}

/** `131.8 GB`: the same in both languages. */
export function formatBytes(bytes: number): string {
  const { value, unit } = byteFigure(bytes);
  return `${value} ${unit}`;
}

/** `186 MB/s`, at most three significant digits. */
export function formatSpeed(bytesPerSecond: number): string {
  const { value, unit } = byteFigure(bytesPerSecond, 3);
  return `${value} ${unit}/s`;
}
