import { expect, test, vi } from "vitest";
import { cookieName, cookieOptions } from "./request.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));

test("with an https PUBLIC_URL every cookie is bound to this host and to TLS", () => {
  vi.stubEnv("PUBLIC_URL", "https://console.example.com");
  expect(cookieName("lockstep-session")).toBe("__Host-lockstep-session");
  expect(cookieOptions(60)).toEqual({ httpOnly: true, sameSite: "lax", secure: true, path: "/", maxAge: 60 });
});
