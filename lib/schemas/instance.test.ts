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

describe("the address of a chart repository", () => {
  const parse = (chartsAddress: string, plainHttp = false) =>
    CreateInstanceInput.safeParse({
      name: "a",
      address: `http${plainHttp ? "" : "s"}://registry.example.com`,
      chartsAddress,
      vendor: "generic",
      plainHttp,
    });

  test.each([
    ["", undefined],
    ["  ", undefined],
    ["charts.example.com", "https://charts.example.com"],
    ["https://CHARTS.example.com:443/chartrepo/", "https://charts.example.com/chartrepo"],
    ["https://charts.example.com/a/b", "https://charts.example.com/a/b"],
  ])("%j is %j", (text, expected) => {
    expect(parse(text).data?.chartsAddress).toBe(expected);
  });

  test.each([
    ["ftp://charts.example.com", "address-invalid"],
    ["oci://registry.example.com/charts", "address-invalid"],
    ["https://", "address-invalid"],
    ["https://me:secret@charts.example.com", "address-has-credentials"],
    ["https://charts.example.com?x=1", "address-has-query"],
    ["https://charts.example.com/#charts", "address-has-query"],
    [`https://charts.example.com/${"x".repeat(255)}`, "too-long-255"],
    ["http://charts.example.com", "charts-plain-http"],
  ])("%j is refused: %s", (text, message) => {
    expect(parse(text).error?.issues.map((issue) => [issue.path[0], issue.message])).toEqual([
      ["chartsAddress", message],
    ]);
  });

  test("unencrypted where that is allowed for the instance", () => {
    expect(parse("http://charts.example.com", true).data?.chartsAddress).toBe("http://charts.example.com");
  });
});
