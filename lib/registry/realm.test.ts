import { expect, test } from "vitest";
import { realmMayHaveCredentials } from "./realm.ts";

const asked = (registry: string, realm: string) => realmMayHaveCredentials(new URL(registry), new URL(realm));

test.each([
  ["https://registry-1.docker.io", "https://auth.docker.io/token"],
  ["https://registry.gitlab.com", "https://gitlab.com/jwt/auth"],
  ["https://registry.example.com:5050", "https://gitlab.example.com/jwt/auth"],
  ["https://harbor.example.com", "https://harbor.example.com/service/token"],
  ["https://registry.cn-hangzhou.aliyuncs.com", "https://dockerauth.cn-hangzhou.aliyuncs.com/auth"],
  ["https://registry.example.co.uk", "https://auth.example.co.uk/token"],
  ["https://registry.example.com.cn", "https://auth.example.com.cn/token"],
  ["https://registry.internal:8443", "https://registry.internal:8443/token"],
  ["http://10.0.0.1:5000", "http://10.0.0.1:5000/token"],
])("%s trusts %s", async (registry, realm) => {
  expect(await asked(registry, realm)).toBe(true);
});

test.each([
  ["another domain", "https://registry.example.com", "https://auth.example.org/token"],
  ["a name that ends alike", "https://registry.example.com", "https://badexample.com/token"],
  ["a name that begins alike", "https://registry.example.com", "https://registry.example.com.evil.org/token"],
  ["a public suffix in common", "https://registry.co.uk", "https://evil.co.uk/token"],
  ["another public suffix", "https://mine.com.cn", "https://evil.com.cn/token"],
  ["another tenant of a hoster", "https://mine.github.io", "https://evil.github.io/token"],
  ["another tenant of a cloud", "https://mine.azurewebsites.net", "https://evil.azurewebsites.net/token"],
  ["an IP address", "https://registry.example.com", "https://93.184.216.34/token"],
  ["an IPv6 address", "https://registry.example.com", "https://[2606:4700::1]/token"],
  ["a decimal IP address", "https://registry.example.com", "https://1572395042/token"],
  ["two IP addresses", "https://10.0.0.1", "https://10.0.0.2/token"],
  ["http", "https://registry.example.com", "http://registry.example.com/token"],
  ["http beside http", "http://registry.example.com", "http://auth.example.com/token"],
  ["https beside http", "http://registry.example.com", "https://auth.example.com/token"],
  ["the same host, another port", "https://registry.example.com", "https://registry.example.com:8443/token"],
  ["the same IP address, another port", "http://127.0.0.1:5000", "http://127.0.0.1:5001/token"],
  ["user info", "https://registry.example.com", "https://a:b@registry.example.com/token"],
  [
    "user info that looks like a host",
    "https://registry.example.com",
    "https://registry.example.com@evil.org/token",
  ],
  ["an ideographic full stop", "https://registry.example.com", "https://evil。registry-example.com/token"],
  ["names without a dot", "https://registry", "https://auth/token"],
])("%s is not trusted", async (_why, registry, realm) => {
  expect(await asked(registry, realm)).toBe(false);
});
