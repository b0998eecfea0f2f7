import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Stands in for `next/headers` where actions and routes run outside Next:
 * `vi.mock("next/headers", () => import("../testing/next-request.ts"))`. What runs inside `Browser.request` sees that
 * request, and its cookies stay in the browser.
 */
const current = new AsyncLocalStorage<{ headers: Headers; cookies: CookieJar }>();

export async function headers(): Promise<Headers> {
  return running().headers;
}

export async function cookies(): Promise<CookieJar> {
  return running().cookies;
}

function running() {
  const request = current.getStore();
  if (!request) {
    throw new Error("no request is running: call this inside Browser.request");
  }
  return request;
}

interface CookieOptions {
  maxAge?: number;
  expires?: Date;
  httpOnly?: boolean;
  secure?: boolean;
  sameSite?: unknown;
  path?: string;
}

class CookieJar {
  readonly values = new Map<string, { value: string; options: CookieOptions }>();

  get(name: string): { name: string; value: string } | undefined {
    const found = this.values.get(name);
    return found && { name, value: found.value };
  }

  getAll(): { name: string; value: string }[] {
    return [...this.values].map(([name, { value }]) => ({ name, value }));
  }

  set(name: string, value: string, options: CookieOptions = {}): void {
    if (options.maxAge === 0 || (options.expires && options.expires.getTime() <= Date.now())) {
      this.values.delete(name);
    } else {
      this.values.set(name, { value, options });
    }
  }
}

/** Keeps cookies between requests, and sends Host and Origin as a page of the console does. */
export class Browser {
  static readonly host = "console.test";
  readonly cookies = new CookieJar();

  /** Each call is a request of its own. A header set to null is left out. */
  request<Result>(run: () => Promise<Result>, extra: Record<string, string | null> = {}): Promise<Result> {
    const sent = new Headers({
      host: Browser.host,
      origin: `http://${Browser.host}`,
      "x-forwarded-proto": "http",
      "user-agent": "test",
    });
    for (const [name, value] of Object.entries(extra)) {
      if (value === null) {
        sent.delete(name);
      } else {
        sent.set(name, value);
      }
    }
    return current.run({ headers: sent, cookies: this.cookies }, run);
  }
}

/** A form as the console's components send it: everything in the field `json`. */
export function formOf(input: unknown): FormData {
  const form = new FormData();
  form.set("json", JSON.stringify(input));
  return form;
}
