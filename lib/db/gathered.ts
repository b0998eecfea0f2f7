/** Asks of one round at most: their statement stays small. */
const MOST = 200;

interface Waiting<Ask, Answer> {
  ask: Ask;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Makes one round out of what is asked in the same turn of the event loop or while a round is under way: hundreds of small
 * questions become a few statements. `answer` gives one answer for each ask, in their order; if it throws, all of the
 * round have failed.
 */
export function gathered<Ask, Answer>(
  answer: (asks: Ask[]) => Promise<readonly Answer[]>,
): (ask: Ask) => Promise<Answer> {
  const waiting: Waiting<Ask, Answer>[] = [];
  let asking = false;

  async function rounds(): Promise<void> {
    while (waiting.length > 0) {
      const round = waiting.splice(0, MOST);
      try {
        const answers = await answer(round.map(({ ask }) => ask));
        round.forEach(({ resolve }, index) => {
          resolve(answers[index] as Answer);
        });
      } catch (error) {
        for (const { reject } of round) {
          reject(error);
        }
      }
    }
    asking = false;
  }

  return (ask) =>
    new Promise((resolve, reject) => {
      waiting.push({ ask, resolve, reject });
      if (!asking) {
        asking = true;
        setImmediate(rounds);
      }
    });
}
