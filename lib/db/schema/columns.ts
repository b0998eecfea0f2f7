import { bigint, integer, timestamp } from "drizzle-orm/pg-core";

/** An instant, to the millisecond. */
export const at = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** A number of bytes that only grows. */
export const bytes = (name: string) => bigint(name, { mode: "number" }).notNull().default(0);

export const count = (name: string) => integer(name).notNull().default(0);
