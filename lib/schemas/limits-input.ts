import { z } from "zod";
import { isTimeZone } from "./cron-runs.ts";
import {
  BYTES_PER_UNIT,
  type InstanceLimits,
  LEAST_BYTES_PER_SECOND,
  limitsAnything,
  MOST_BYTES_PER_SECOND,
  MOST_COPIES,
  MOST_WINDOWS,
  RATE_UNITS,
} from "./limits.ts";

/** A figure and its unit; nothing typed means no limit. */
const Rate = z
  .object({ value: z.string().trim().max(20, "rate-invalid"), unit: z.enum(RATE_UNITS, "rate-invalid") })
  .transform(({ value, unit }, context) => {
    if (value === "") {
      return null;
    }
    const bytesPerSecond = Math.round(Number(value.replace(",", ".")) * BYTES_PER_UNIT[unit]);
    if (!/^\d+(?:[.,]\d+)?$/.test(value)) {
      context.addIssue({ code: "custom", message: "rate-invalid" });
    } else if (bytesPerSecond < LEAST_BYTES_PER_SECOND || bytesPerSecond > MOST_BYTES_PER_SECOND) {
      context.addIssue({ code: "custom", message: "rate-range" });
    }
    return bytesPerSecond;
  });

const Copies = z
  .string()
  .trim()
  .max(20, "copies-invalid")
  .transform((value, context) => {
    if (value === "") {
      return null;
    }
    const copies = Number(value);
    if (!/^\d+$/.test(value) || copies < 1 || copies > MOST_COPIES) {
      context.addIssue({ code: "custom", message: "copies-invalid" });
    }
    return copies;
  });

const Clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "clock-invalid");

const Window = z.object({
  days: z
    .array(z.int().min(0).max(6))
    .min(1, "days-required")
    .max(7)
    .transform((days) => [...new Set(days)].sort((a, b) => a - b)),
  from: Clock,
  to: Clock,
  read: Rate,
  write: Rate,
});

/**
 * The limits of an instance as its form sends them; null when nothing is limited at any time. Messages are keys of
 * messages/<locale>/validation.json.
 */
export const LimitsForm = z
  .object({
    copies: Copies,
    read: Rate,
    write: Rate,
    timeZone: z.string({ error: "time-zone-unknown" }).max(64).refine(isTimeZone, "time-zone-unknown"),
    windows: z.array(Window).max(MOST_WINDOWS, "too-many-windows"),
  })
  .transform(({ copies, read, write, timeZone, windows }): InstanceLimits | null => {
    const limits = {
      copies,
      readBytesPerSecond: read,
      writeBytesPerSecond: write,
      timeZone,
      windows: windows.map((window) => ({
        days: window.days,
        from: window.from,
        to: window.to,
        readBytesPerSecond: window.read,
        writeBytesPerSecond: window.write,
      })),
    };
    return limitsAnything(limits) ? limits : null;
  });
