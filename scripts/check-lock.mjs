// Whether the lock file can be installed anywhere: every optional platform package that it names has an entry of its own
// (npm leaves out what the registry lacked on the day it was made, and `npm ci` then refuses), and no address of a registry.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const path = process.argv[2] ?? join(dirname(dirname(fileURLToPath(import.meta.url))), "package-lock.json");
const text = readFileSync(path, "utf8");
const { packages } = JSON.parse(text);

/** As Node looks for a package: in the own node_modules, then in each folder above. */
function entryOf(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    const candidate = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (packages[candidate]) {
      return candidate;
    }
    if (folder === "") {
      return undefined;
    }
  }
}

const problems = Object.entries(packages).flatMap(([from, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => entryOf(from, name) === undefined)
    .map(([name, version]) => `${from || "package.json"} names ${name}@${version}, which has no entry`),
);
if (/"resolved":/.test(text)) {
  problems.push('the lock file names addresses ("resolved"): make it with the settings of .npmrc');
}

for (const problem of problems) {
  console.error(problem);
}
console.log(`lock: ${Object.keys(packages).length - 1} packages, ${problems.length} problems`);
process.exit(Object.keys(packages).length > 1 && problems.length === 0 ? 0 : 1);
