import { z } from "zod";

const withScheme = (value: string): string =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `https://${value}`;

/** The first thing that is wrong with an address over HTTP. */
function addressIssue(value: string, { path }: { path: boolean }): string | null {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    return "address-invalid";
  }
  if (url.username || url.password) {
    return "address-has-credentials";
  }
  if (!path && url.pathname !== "/") {
    return "address-has-path";
  }
  return url.search || url.hash ? (path ? "address-has-query" : "address-has-path") : null;
}

function refuseAddress(value: string, context: z.RefinementCtx, how: { path: boolean }): void {
  const message = addressIssue(value, how);
  if (message) {
    context.addIssue({ code: "custom", message });
  }
}

/** `https://host[:port]`, or `http://…` when plain HTTP was chosen; no path, query, user name or fragment. */
export const RegistryAddress = z
  .string({ error: "required" })
  .trim()
  .min(1, "required")
  .max(255, "too-long-255")
  .transform(withScheme)
  .superRefine((value, context) => refuseAddress(value, context, { path: false }))
  .transform((value) => (URL.canParse(value) ? new URL(value).origin : value));

/** Of a chart repository beside the registry: like its address, with a path where there is one. Blank: there is none. */
export const ChartsAddress = z
  .string()
  .trim()
  .max(255, "too-long-255")
  .transform((value) => (value === "" ? undefined : withScheme(value)))
  .superRefine((value, context) => {
    if (value !== undefined) {
      refuseAddress(value, context, { path: true });
    }
  })
  .transform((value) => (URL.canParse(value ?? "") ? new URL(value ?? "").href.replace(/\/$/, "") : value))
  .optional();
