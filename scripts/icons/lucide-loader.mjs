import { dirname, join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";

const DRAWN = join(import.meta.dirname, "../../components/kit/drawn-icon.ts");

/**
 * What next.config.js puts in the place of an icon of lucide-react: one path in one svg, drawn by components/kit/drawn-icon.ts. Lucide's
 * own modules bring two kilobytes of settings that nothing here uses to every page, and up to eight elements to each icon of a row.
 * An icon with more than outlines stays as it is.
 */
export default function lucideLoader(source) {
  const done = this.async();
  import(pathToFileURL(this.resourcePath).href).then(
    ({ __iconData: icon }) => {
      const path = icon ? pathOf(icon.node) : null;
      done(null, path === null ? source : moduleOf(path, dirname(this.resourcePath)));
    },
    (error) => done(error),
  );
}

function moduleOf(path, folder) {
  // Aliases of the project do not hold in packages.
  const drawn = relative(folder, DRAWN).split(sep).join("/");
  return `import { drawnIcon } from "${drawn}";\nexport default drawnIcon(${JSON.stringify(path)});\n`;
}

/** The elements of an icon as the data of one path; null if one of them has more than its outline. */
export function pathOf(node) {
  const parts = node.map(([tag, { key: _, ...outline }]) => {
    const { names, draw } = SHAPES[tag] ?? { names: [] };
    return draw && Object.keys(outline).every((name) => names.includes(name)) ? draw(outline) : null;
  });
  return parts.includes(null) ? null : parts.join("");
}

const arc = (rx, ry, dx, dy) => `a${rx} ${ry} 0 0 1 ${dx} ${dy}`;
const round = (cx, cy, rx, ry) =>
  `M${Number(cx) - rx} ${cy}${arc(rx, ry, 2 * rx, 0)}${arc(rx, ry, -2 * rx, 0)}z`;

const SHAPES = {
  path: { names: ["d"], draw: ({ d }) => fromAnywhere(d) },
  // A dot is filled by its own line.
  circle: {
    names: ["cx", "cy", "r", "fill"],
    draw: ({ cx, cy, r, fill }) => (fill && r > 0.5 ? null : round(cx, cy, Number(r), Number(r))),
  },
  ellipse: {
    names: ["cx", "cy", "rx", "ry"],
    draw: ({ cx, cy, rx, ry }) => round(cx, cy, Number(rx), Number(ry)),
  },
  line: { names: ["x1", "y1", "x2", "y2"], draw: ({ x1, y1, x2, y2 }) => `M${x1} ${y1}L${x2} ${y2}` },
  polyline: { names: ["points"], draw: ({ points }) => `M${points}` },
  polygon: { names: ["points"], draw: ({ points }) => `M${points}z` },
  rect: { names: ["x", "y", "width", "height", "rx", "ry"], draw: rectangle },
};

function rectangle({ x = 0, y = 0, width, height, rx, ry }) {
  const [a, b] = [Number(rx ?? ry ?? 0), Number(ry ?? rx ?? 0)];
  const [across, down] = [width - 2 * a, height - 2 * b];
  return (
    `M${Number(x) + a} ${y}h${across}${arc(a, b, a, b)}v${down}${arc(a, b, -a, b)}` +
    `h${-across}${arc(a, b, -a, -b)}v${-down}${arc(a, b, a, -b)}z`
  );
}

/** A path may begin with `m`, which counts from the origin there only; pairs after it are lines from where it went. */
function fromAnywhere(d) {
  const start = /^\s*m\s*(-?\d*\.?\d+)[\s,]*(-?\d*\.?\d+)[\s,]*/.exec(d);
  if (!start) {
    return d;
  }
  const rest = d.slice(start[0].length);
  return `M${start[1]} ${start[2]}${/^[-.\d]/.test(rest) ? "l" : ""}${rest}`;
}
