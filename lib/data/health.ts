import "server-only";
import { sql } from "drizzle-orm";
import { database } from "../db/client.ts";

const TIMEOUT_MS = 2_000;

/** Whether the database answers within two seconds. It reads nothing, so it asks for no Actor. */
export async function databaseAnswers(): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), TIMEOUT_MS);
  });
  const answers = database()
    .execute(sql`select 1`)
    .then(
      () => true,
      () => false,
    );
  const answered = await Promise.race([answers, tooLate]);
  clearTimeout(timer);
  return answered;
}
