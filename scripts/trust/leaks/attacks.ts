import type { ServerResponse } from "node:http";
import { type Attack, bearer, type Places } from "./trap.ts";

const redirect =
  (status: number, target: (places: Places) => string): Attack["answer"] =>
  (response: ServerResponse, places: Places): void =>
    void response.writeHead(status, { location: target(places) }).end();
const challenge =
  (value: (places: Places) => string): Attack["answer"] =>
  (response: ServerResponse, places: Places) =>
    void response.writeHead(401, { "www-authenticate": value(places) }).end();
const elsewhere = ({ evil, request }: Places) => `${evil}${request.url}`;
const atHost = (url: string, host: string) => url.replace("127.0.0.1", host);
const namedRealm = (host: string): Attack => ({
  challenge: ({ evil }) => bearer(`${atHost(evil, host)}/token`),
  reached: true,
});
const nextPage =
  (target: (places: Places) => string): Attack["answer"] =>
  (response, places) =>
    void response
      .writeHead(200, { link: `<${target(places)}>; rel="next"` })
      .end('{"repositories":["app"],"tags":["latest"]}');

/** One row: what is tried, in one way or several. */
export interface AttackRow {
  readonly id: string;
  readonly title: string;
  readonly ways: readonly Attack[];
}

const row = (id: string, title: string, ...ways: Attack[]): AttackRow => ({ id, title, ways });

/** What a registry can say to have credentials sent somewhere else. */
export const ATTACKS: readonly AttackRow[] = [
  row("L01", "a realm on the same host, another port", {
    challenge: ({ evil }) => bearer(`${evil}/token`),
    reached: true,
  }),
  row("L02", "a realm on another host", namedRealm("localhost")),
  row("L03", "a realm that is an IP address, of a registry that has a name", {
    challenge: ({ evil }) => bearer(`${evil}/token`),
    reached: true,
    named: true,
  }),
  row("L04", "a realm without TLS, of a registry behind it", {
    challenge: ({ evil }) => bearer(`${evil}/token`),
    reached: false,
    tls: true,
  }),
  row("L05", "a realm with our host as its user", {
    challenge: ({ own, evil }) => bearer(`http://${new URL(own).host}@${new URL(evil).host}/token`),
    reached: false,
  }),
  row(
    "L06",
    "a realm in digits and dots of other scripts, and with a dot at its end",
    ...["１２７.０.０.１", "127。0。0。1", "127.0.0.1."].map(encodeURIComponent).map(namedRealm),
  ),
  row("L07", "a realm of the attacker beside our own", {
    challenge: ({ own, evil }) => `${bearer(`${evil}/token`)}, ${bearer(`${own}/token`)}`,
    reached: true,
  }),
  row("L08", "a challenge for another realm once the password was accepted", {
    answer: challenge(({ evil }) => bearer(`${evil}/token`)),
    reached: true,
  }),
  row("L09", "a token server that redirects", {
    token: redirect(302, ({ evil }) => `${evil}/token`),
    reached: false,
  }),
  row("L10", "a token server that redirects and keeps the method", {
    token: redirect(307, ({ evil }) => `${evil}/token`),
    reached: false,
  }),
  row("L11", "a token server that refuses, and names another one", {
    token: challenge(({ evil }) => bearer(`${evil}/token`)),
    reached: false,
  }),
  row("L12", "302 to another port", { answer: redirect(302, elsewhere), reached: true }),
  row("L13", "303 to another port", { answer: redirect(303, elsewhere), reached: true }),
  row("L14", "307 to another port", { answer: redirect(307, elsewhere), reached: true }),
  row("L15", "308 to another host", {
    answer: redirect(308, (places) => atHost(elsewhere(places), "localhost")),
    reached: true,
  }),
  row("L16", "a redirect with our host as its user", {
    answer: redirect(307, ({ own, evil }) => `http://${new URL(own).host}@${new URL(evil).host}/x`),
    reached: false,
  }),
  row("L17", "a redirect from https down to http", {
    answer: redirect(307, elsewhere),
    reached: false,
    tls: true,
  }),
  row("L18", "a Basic challenge after a redirect", {
    answer: redirect(307, elsewhere),
    evil: challenge(() => 'Basic realm="registry"'),
    reached: true,
  }),
  row("L19", "a Bearer challenge after a redirect, naming our own token server", {
    answer: redirect(307, elsewhere),
    evil: challenge(({ own }) => bearer(`${own}/token`)),
    reached: true,
  }),
  row("L20", "a redirect there and back and there", {
    answer: redirect(307, elsewhere),
    evil: redirect(307, ({ own, request }) => `${own}${request.url}`),
    reached: true,
  }),
  row("L21", "an upload's Location on another port", {
    answer: redirect(202, ({ evil }) => `${evil}/upload`),
    reached: false,
  }),
  row("L22", "an upload's Location without a scheme", {
    answer: redirect(202, ({ evil }) => `//${new URL(evil).host}/upload`),
    reached: false,
  }),
  row("L23", "an upload's Location without TLS, of a registry behind it", {
    answer: redirect(202, ({ evil }) => `${evil}/upload`),
    reached: false,
    tls: true,
  }),
  row("L24", "a Link to another port", { answer: nextPage(elsewhere), reached: false }),
  row("L25", "a Link without a scheme", {
    answer: nextPage(({ evil }) => `//${new URL(evil).host}/v2/_catalog`),
    reached: false,
  }),
];
