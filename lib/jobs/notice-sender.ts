import { eq } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { openReceiver } from "../db/notice-receiver.ts";
import { noticeDeliveries } from "../db/schema/notices.ts";
import { log } from "../log.ts";
import { deliver, type Outcome, unanswered } from "../notices/deliver.ts";
import type { Receiver } from "../notices/message.ts";
import type { Notice } from "../notices/wording.ts";
import type { Post } from "../registry/post.ts";
import type { NoticeFacts } from "../schemas/notice-facts.ts";
import { SecretError } from "../secrets.ts";
import {
  type Claim,
  claimNotices,
  DUE_NOTICES,
  dropDeliveries,
  expireNotices,
  releaseClaim,
} from "./notice-claim.ts";
import { taskFacts } from "./notice-facts.ts";
import { recordOutcome } from "./notice-result.ts";
import { pollFor } from "./poll.ts";
import { isAny } from "./waiting-work.ts";

/** For what a notification missed, and for what is due again. */
const POLL_MS = 1_000;
/** From one look for what has to be given up to the next. */
const EXPIRE_MS = 15_000;
/** Addresses that one worker sends to at a time. */
const SLOTS = 8;
/** What is under way when the worker ends may finish in this time. */
const FINISH_MS = 5_000;

export interface NoticeSenderOptions {
  readonly db: Database;
  readonly post: Post;
  /** PUBLIC_URL, for links. */
  readonly consoleUrl: URL | null;
}

export interface NoticeSender {
  /** Looks now. */
  wake(): void;
  close(): Promise<void>;
}

/**
 * Empties the outbox. Its rows are the queue: a worker takes an address by its row, sends one message there, and writes what became
 * of it. One that dies in between leaves a claim that runs out, and the next sends again, under the same webhook-id.
 */
export function createNoticeSender(options: NoticeSenderOptions): NoticeSender {
  const { db } = options;
  const running = new Set<Promise<void>>();
  const ending = new AbortController();
  let looking = false;
  let again = false;
  let closed = false;

  async function look(): Promise<void> {
    while (!closed && running.size < SLOTS) {
      again = false;
      const claim = await claimNotices(db);
      if (claim) {
        launch(claim);
      } else if (!again) {
        return;
      }
    }
  }

  function launch(claim: Claim): void {
    const run = tell(claim, options, ending.signal)
      .catch((error: unknown) => {
        // The claim runs out by itself: what fails here would fail again at once.
        log.warn({ err: error, addressId: claim.address.id }, "a notice could not be sent");
      })
      .finally(() => {
        running.delete(run);
        wake();
      });
    running.add(run);
  }

  function wake(): void {
    again = true;
    if (looking || closed) {
      return;
    }
    looking = true;
    look()
      .catch((error: unknown) => log.warn({ err: error }, "taking notices failed"))
      .finally(() => {
        looking = false;
      });
  }

  const poll = pollFor(db, {
    everyMs: POLL_MS,
    look: async () => void ((await isAny(db, DUE_NOTICES)) && wake()),
  });
  const expire = setInterval(() => {
    expireNotices(db).catch((error: unknown) => log.warn({ err: error }, "notices could not be given up"));
  }, EXPIRE_MS);
  return {
    wake,
    close: async () => {
      closed = true;
      poll.close();
      clearInterval(expire);
      const timer = setTimeout(() => ending.abort(), FINISH_MS);
      await Promise.all(running);
      clearTimeout(timer);
    },
  };
}

/** Sends one message and writes what became of it. */
async function tell(claim: Claim, options: NoticeSenderOptions, signal: AbortSignal): Promise<void> {
  const { db } = options;
  const notices = await readNotices(db, claim);
  if (notices.length === 0 || claim.stale()) {
    await releaseClaim(db, claim);
    return;
  }
  const outcome = await attempt(claim, notices, options, signal);
  if (outcome === null) {
    await releaseClaim(db, claim);
    return;
  }
  await recordOutcome(db, claim, outcome);
  if (outcome.verdict.kind !== "sent") {
    const { verdict, httpStatus } = outcome;
    log.info({ addressId: claim.address.id, ...verdict, httpStatus }, "a notice was not taken");
  }
}

/** What there is to tell; of a task it is read at the first attempt and kept, so that each attempt says the same. */
async function readNotices(db: Database, claim: Claim): Promise<Notice[]> {
  const notices: Notice[] = [];
  const gone: string[] = [];
  for (const delivery of claim.deliveries) {
    const { id, event, taskId } = delivery;
    let { facts } = delivery;
    if (facts === null && taskId !== null) {
      facts = await keepFacts(db, id, await taskFacts(db, taskId, event));
    }
    if (facts === null) {
      gone.push(id);
    } else {
      notices.push({ event, facts });
    }
  }
  if (gone.length > 0) {
    await dropDeliveries(db, gone);
    claim.deliveries = claim.deliveries.filter(({ id }) => !gone.includes(id));
  }
  return notices;
}

/** As they were kept: Postgres orders the fields of an object in a way of its own, and the bytes are to be the same at each attempt. */
async function keepFacts(db: Database, id: string, read: NoticeFacts | null): Promise<NoticeFacts | null> {
  if (read === null) {
    return null;
  }
  const [kept] = await db
    .update(noticeDeliveries)
    .set({ facts: read })
    .where(eq(noticeDeliveries.id, id))
    .returning({ facts: noticeDeliveries.facts });
  return kept?.facts ?? null;
}

/** @returns null when the worker ends: nobody knows whether it arrived */
async function attempt(
  claim: Claim,
  notices: readonly Notice[],
  { post, consoleUrl }: NoticeSenderOptions,
  signal: AbortSignal,
): Promise<Outcome | null> {
  const receiver = receiverOf(claim);
  if (receiver === null) {
    return unanswered({ kind: "later", reason: "unreadable-secret" });
  }
  try {
    return await deliver(post, receiver, {
      id: claim.deliveries[0]?.id ?? claim.id,
      at: claim.now,
      notices,
      wording: { locale: claim.address.locale, consoleUrl },
      signal,
    });
  } catch (error) {
    if (signal.aborted) {
      return null;
    }
    throw error;
  }
}

function receiverOf({ address, now }: Claim): Receiver | null {
  try {
    return openReceiver(address, now);
  } catch (error) {
    if (error instanceof SecretError) {
      return null;
    }
    throw error;
  }
}
