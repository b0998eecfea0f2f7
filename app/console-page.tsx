import { unstable_rethrow } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { type ReactNode, Suspense } from "react";
import { PageHead } from "@/components/kit/page-head.tsx";
import { PageError } from "@/components/shell/error-page.tsx";
import { NotFound } from "@/components/shell/not-found.tsx";
import { setAnswerStatus } from "@/lib/auth/answer-status.ts";
import { currentRequest } from "@/lib/auth/request.ts";
import { currentUser } from "@/lib/auth/session.ts";
import { asUnavailable } from "@/lib/data/unavailable.ts";
import { log } from "@/lib/log.ts";
import type { InstanceOption } from "@/lib/schemas/instance.ts";
import { ClientMessages } from "./client-messages.tsx";
import { PageForbidden } from "./page-forbidden.tsx";

/** A page as its file has it, with what stands above a refusal, so that it still says which page it is. */
interface Page<Props> {
  (props: Props): Promise<ReactNode>;
  heading?: () => Promise<string>;
  /** In the place of the heading where the visitor knows the instance and lacks a grant on it. */
  refusedHead?: (props: Props, instance: InstanceOption) => Promise<ReactNode>;
}

/**
 * A page of the console with its refusals: what is not there, not permitted or broken is answered by the server as a whole
 * document with its status, language and theme. Without this Next sends an empty document and leaves the rest to the browser.
 * A part of the page that may be refused is awaited (`{await Part(props)}`), or is a `listPart`: what React renders later is out of reach
 * here. `texts` are the groups of texts that its client components use (app/client-messages.tsx).
 */
export function consolePage<Props>(
  page: Page<Props>,
  texts: readonly string[],
): (props: Props) => Promise<ReactNode> {
  const withTexts = (node: ReactNode) => <ClientMessages paths={texts}>{node}</ClientMessages>;
  return async (props) => {
    try {
      return withTexts(await page(props));
    } catch (error) {
      const { heading, refusedHead } = page;
      return refusal(error, {
        heading,
        head: async (instance) =>
          instance && refusedHead ? withTexts(await refusedHead(props, instance)) : titleHead(heading),
      });
    }
  };
}

async function titleHead(heading: (() => Promise<string>) | undefined): Promise<ReactNode> {
  return heading ? <PageHead title={await heading()} line={false} /> : null;
}

/** A list that is read by then comes with its page: bars that are gone at once would only flicker. */
const SOON_MS = 150;

/**
 * A list that may take longer than its page: what stands above it is there after 150 ms at the latest, `skeleton` in the place of the list,
 * and the list follows. What goes wrong with it is said in its place, above the skeleton, or below `title` where the list brings the heading of
 * its page. Awaited by its page, so that a quick list, or a quick refusal, is part of the document and of its status.
 */
export async function listPart(
  list: () => Promise<ReactNode>,
  skeleton: ReactNode,
  title?: string,
): Promise<ReactNode> {
  const read = list().catch((error: unknown) => {
    unstable_rethrow(error);
    return title === undefined
      ? fault(error, { heading: false, ghost: skeleton })
      : titledFault(error, title);
  });
  const soon = await firstOf(read, SOON_MS);
  // The same tree either way: the list keeps its state when it is read again, however long that takes.
  return <Suspense fallback={soon ? null : skeleton}>{soon ? soon.node : <Late read={read} />}</Suspense>;
}

/** @returns null if it took longer */
async function firstOf(read: Promise<ReactNode>, withinMs: number): Promise<{ node: ReactNode } | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(late.resolve, withinMs, null);
  try {
    return await Promise.race([read.then((node) => ({ node })), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function Late({ read }: { read: Promise<ReactNode> }): Promise<ReactNode> {
  return await read;
}

interface Heads {
  heading: (() => Promise<string>) | undefined;
  head: (instance: InstanceOption | null) => Promise<ReactNode>;
}

/** Whether nobody is signed in; what cannot be told now counts as no. */
async function isNobody(): Promise<boolean> {
  try {
    return (await currentUser()) === null;
  } catch {
    return false;
  }
}

async function refusal(error: unknown, { heading, head }: Heads): Promise<ReactNode> {
  const { headers } = await currentRequest();
  switch (interruptStatus(error)) {
    case 404:
      setAnswerStatus(headers, 404);
      return <NotFound signedOut={await isNobody()} />;
    case 403:
      setAnswerStatus(headers, 403);
      return <PageForbidden head={head} />;
    default:
      // A redirect, and whatever else Next throws to steer itself.
      unstable_rethrow(error);
      return heading === undefined ? fault(error, { heading: true }) : titledFault(error, await heading());
  }
}

async function titledFault(error: unknown, title: string): Promise<ReactNode> {
  return (
    <>
      <PageHead title={title} line={false} />
      {await fault(error, { heading: false })}
    </>
  );
}

interface Fault {
  heading: boolean;
  /** What would be there, still and untouchable; else rows of no list. */
  ghost?: ReactNode;
}

/** What nobody meant: the database is in trouble, or we are. */
async function fault(error: unknown, { heading, ghost }: Fault): Promise<ReactNode> {
  const { headers, id } = await currentRequest();
  const unavailable = asUnavailable(error);
  setAnswerStatus(headers, unavailable ? 503 : 500);
  log.error({ err: error, requestId: id }, "a page could not be made");
  const t = await getTranslations();
  return unavailable ? (
    <PageError
      requestId={id}
      heading={heading}
      title={t(`system.page.${unavailable.reason}.title`)}
      body={t(`system.page.${unavailable.reason}.body`)}
      ghost={ghost}
    />
  ) : (
    <PageError requestId={id} heading={heading} ghost={ghost} />
  );
}

/** What `notFound()` and `forbidden()` throw carries its status in its digest. */
function interruptStatus(error: unknown): number | null {
  const digest = error instanceof Error && "digest" in error ? String(error.digest) : "";
  const status = /^NEXT_HTTP_ERROR_FALLBACK;(\d{3})$/.exec(digest)?.[1];
  return status === undefined ? null : Number(status);
}
