/** Names as their makers write them; what comes first wins, since every browser also claims to be its ancestors. */
const BROWSERS: readonly [string, RegExp][] = [
  ["Edge", /\bEdgA?\/(\d+)/],
  ["Opera", /\bOPR\/(\d+)/],
  ["Samsung Internet", /\bSamsungBrowser\/(\d+)/],
  ["WeChat", /\bMicroMessenger\/(\d+)/],
  ["Firefox", /\b(?:Firefox|FxiOS)\/(\d+)/],
  ["Chrome", /\b(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/],
  ["Safari", /\bVersion\/(\d+)[\d.]* .*\bSafari\//],
  ["curl", /^curl\/(\d+)/],
];
const SYSTEMS: readonly [string, RegExp][] = [
  ["iPadOS", /\biPad\b/],
  ["iOS", /\biPhone\b/],
  ["Android", /\bAndroid\b/],
  ["HarmonyOS", /\bHarmonyOS\b|\bOpenHarmony\b/],
  ["Windows", /\bWindows\b/],
  ["macOS", /\bMac OS X\b|\bMacintosh\b/],
  ["ChromeOS", /\bCrOS\b/],
  ["Linux", /\bLinux\b|\bX11\b/],
];

export interface NamedAgent {
  /** `Chrome 142`; null: nothing known. */
  browser: string | null;
  system: string | null;
}

/** The browser behind a User-Agent header, well enough to recognise one's own; it proves nothing. */
export function nameAgent(userAgent: string | null): NamedAgent {
  const text = userAgent ?? "";
  const found = BROWSERS.map(([name, pattern]) => [name, pattern.exec(text)?.[1]] as const).find(
    ([, version]) => version !== undefined,
  );
  return {
    browser: found ? `${found[0]} ${found[1]}` : null,
    system: SYSTEMS.find(([, pattern]) => pattern.test(text))?.[0] ?? null,
  };
}
