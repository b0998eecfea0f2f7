import { pageNonce } from "./components/kit/page-nonce.ts";

// zod, where a page loads it, would try whether it may evaluate code. The policy of the pages (proxy.ts) says no, and the
// browser lists each try. Set where zod looks for it: its own `config` would bring zod to every page.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });

// The layer behind dialogs and menus writes a style element, and looks here for the nonce that the policy asks of it.
Object.assign(globalThis, { __webpack_nonce__: pageNonce() });
