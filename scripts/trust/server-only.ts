import { registerHooks } from "node:module";

/** `server-only` throws wherever no bundler has taken it out: cases that ask the console's own floors are on the server. */
const NOTHING = new URL("../../lib/testing/server-only.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "server-only" ? { url: NOTHING, shortCircuit: true } : next(specifier, context),
});
