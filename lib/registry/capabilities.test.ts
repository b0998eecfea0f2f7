import { expect, onTestFinished, test } from "vitest";
import { scriptedRegistry } from "../testing/scripted-registry.ts";
import { registryClient } from "./registry.testing.ts";
import type { RegistryCapabilities } from "./repository.ts";

type Script = Parameters<typeof scriptedRegistry>[0];
type Reply = [status: number, headers?: Record<string, string>, body?: string];

async function probe(replies: (url: string) => Reply | undefined) {
  const script: Script = ({ url }, response) => {
    const [status, headers = {}, body = ""] = replies(url) ?? (url === "/v2/" ? [200] : [404]);
    response.writeHead(status, headers).end(body);
  };
  const server = await scriptedRegistry(script);
  onTestFinished(() => server.stop());
  const registry = registryClient(server.origin);
  const capabilities: RegistryCapabilities = await registry.capabilities();
  return { capabilities, requests: server.requests };
}

const INDEX = { "content-type": "application/vnd.oci.image.index.v1+json" };
const NO_NAME = '{"errors":[{"code":"NAME_UNKNOWN"}]}';

test.each<[string, Reply, boolean | null]>([
  ["an empty index", [200, INDEX, '{"manifests":[]}'], true],
  ["a web page", [200, { "content-type": "text/html" }, "<html>"], null],
  ["no such route", [404, {}, "404 page not found\n"], false],
  ["no such method", [405], false],
  ["no such repository, which is true of a made-up one", [404, {}, NO_NAME], null],
  ["not for us", [403, {}, "{}"], null],
  ["out of order", [503], null],
])("referrers of a made-up subject: %s", async (_what, reply, expected) => {
  const { capabilities } = await probe((url) => (url.includes("/referrers/") ? reply : undefined));
  expect(capabilities.referrers).toBe(expected);
});

test("a known subject settles what a made-up one leaves open; a repository without tags is passed over", async () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const { capabilities, requests } = await probe((url) => {
    if (url.startsWith("/v2/_catalog")) {
      return [200, {}, '{"repositories":["gone","team/app"]}'];
    }
    if (url.startsWith("/v2/gone/tags/")) {
      return [200, {}, '{"name":"gone","tags":null}'];
    }
    if (url.startsWith("/v2/team/app/tags/")) {
      return [200, {}, '{"tags":["1.0"]}'];
    }
    if (url === "/v2/team/app/manifests/1.0") {
      const headers = {
        "content-type": "application/vnd.oci.image.manifest.v1+json",
        "docker-content-digest": digest,
        "content-length": "10",
      };
      return [200, headers];
    }
    return url.includes("/referrers/") ? [404, {}, NO_NAME] : undefined;
  });
  expect(requests.map(({ url }) => url)).toContain(`/v2/team/app/referrers/${digest}`);
  expect(capabilities).toEqual({ software: null, list: true, referrers: false, delete: null, chunk: null });
});

test("nothing is written: GET and HEAD only", async () => {
  const { requests } = await probe(() => undefined);
  expect(requests.length).toBeGreaterThan(1);
  expect(requests.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
});

test.each<[Record<string, string>, string | null]>([
  [{ "x-jfrog-version": "Artifactory/7.98.9 79809900" }, "Artifactory 7.98.9"],
  [{ server: "Nexus/3.70.1-02 (OSS)" }, "Nexus 3.70.1"],
  [{ "gitlab-container-registry-version": "v4.15.2-gitlab" }, "GitLab 4.15.2"],
  [{ server: "AzureContainerRegistry" }, "Azure Container Registry"],
  [{ server: "nginx/1.25" }, null],
])("%j is %s", async (headers, software) => {
  const { capabilities } = await probe((url) => (url === "/v2/" ? [200, headers] : undefined));
  expect(capabilities.software).toBe(software);
});

test("Harbor is known by its token service, and asked for its version", async () => {
  const replies = (version: Reply) =>
    probe((url) => {
      if (url === "/v2/") {
        return undefined;
      }
      return url === "/api/v2.0/systeminfo" ? version : undefined;
    });
  // Without a challenge nothing says Harbor, and nothing of its own is asked.
  const plain = await replies([200, {}, '{"harbor_version":"v2.13.1"}']);
  expect(plain.requests.map(({ url }) => url)).not.toContain("/api/v2.0/systeminfo");

  const harbor = async (version: Reply) => {
    const server = await scriptedRegistry(({ url, headers }, response) => {
      if (url.startsWith("/service/token")) {
        response.writeHead(200, { "content-type": "application/json" }).end('{"token":"t"}');
      } else if (url === "/api/v2.0/systeminfo") {
        const [status, , body = ""] = version;
        response.writeHead(status).end(body);
      } else if (headers.authorization === "Bearer t") {
        response.writeHead(url === "/v2/" ? 200 : 404).end("{}");
      } else {
        const challenge = `Bearer realm="${server.origin}/service/token",service="harbor-registry"`;
        response.writeHead(401, { "www-authenticate": challenge }).end();
      }
    });
    onTestFinished(() => server.stop());
    const registry = registryClient(server.origin);
    return (await registry.capabilities()).software;
  };
  expect(await harbor([200, {}, '{"auth_mode":"db_auth","harbor_version":"v2.13.1-abc"}'])).toBe(
    "Harbor 2.13.1",
  );
  expect(await harbor([200, {}, '{"auth_mode":"db_auth"}'])).toBe("Harbor");
  expect(await harbor([401])).toBe("Harbor");
});
