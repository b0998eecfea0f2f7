import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * The status of a page's answer. Next lets a page choose it only by throwing, and then sends an empty document that the
 * browser has to fill; a refusal that is rendered like any page needs the answer itself. Each request for a document
 * carries, in a header whose name nobody outside this process knows, the number its answer is kept under.
 */
interface Answers {
  header: string;
  open: Map<string, ServerResponse>;
}

// Next bundles a module more than once into one process: what belongs to the process hangs on it.
const shared = globalThis as typeof globalThis & { lockstepAnswers?: Answers };

/** Starts keeping the answers that are being written. Called once by instrumentation.ts; again it does nothing. */
export function noteAnswers(): Answers {
  if (!shared.lockstepAnswers) {
    const answers: Answers = { header: `x-noted-answer-${crypto.randomUUID()}`, open: new Map() };
    let count = 0;
    subscribe("http.server.request.start", (message) => {
      const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
      delete request.headers[answers.header];
      if (!asksForDocument(request)) {
        return;
      }
      count += 1;
      const key = String(count);
      request.headers[answers.header] = key;
      answers.open.set(key, response);
      response.once("close", () => answers.open.delete(key));
    });
    shared.lockstepAnswers = answers;
  }
  return shared.lockstepAnswers;
}

/** Next's own client takes any other status than 200 for a broken answer: only a whole document may carry one. */
function asksForDocument({ method, headers }: IncomingMessage): boolean {
  return (method === "GET" || method === "HEAD") && headers.rsc === undefined;
}

/** Sets the status of the document that answers the request with these headers, unless it is under way already. */
export function setAnswerStatus(headers: Headers, status: 403 | 404 | 500 | 503): void {
  const { header, open } = noteAnswers();
  const answer = open.get(headers.get(header) ?? "");
  if (answer && !answer.headersSent) {
    answer.statusCode = status;
  }
}
