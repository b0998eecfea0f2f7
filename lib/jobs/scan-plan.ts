import { and, eq } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { taskJoins } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { tagKey, tagsOf } from "../queue/scope.ts";
import type { FailureFact, TaskScope } from "../schemas/task.ts";
import type { CopyError } from "../sync/errors.ts";
import { failureFact } from "../sync/failure.ts";
import { type Likeness, NearestName } from "../sync/nearest-name.ts";
import { planRepository } from "../sync/plan.ts";
import type { ScannedRepository, ScannedTag } from "../sync/scanned.ts";
import { isRetryable } from "./failure.ts";
import type { PlannedRow, ScanPage } from "./scan-page.ts";
import type { ClaimedTask } from "./task-claim.ts";
import { withPauses } from "./with-pauses.ts";

/** A page is written when it holds this many transfers, or at the next repository after some time. */
const PAGE_ROWS = 500;
/** That time doubles with each page: the first come at once and soon, so that every worker has something to do; later ones are large. */
const FIRST_PAGE_MS = 8;
const PAGE_MS = 500;

type Wanted = (ruleTargetId: string, repository: string, tag: string) => boolean;

/** Not where the content of a tag came from. */
function passedOver(task: ClaimedTask): Wanted {
  const except = new Map(
    tagsOf(task.scope).flatMap((tag) => (tag.except ? [[tagKey(tag), tag.except]] : [])),
  );
  return (ruleTargetId, repository, tag) =>
    except.get(tagKey({ repository, tag }))?.includes(ruleTargetId) === true;
}

/** A retry wants the failed transfers of its task and no other target; a trigger that joined it wants its tags everywhere. */
export async function wantedOf(db: Database, task: ClaimedTask): Promise<Wanted> {
  const joins = task.retryOf
    ? await db.select({ id: taskJoins.id }).from(taskJoins).where(eq(taskJoins.taskId, task.id)).limit(1)
    : [];
  if (!task.retryOf || joins.length > 0 || task.scope.kind === "rule") {
    const isPassedOver = passedOver(task);
    return (...place) => !isPassedOver(...place);
  }
  const failed = await db
    .select({ ruleTargetId: transfers.ruleTargetId, repository: transfers.repository, tag: transfers.tag })
    .from(transfers)
    .where(and(eq(transfers.taskId, task.retryOf), eq(transfers.status, "failed")));
  const places = new Set(failed.map((row) => `${row.ruleTargetId}/${row.repository}:${row.tag}`));
  const targets = new Set(failed.map((row) => row.ruleTargetId));
  // A target that the rule was given since then is not in the failed task: nothing failed there.
  return (ruleTargetId, repository, tag) =>
    targets.has(ruleTargetId) && places.has(`${ruleTargetId}/${repository}:${tag}`);
}

/** A repository with everything that the scan says about it. */
interface WholeRepository {
  repository: string;
  tagsListed: number;
  tags: ScannedTag[];
  nearestTag?: Likeness | undefined;
  error: CopyError | null;
}

/** A repository that broke off half-way comes twice, the second time with the error: brought together here. */
async function* whole(scanned: AsyncIterable<ScannedRepository>): AsyncGenerator<WholeRepository> {
  let held = null as WholeRepository | null;
  for await (const part of scanned) {
    const parts: WholeRepository =
      part.error === undefined
        ? { ...part, error: null }
        : { repository: part.repository, tagsListed: 0, tags: [], error: part.error };
    if (held?.repository === parts.repository) {
      held = { ...held, tags: [...held.tags, ...parts.tags], error: held.error ?? parts.error };
    } else {
      if (held) {
        yield held;
      }
      held = parts;
    }
    if (part.whole) {
      yield held;
      held = null;
    }
  }
  if (held) {
    yield held;
  }
}

/**
 * Gathers repositories into pages; the first is handed out at once, so that copying begins early, and what is gathered does not wait
 * for a repository that is late. One that could not be read is noted and passed over. If it may be readable later, the scan breaks off
 * before it instead.
 * @throws {CopyError} of that repository
 */
