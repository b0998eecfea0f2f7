import { eq } from "drizzle-orm";
import { instances } from "../db/schema/instances.ts";
import { instanceShares } from "../db/schema/limits.ts";
import { HOUR, type Seed } from "./console-seed-base.ts";

const MB = 1_000_000;

/** An instance with limits that two workers are at: no worker runs beside a seeded console, so their shares last. */
export async function seedLimits({ db, ago }: Seed, instanceId: string): Promise<void> {
  await db
    .update(instances)
    .set({
      limits: {
        copies: 8,
        readBytesPerSecond: null,
        writeBytesPerSecond: 20 * MB,
        timeZone: "Asia/Shanghai",
        windows: [
          {
            days: [1, 2, 3, 4, 5],
            from: "09:00",
            to: "18:30",
            readBytesPerSecond: 50 * MB,
            writeBytesPerSecond: 5 * MB,
          },
          { days: [6, 0], from: "22:00", to: "06:00", readBytesPerSecond: null, writeBytesPerSecond: null },
        ],
      },
    })
    .where(eq(instances.id, instanceId));
  const share = {
    wants: 6,
    copies: 4,
    places: 4,
    read: null,
    write: { share: 10 * MB, moved: 9.6 * MB, held: true, reserve: MB },
    until: ago(-48 * HOUR).getTime(),
  };
  await db
    .insert(instanceShares)
    .values({ instanceId, holders: { first: share, second: { ...share, wants: 5 } } });
}
