import {
  BYTES_PER_UNIT,
  LEAST_BYTES_PER_SECOND,
  MOST_BYTES_PER_SECOND,
  type RateUnit,
} from "../schemas/limits.ts";
import { UsageError } from "./usage-error.ts";

/** A whole number of an option. @throws {UsageError} */
export function numberOf(option: string, value: string, most: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > most) {
    throw new UsageError(`${option} must be a whole number from 1 to ${most}, not ${value}`);
  }
  return number;
}

const RATE = /^(?<figure>\d+(?:\.\d+)?) ?(?<unit>[KMG])B?(?:\/s)?$/i;

/** Bytes a second; undefined is no limit. @throws {UsageError} */
export function rateOf(value: string | undefined): number | null {
  if (value === undefined) {
    return null;
  }
  const { figure, unit } = RATE.exec(value)?.groups ?? {};
  const rate = Math.round(Number(figure) * BYTES_PER_UNIT[`${unit?.toUpperCase()}B` as RateUnit]);
  if (!(rate >= LEAST_BYTES_PER_SECOND && rate <= MOST_BYTES_PER_SECOND)) {
    throw new UsageError(
      `--max-bandwidth must be a rate from 10KB/s to 100GB/s with its unit, such as 10MB/s, not ${value}`,
    );
  }
  return rate;
}
