import { pathToFileURL } from "node:url";
import { bootstrap } from "./bootstrap.mjs";
import { syncBundle } from "./sync-bundle.mjs";

await bootstrap(import.meta.url);
await import(pathToFileURL(await syncBundle()).href);
