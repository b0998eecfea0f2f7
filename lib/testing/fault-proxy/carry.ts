import { type Agent, type IncomingMessage, type ServerResponse, request as sendRequest } from "node:http";
import type { Socket } from "node:net";
import type { Fault, FaultLogEntry, FaultRules } from "./fault.ts";
import { Cut, drained, once, type PassingAnswer, spoiled } from "./spoil.ts";
import type { TokenGate } from "./token-gate.ts";

export interface Passage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: FaultLogEntry;
}

export interface Ground {
  rules: FaultRules;
  gate: TokenGate | undefined;
  origin: string;
  target: URL;
  agent: Agent;
}

/** Brings one request to the registry and its answer back, or does to them what a rule says. */
export async function carry(passage: Passage, { rules, gate, origin, target, agent }: Ground): Promise<void> {
  const { request, entry } = passage;
  const rule = rules.hit(entry.method, entry.path);
  await rule?.before?.(entry);
  const fault = typeof rule?.fault === "function" ? rule.fault(entry) : rule?.fault;
  entry.fault = fault?.kind;
  if (fault && (await keptBack(passage, fault))) {
    return;
  }
  if (gate && (await guarded(passage, gate, origin))) {
    return;
  }
  const answer = await handOn(request, { target, agent });
  entry.registryStatus = answer.statusCode ?? 502;
  const passing: PassingAnswer = { status: entry.registryStatus, headers: answer.headers, body: answer };
  await handBack(passage, fault ? await spoiled(passing, fault) : passing);
}

/** Deals with the faults for which the registry is not asked. */
async function keptBack(passage: Passage, fault: Fault): Promise<boolean> {
  const { request } = passage;
  switch (fault.kind) {
    case "answer": {
      if (fault.early) {
        request.resume();
      } else {
        await drained(request);
      }
      const body = Buffer.from(fault.body ?? "");
      const headers = { "content-length": String(body.length), ...fault.headers };
      await handBack(passage, { status: fault.status, headers, body: once(body) });
      return true;
    }
    case "break-request":
      await taken(request, fault.afterBytes);
      request.socket.resetAndDestroy();
      return true;
    case "silence":
      await taken(request, fault.afterBytes);
      request.pause();
      return true;
    default:
      return false;
  }
}

/** Reads so many bytes of a request, or all there are. */
function taken(request: IncomingMessage, bytes: number): Promise<void> {
  return new Promise((resolve) => {
    let left = bytes;
    const look = (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) {
        done();
      }
    };
    const done = () => {
      request.off("data", look).off("end", done).off("close", done);
      resolve();
    };
    request.on("data", look).once("end", done).once("close", done).resume();
  });
}

async function guarded(passage: Passage, gate: TokenGate, origin: string): Promise<boolean> {
  const { request, entry } = passage;
  const asksForToken = entry.path.startsWith("/token");
  const token = asksForToken ? gate.grant(request) : null;
  const challenge = asksForToken ? undefined : gate.challenge(request, origin);
  if (!asksForToken && challenge === undefined) {
    return false;
  }
  await drained(request);
  entry.fault = token === null ? "no-token" : undefined;
  const body = Buffer.from(token ?? JSON.stringify({ errors: [{ code: "UNAUTHORIZED" }] }));
  const headers = {
    "content-type": "application/json",
    "content-length": String(body.length),
    ...(challenge ? { "www-authenticate": challenge } : {}),
  };
  await handBack(passage, { status: token === null ? 401 : 200, headers, body: once(body) });
  return true;
}

function handOn(
  request: IncomingMessage,
  { target, agent }: { target: URL; agent: Agent },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = target;
    const onward = sendRequest({
      ...{ hostname, port, agent, headers: request.headers },
      ...{ method: request.method, path: request.url },
    });
    onward.once("response", resolve).once("error", reject);
    // A sender that died in the middle of a body breaks the connection behind us too.
    request.once("close", () => request.complete || onward.destroy());
    request.pipe(onward);
  });
}

async function handBack({ request, response, entry }: Passage, answer: PassingAnswer): Promise<void> {
  const { socket } = request;
  const headers = Object.fromEntries(
    Object.entries(answer.headers).filter(([, value]) => value !== undefined),
  );
  let told = false;
  const tell = () => {
    if (!told) {
      told = true;
      entry.status = answer.status;
      response.writeHead(answer.status, headers);
    }
  };
  try {
    for await (const chunk of answer.body) {
      if (chunk.length > 0 && request.method !== "HEAD") {
        tell();
        entry.answerBytes += chunk.length;
        if (!response.write(chunk)) {
          await room(response);
        }
      }
      if (response.destroyed) {
        return;
      }
    }
    tell();
    response.end();
  } catch (error) {
    if (!(error instanceof Cut)) {
      throw error;
    }
    await flushed(socket);
    if (error.by === "rst") {
      socket.resetAndDestroy();
    } else if (error.by === "fin") {
      socket.end();
    }
  }
}

/** Until there is room for more of an answer, or nobody to take it. */
export function room(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.once("drain", done).once("close", done);
  });
}

/** What was written is on its way: a reset throws away what is not. */
async function flushed(socket: Socket): Promise<void> {
  while (!socket.destroyed && socket.writableLength > 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
