import { rootCertificates } from "node:tls";
import { describe, expect, test } from "vitest";
import { CreateInstanceInput } from "./instance.ts";

const [first = "", second = ""] = rootCertificates;
const BODY = /(?<=-----\n)[\s\S]+(?=\n-----END)/;

function errorOf(caCertificate: string): string | undefined {
  const result = CreateInstanceInput.safeParse({
    name: "a",
    address: "https://registry.example.com",
    vendor: "generic",
    caCertificate,
  });
  return result.error?.issues.find(({ path }) => path[0] === "caCertificate")?.message;
}

describe("CA certificates", () => {
  test.each([
    ["none", ""],
    ["one", first],
    ["several, with names around them", `# one\n${first}\n\n# two\n${second}\n`],
    ["lines of Windows", first.replaceAll("\n", "\r\n")],
  ])("takes %s", (_, pem) => {
    expect(errorOf(pem)).toBeUndefined();
  });

  test.each([
    ["words", "hello"],
    ["words between the marks", first.replace(BODY, "hello")],
    ["base64 of something else", first.replace(BODY, "aGVsbG8=")],
    ["a certificate without its last line", first.replace(/\n[^\n]+\n-----END/, "\n-----END")],
    ["no end", first.replace(/-----END.*/s, "")],
    ["a good and a broken one", `${first}\n${second.replace(BODY, "AAAA")}`],
    ["a key", first.replaceAll("CERTIFICATE", "PRIVATE KEY")],
  ])("refuses %s", (_, pem) => {
    expect(errorOf(pem)).toBe("certificate-invalid");
  });
});
