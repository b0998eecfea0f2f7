import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { clientAddress, clientKey, noteRequests, requestedPath } from "./client-address.ts";

function headersFrom(connection: string, forwarded?: string): Headers {
  const headers = new Headers({ [noteRequests().addressHeader]: connection });
  if (forwarded !== undefined) {
    headers.set("x-forwarded-for", forwarded);
  }
  return headers;
}

describe("the client's address", () => {
  test("is the connection's, whatever X-Forwarded-For says", () => {
    for (let spoofed = 0; spoofed < 1000; spoofed += 1) {
      expect(clientAddress(headersFrom("192.0.2.7", `198.51.100.${spoofed % 256}, 10.0.0.1`), [])).toBe(
        "192.0.2.7",
      );
    }
  });

  test("behind a trusted proxy is the last address that is none of the proxies", () => {
    const proxies = ["10.0.0.0/8", "fd00::/8"];
    expect(clientAddress(headersFrom("10.0.0.1", "203.0.113.9, 198.51.100.4, 10.2.3.4"), proxies)).toBe(
      "198.51.100.4",
    );
    expect(clientAddress(headersFrom("10.0.0.1"), proxies)).toBe("10.0.0.1");
    expect(clientAddress(headersFrom("10.0.0.1", "not an address"), proxies)).toBe("10.0.0.1");
    expect(clientAddress(headersFrom("::ffff:10.0.0.1", "203.0.113.9:55555"), proxies)).toBe("203.0.113.9");
    expect(clientAddress(headersFrom("198.51.100.1", "203.0.113.9"), proxies)).toBe("198.51.100.1");
  });

  test("is unknown when it was not noted", () => {
    expect(clientAddress(new Headers({ "x-forwarded-for": "192.0.2.1" }), [])).toBeNull();
  });
});

describe("what guesses are counted by", () => {
  test.each([
    "2001:db8:1:2:3:4:5:6",
    "2001:DB8:1:2:3:4:5:6",
    "2001:0db8:0001:0002:0003:0004:0005:0006",
    "2001:db8:1:2::",
    "2001:db8:1:2::1",
    "2001:db8:1:2:0:0:0:1",
    "2001:db8:1:2:3:4:192.0.2.1",
    "2001:db8:1:2:ffff:ffff:ffff:ffff",
  ])("is the /64 of %s", (text) => {
    expect(clientKey(clientAddress(headersFrom(text), []))).toBe("2001:db8:1:2::/64");
  });

  test("500 addresses of one /64 are one", () => {
    const keys = Array.from({ length: 500 }, (_, index) =>
      clientKey(`2001:db8:1:2:${index.toString(16)}::1`),
    );
    expect(new Set(keys).size).toBe(1);
    expect(clientKey("2001:db8:1:3::1")).not.toBe(keys[0]);
  });

  test("an IPv4 address in IPv6 dress is that address", () => {
    for (const text of ["::ffff:192.0.2.1", "::FFFF:c000:0201", "0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"]) {
      expect(clientKey(clientAddress(headersFrom(text), []))).toBe("192.0.2.1");
    }
  });
});

test("the path to come back to stays on this site", () => {
  const path = (url: string) => requestedPath(new Headers({ [noteRequests().pathHeader]: url }));
  expect(path("/rules?instance=1&_rsc=abc")).toBe("/rules?instance=1");
  expect(path("//evil.example/")).toBeNull();
  expect(path("https://evil.example/")).toBeNull();
  expect(requestedPath(new Headers())).toBeNull();
});

test("Node's own announcement notes each request, and a client cannot overwrite it", async () => {
  const noted = noteRequests();
  const server = createServer((incoming, response) =>
    response.end(String(incoming.headers[noted.addressHeader])),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const body = await new Promise<string>((resolve, reject) => {
    const sent = httpRequest(
      { host: "127.0.0.1", port, headers: { [noted.addressHeader]: "198.51.100.1" } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve(text));
      },
    );
    sent.on("error", reject).end();
  });
  server.close();
  expect(body).toBe("127.0.0.1");
});
