import { z } from "zod";

const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

/** PEM (RFC 7468) that holds certificates; what is around them, names for instance, is explanation. */
function isCertificateList(text: string): boolean {
  const blocks = text.split(BEGIN).slice(1);
  return blocks.length > 0 && blocks.every(isCertificate);
}

/** One DER sequence from the first byte to the last: a line lost in pasting is noticed here, not at the first connection. */
function isCertificate(block: string): boolean {
  const end = block.indexOf(END);
  const base64 = block.slice(0, end).replace(/\s/g, "");
  if (end < 0 || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    return false;
  }
  const der = atob(base64);
  const [tag, length, ...size] = Array.from(der.slice(0, 6), (character) => character.charCodeAt(0));
  if (tag !== 0x30 || length === undefined) {
    return false;
  }
  const sizeBytes = length & 0x7f;
  const bytes = size.slice(0, sizeBytes).reduce((sum, byte) => sum * 256 + byte, 0);
  // Shorter than 128 bytes no certificate is.
  return length > 0x80 && sizeBytes <= 4 && der.length === 2 + sizeBytes + bytes;
}

/** What is pasted or read from a file as CA certificates, up to 64 KiB of it. Blank: none. */
export const PemCertificates = z
  .string()
  .trim()
  .max(65_536, "too-long-64k")
  .refine((value) => value === "" || isCertificateList(value), "certificate-invalid")
  .optional();
