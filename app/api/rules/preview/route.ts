import { fromOwnPage } from "@/lib/actions/origin.ts";
import { runPreview } from "@/lib/actions/preview.ts";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorize } from "@/lib/auth/authorize.ts";
import { type PreviewPlan, previewOfDraft, previewOfEdit, previewOfRule } from "@/lib/data/preview.ts";
import { AppError } from "@/lib/errors.ts";
import { log } from "@/lib/log.ts";
import { type PreviewEvent, PreviewInput } from "@/lib/schemas/preview.ts";
import { refuse } from "../../respond.ts";

export const dynamic = "force-dynamic";

/** A proxy in between gives up on a silent stream. */
const HEARTBEAT_MS = 10_000;
/** Twenty targets and two expressions of 1,024 characters. */
const MAX_BODY_CHARS = 32 * 1024;

/**
 * What a rule would do, as NDJSON of PreviewEvents while the registries are asked: nothing is changed. POST, because a draft
 * is too long for a URL; so it is asked whether our own page sends it. Ends with the request: a page that goes away, or
 * types on, ends every request to a registry with it.
 */
export async function POST(request: Request): Promise<Response> {
  try {
    if (!fromOwnPage(request.headers)) {
      throw new AppError("FORBIDDEN", "foreign-origin");
    }
    const text = await request.text();
    const parsed = PreviewInput.safeParse(text.length > MAX_BODY_CHARS ? null : readJson(text));
    if (!parsed.success) {
      throw new AppError("INVALID", "invalid");
    }
    const planned = await planPreview(parsed.data);
    const gone = new AbortController();
    const signal = AbortSignal.any([request.signal, gone.signal]);
    return new Response(streamOf(runPreview(planned, parsed.data, signal), { gone, signal }), {
      headers: {
        "content-type": "application/x-ndjson; charset=utf-8",
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
      },
    });
  } catch (error) {
    return refuse(error);
  }
}

/**
 * Whether the user may see what this rule would do: of a draft whoever may create it, of an edit whoever may edit, and of
 * a saved rule whoever may trigger it.
 * @throws {AppError} what `authorize` and lib/data refuse; INVALID when neither a draft nor a rule is named
 */
async function planPreview({ draft, ruleId }: PreviewInput): Promise<{ actor: Actor; plan: PreviewPlan }> {
  if (draft && ruleId) {
    const actor = await authorize("rule:edit", { ruleId });
    return { actor, plan: await previewOfEdit(actor, ruleId, draft) };
  }
  if (draft) {
    const actor = await authorize("rule:preview", {
      instanceId: draft.sourceInstanceId,
      targetInstanceIds: draft.targets.map(({ instanceId }) => instanceId),
    });
    return { actor, plan: await previewOfDraft(actor, draft) };
  }
  if (ruleId) {
    const actor = await authorize("rule:trigger", { ruleId });
    return { actor, plan: await previewOfRule(actor, ruleId) };
  }
  throw new AppError("INVALID", "invalid");
}

/** One event a line, no faster than they are read. */
function streamOf(
  events: AsyncGenerator<PreviewEvent>,
  { gone, signal }: { gone: AbortController; signal: AbortSignal },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: Promise<IteratorResult<PreviewEvent, void>> | null = null;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      next ??= events.next();
      try {
        const result = await withBeat(next);
        const event = result === "beat" ? ({ kind: "beat" } as const) : result.value;
        if (!event) {
          controller.close();
          return;
        }
        if (result !== "beat") {
          next = null;
        }
        controller.enqueue(encoder.encode(`${JSON.stringify(event)}\n`));
      } catch (error) {
        if (!signal.aborted) {
          log.error({ err: error }, "a preview failed");
        }
        gone.abort();
        controller.error(error);
      }
    },
    cancel() {
      gone.abort();
    },
  });
}

async function withBeat<T>(next: Promise<T>): Promise<T | "beat"> {
  let timer: NodeJS.Timeout | undefined;
  const beat = new Promise<"beat">((resolve) => {
    timer = setTimeout(() => resolve("beat"), HEARTBEAT_MS);
  });
  try {
    return await Promise.race([next, beat]);
  } finally {
    clearTimeout(timer);
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