export async function* pagesOf(
  scanned: AsyncIterable<ScannedRepository>,
  task: ClaimedTask,
  wanted: Wanted,
  lastAttempt: boolean,
): AsyncGenerator<ScanPage> {
  const nearest = new NearestName(task.rule.repositoryPattern);
  const below = task.rule.sourceNamespace === "" ? 0 : task.rule.sourceNamespace.length + 1;
  let matched = false;
  let page = emptyPage();
  let writtenAtMs = 0;
  let pageMs = FIRST_PAGE_MS / 2;
  const dueMs = () => (page.cursor === null ? undefined : Math.max(0, writtenAtMs + pageMs - Date.now()));
  for await (const repository of withPauses(whole(scanned), dueMs)) {
    if (repository) {
      const { rows, failure } = plan(repository, task, wanted);
      if (repository.error && isRetryable(repository.error) && !lastAttempt) {
        yield page;
        throw repository.error;
      }
      page.repositories += rows.length > 0 ? 1 : 0;
      while (rows.length > PAGE_ROWS) {
        yield { ...emptyPage(), rows: rows.splice(0, PAGE_ROWS) };
      }
      page.rows.push(...rows);
      page.repositoriesScanned += 1;
      page.tagsScanned += repository.tagsListed;
      page.cursor = repository.repository;
      page.failure ??= failure;
      matched ||= rows.length > 0;
      if (!matched) {
        offerNames(nearest, repository, below);
        page.closestName = nearest.best?.name ?? null;
      }
    }
    if (!repository || page.rows.length >= PAGE_ROWS || dueMs() === 0) {
      yield page;
      page = emptyPage();
      writtenAtMs = Date.now();
      pageMs = Math.min(pageMs * 2, PAGE_MS);
    }
  }
  if (page.cursor !== null) {
    yield page;
  }
}

/**
 * A repository whose tags the rule does not match beats one that it does not match itself, and is called by its tag.
 * Names are told as the expressions see them: below the namespace.
 */
function offerNames(
  nearest: NearestName,
  { repository, tagsListed, nearestTag }: WholeRepository,
  below: number,
) {
  const path = repository.slice(below);
  if (nearestTag) {
    nearest.offerLikeness({ name: `${path}:${nearestTag.name}`, likeness: 1 + nearestTag.likeness });
  } else if (tagsListed === 0) {
    nearest.offer(path);
  }
}

/** Since when each tag of a repository is known, of those that events told of. */
function sinceOf(scope: TaskScope, repository: string): Map<string, Date> {
  const told = tagsOf(scope).filter((tag) => tag.repository === repository);
  return new Map(told.flatMap(({ tag, since }) => (since ? [[tag, new Date(since)] as const] : [])));
}

function emptyPage(): ScanPage {
  return {
    rows: [],
    repositoriesScanned: 0,
    tagsScanned: 0,
    repositories: 0,
    cursor: null,
    failure: null,
    closestName: null,
  };
}

function plan(
  scanned: WholeRepository,
  { rule, scope }: ClaimedTask,
  wanted: Wanted,
): { rows: PlannedRow[]; failure: FailureFact | null } {
  const planned = planRepository(scanned, rule.sourceNamespace, rule.targets);
  const since = sinceOf(scope, scanned.repository);
  const rows = planned.transfers
    .filter(({ target, sourceRepository, tag }) => wanted(target.ruleTargetId, sourceRepository, tag))
    .map((transfer) => ({
      ruleTargetId: transfer.target.ruleTargetId,
      targetInstanceId: transfer.target.instanceId,
      repository: transfer.sourceRepository,
      tag: transfer.tag,
      targetRepository: transfer.targetRepository,
      digest: transfer.digest,
      mediaType: transfer.mediaType,
      store: transfer.store === "charts" ? ("charts" as const) : null,
      digestTags: transfer.digestTags,
      knownAt: since.get(transfer.tag) ?? null,
    }));
  const error = scanned.error ?? planned.refused[0]?.error;
  return { rows, failure: error ? failureFact(error) : null };
}
