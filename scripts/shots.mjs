import { bootstrap } from "./bootstrap.mjs";

const HELP = `npm run shots: a picture of every page in every state, in both languages and themes, into shots/.

  -- --only rules      scenes whose name contains this; more of them: --only rules,task-
  -- --lang en         one language: zh-CN or en
  -- --theme dark      one theme: light or dark
  -- --width 390       one width: 1440, 1024 or 390; 800 and 320 when asked for
  -- --list            name the scenes and end

shots/manifest.json lists the pictures, shots/sheets holds contact sheets. It needs chromium and builds the console if needed.`;

if (process.argv.includes("--help")) {
  console.log(HELP);
  process.exit(0);
}
await bootstrap(import.meta.url);
const { runShots } = await import("./shots/run.ts");
process.exit(await runShots(process.argv.slice(2)));
