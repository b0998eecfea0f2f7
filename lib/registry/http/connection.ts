import type { OnReadOpts, Socket } from "node:net";
import { type AnswerListener, AnswerReader } from "./answer-reader.ts";
import { BodySender } from "./body-sender.ts";
import { Deadline } from "./deadline.ts";
import { Held } from "./held.ts";
import { HttpError, malformed } from "./http-error.ts";
import { ReadBuffer } from "./read-buffer.ts";
import type { Receiver } from "./receiver.ts";
import type { HttpRequest } from "./request-head.ts";
import { type Framing, keepAliveMs, type ResponseHead } from "./response-head.ts";
import { writeRequest } from "./write-request.ts";

const NOTHING = Buffer.alloc(0);

export interface ConnectionTimes {
  /** Silence in the middle of a body, ms. */
  readonly idleBodyMs: number;
  /** Unused, ms. */
  readonly keepAliveMs: number;
}

/** What the owner of a connection is told. */
export interface Owner {
  /** It can be used again. */
  onFree(connection: Connection): void;
  onGone(connection: Connection): void;
}

/**
 * One connection, one exchange at a time: HTTP/1.1 and nothing of what it may carry. It is used again only when an answer has ended
 * where it said, with nothing behind it, and the request had been sent to its end.
 */
export class Connection implements AnswerListener {
  readonly #owner: Owner;
  readonly #times: ConnectionTimes;
  readonly #reads = new ReadBuffer();
  readonly #deadline = new Deadline(() => this.#late());
  #socket: Socket | undefined;
  /** What was read last. */
  #bytes: Buffer = NOTHING;
  #headersMs = 0;
  #receiver: Receiver | undefined;
  #sender: BodySender | undefined;
  /** Reads the answer that is waited for. */
  readonly #answer = new AnswerReader(this);
  #paused = false;
  #keepMs = 0;
  #gone = false;

  constructor(owner: Owner, times: ConnectionTimes) {
    this.#owner = owner;
    this.#times = times;
  }

  /** What its socket must be made with. */
  readonly onread: OnReadOpts = this.#reads.options((bytes) => this.#read(bytes));

  /** It stands, as far as is known. */
  get usable(): boolean {
    return !this.#gone && this.#socket?.writable === true;
  }

  /** The socket stands: it waits for its first request. */
  attach(socket: Socket): void {
    this.#socket = socket;
    const closed = () => this.#closed();
    socket
      .on("error", (error) => this.#fail(error))
      .on("end", closed)
      .on("close", closed);
  }

  /** Waits for somebody to use it, and keeps no process running meanwhile. */
  rest(): void {
    this.#deadline.set(this.#keepMs || this.#times.keepAliveMs);
    this.#socket?.unref();
  }

  /** @param head of the request, as it is sent */
  send(head: string, { method, fields, headersMs, body }: HttpRequest, receiver: Receiver): void {
    const socket = this.#socket as Socket;
    this.#receiver = receiver;
    this.#answer.expect(method);
    this.#headersMs = headersMs;
    this.#deadline.set(headersMs);
    socket.ref();
    if (body !== undefined && !(body instanceof Uint8Array)) {
      const sender = new BodySender({
        socket,
        head,
        content: body,
        length: Number(fields.contentLength),
      });
      this.#sender = sender;
      // As long as the other side takes what it is sent it is not silent.
      const accepted = () => {
        if (this.#sender === sender && !this.#answer.begun) {
          this.#deadline.set(headersMs);
        }
      };
      sender.run(accepted).catch((error: unknown) => this.#fail(error, true));
      return;
    }
    writeRequest(socket, head, body);
  }

  /** Nothing more is to be read for now. Like `resume` and `abort` it is heard of the receiver that is served, and of no other. */
  pause(by: Receiver): void {
    if (by === this.#receiver) {
      this.#paused = true;
      this.#deadline.clear();
    }
  }

  resume(by: Receiver): void {
    if (by === this.#receiver && this.#paused) {
      this.#paused = false;
      this.#deadline.set(this.#times.idleBodyMs);
      this.#socket?.resume();
    }
  }

  /** Gives the exchange up, and the connection with it. */
  abort(by: Receiver, reason: unknown): void {
    if (by === this.#receiver) {
      this.#fail(reason);
    }
  }

  close(reason: Error): void {
    this.#fail(reason);
  }

  /** @returns false: nothing more is to be read for now */
  #read(bytes: Buffer): boolean {
    this.#bytes = bytes;
    try {
      let at = 0;
      while (at < bytes.byteLength && !this.#gone) {
        if (!this.#receiver) {
          throw malformed("more than was asked for");
        }
        at = this.#answer.read(bytes, at);
        if (this.#answer.ended) {
          this.#finish();
        } else if (this.#answer.begun && !this.#paused) {
          this.#deadline.set(this.#times.idleBodyMs);
        }
      }
      if (!this.#receiver && !this.#gone) {
        this.#release();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#bytes = NOTHING;
    }
    return !this.#paused;
  }

  /** From the reader of answers. */
  onHead(head: ResponseHead, framing: Framing): void {
    const receiver = this.#receiver as Receiver;
    this.#keepMs = framing.kind === "close" ? 0 : keepAliveMs(head, this.#times.keepAliveMs);
    receiver.onHead(head, new Held(this, receiver));
  }

  /** From the reader of answers. */
  onPart(start: number, end: number): void {
    this.#receiver?.onData(this.#reads.chunk(this.#bytes, start, end));
  }

  /** The answer is there. Whether the connection can be used again is seen when all that came with it has been read. */
  #finish(): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#deadline.clear();
    this.#paused = false;
    // An answer before the request was sent to its end: the rest of it would be read as the next request.
    if (this.#sender && !this.#sender.done) {
      this.#keepMs = 0;
    }
    this.#sender?.stop();
    this.#sender = undefined;
    receiver?.onEnd();
  }

  #release(): void {
    if (this.#keepMs === 0) {
      this.#end();
    } else {
      this.#owner.onFree(this);
    }
  }

  /** The other side has nothing more to say. */
  #closed(): void {
    if (this.#receiver && this.#answer.endsWithConnection) {
      this.#finish();
    }
    if (!this.#gone) {
      this.#fail(new HttpError("CLOSED", "the other side closed the connection"));
    }
  }

  #late(): void {
    if (this.#sender?.waitsForContent && !this.#answer.begun) {
      // It is not the other side that is silent.
      this.#deadline.set(this.#headersMs);
    } else if (this.#receiver) {
      const code = this.#answer.begun ? "BODY_TIMEOUT" : "HEADERS_TIMEOUT";
      this.#fail(new HttpError(code, "the other side is silent"));
    } else {
      this.#end();
    }
  }

  #fail(error: unknown, ours = false): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#sender?.stop();
    this.#sender = undefined;
    this.#end();
    receiver?.onError(error, ours);
  }

  #end(): void {
    if (!this.#gone) {
      this.#gone = true;
      this.#deadline.end();
      this.#socket?.destroy();
      this.#owner.onGone(this);
    }
  }
}
