import type { ClientBase } from "pg";
import { sqlState } from "./trouble.ts";

/** So often a connection plans a statement anew; one that comes once more will come again. */
const PLANNED_ANEW = 2;
/** Statements that one connection keeps planned: each takes the server some 50 KiB. */
const MOST_KEPT = 100;
/** Statements that are counted; then counting begins anew, so that those that never come again are not remembered. */
const MOST_COUNTED = 200;
/** Longer ones are rows of many values, which are seldom as many twice. */
const LONGEST_TEXT = 8_000;

/** What the server says of a kept statement that is not good any more: its columns, or what it compares, are of another type; it is gone. */
const STALE = /^(?:0A000|26000|42...)$/;

/**
 * Has the server plan statements once that this connection sends again and again, which costs it more than to carry them out: they are
 * named (`PREPARE`, in the terms of the protocol). Only for a connection behind which the same session stands all the time
 * ({@link prepareConnection} knows), as names are the session's.
 *
 * A plan that is kept was made for the tables as they were then, perhaps empty, and may hold until they are analyzed: without
 * `enable_seqscan` it finds rows by an index from the beginning. Whoever keeps plans works by keys, as the jobs do; what pages list,
 * for whatever filter, is better planned each time.
 *
 * After a change of the schema the server refuses a kept statement whose columns are others now. It is sent once more without a name,
 * unless it was in a transaction, which has failed then; from then on this connection plans it anew each time.
 */
export async function keepPlans(client: ClientBase): Promise<void> {
  await client.query("select set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false)");
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
  const names = statementNames();

  async function send(statement: Statement, values: readonly unknown[]): Promise<unknown> {
    const name = names.of(statement.text);
    const mayRepeat = client.getTransactionStatus() === "I";
    try {
      return await query({ ...statement, name }, values);
    } catch (error) {
      if (name === undefined || !STALE.test(sqlState(error) ?? "")) {
        throw error;
      }
      names.forget(statement.text);
      if (!mayRepeat) {
        throw error;
      }
      return query(statement, values);
    }
  }

  const kept = (...args: unknown[]): unknown => {
    const [statement, values, callback] = args;
    if (!isStatement(statement) || !Array.isArray(values) || values.length === 0) {
      return query(...args);
    }
    const answer = send(statement, values);
    if (typeof callback !== "function") {
      return answer;
    }
    answer.then(
      (result) => callback(undefined, result),
      (error) => callback(error),
    );
  };
  client.query = kept as typeof client.query;
}

interface Statement {
  readonly text: string;
}

/** As drizzle sends them; whatever has a name, or a way of its own to be sent, keeps it. */
function isStatement(sent: unknown): sent is Statement {
  return (
    typeof sent === "object" &&
    sent !== null &&
    "text" in sent &&
    typeof sent.text === "string" &&
    !("submit" in sent) &&
    (!("name" in sent) || sent.name === undefined)
  );
}

/** Which statements of a connection are named, and how. */
function statementNames() {
  /** Undefined: planned anew for ever. */
  const names = new Map<string, string | undefined>();
  const counts = new Map<string, number>();
  return {
    of(text: string): string | undefined {
      if (names.has(text) || names.size >= MOST_KEPT || text.length > LONGEST_TEXT) {
        return names.get(text);
      }
      const seen = counts.get(text) ?? 0;
      if (seen < PLANNED_ANEW) {
        if (counts.size >= MOST_COUNTED) {
          counts.clear();
        }
        counts.set(text, seen + 1);
        return undefined;
      }
      counts.delete(text);
      const name = `lockstep_${names.size + 1}`;
      names.set(text, name);
      return name;
    },
    forget: (text: string) => void names.set(text, undefined),
  };
}
