import createNextIntlPlugin from "next-intl/plugin";

const withNextIntl = createNextIntlPlugin("./lib/i18n-request.ts");

/** On every answer; proxy.ts adds those that need a nonce or the settings. ASVS 5.0 3.4. */
const HEADERS = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "same-origin" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
];

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  productionBrowserSourceMaps: false,
  images: { unoptimized: true },
  // Types are checked by `npm run check` and `npm test`, tests included; a start on a user's machine need not do it again.
  typescript: { ignoreBuildErrors: true },
  headers: async () => [{ source: "/:path*", headers: HEADERS }],
  experimental: {
    // forbidden(): a page that is visible but not permitted answers 403 (lib/auth/page.ts).
    authInterrupts: true,
    // Pages are visited one after the other: what several of them use goes into files that they share.
    turbopackChunking: { clusters: [[/.*/]], minChunkSize: 200_000, maxMergeChunkSize: 1_000_000 },
    // What proxy.ts keeps of a body, by default 10 MB; an action takes 1 MB.
    proxyClientMaxBodySize: "2mb",
  },
  // Messages are parsed on the server (lib/compiled-messages.ts): next-intl formats and parses nothing.
  turbopack: {
    // Icons as one line each (scripts/icons/lucide-loader.mjs).
    rules: { "**/lucide-react/dist/esm/icons/*.mjs": { loaders: ["./scripts/icons/lucide-loader.mjs"] } },
    resolveAlias: {
      "use-intl/format-message": "./node_modules/use-intl/dist/esm/production/format-message/format-only.js",
    },
  },
  // Native or dynamically loaded packages stay outside the bundle.
  serverExternalPackages: ["pg", "pg-boss", "pino", "undici", "@node-rs/argon2"],
  // Two dev servers side by side must not share a folder.
  ...(process.env.NEXT_DIST_DIR ? { distDir: process.env.NEXT_DIST_DIR } : {}),
  ...(process.env.STANDALONE ? { output: "standalone" } : {}),
};

export default withNextIntl(config);
