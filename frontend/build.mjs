// Copies the pinned browser libraries into mulin/web/static/vendor with their licences, bundles the parts of ECharts
// and the icons we use, and removes references to source maps (manifest storage refuses a missing map).
// Usage, from this folder: npm install --package-lock=false && npm run build
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const statics = join(here, "..", "mulin", "web", "static");
const vendor = join(statics, "vendor");

const libraries = [
  {
    name: "@tabler/core", folder: "tabler", licence: join(here, "licences", "tabler-core.txt"),
    files: { "dist/css/tabler.min.css": "tabler.min.css" },
  },
  {
    name: "htmx.org", folder: "htmx", licence: "LICENSE",
    files: { "dist/htmx.min.js": "htmx.min.js" },
  },
  {
    name: "@alpinejs/csp", folder: "alpinejs", licence: join(here, "licences", "alpinejs.txt"),
    files: { "dist/cdn.min.js": "alpine-csp.min.js" },
  },
  {
    name: "maplibre-gl", folder: "maplibre", licence: "LICENSE.txt",
    files: {
      "dist/maplibre-gl.mjs": "maplibre-gl.js",
      "dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.js",
      "dist/maplibre-gl.css": "maplibre-gl.css",
    },
  },
  { name: "echarts", folder: "echarts", licence: "LICENSE", extra: { NOTICE: "NOTICE", "licenses/LICENSE-d3": "LICENSE-d3" }, files: {} },
  { name: "zrender", folder: "echarts", licence: "LICENSE", licenceName: "LICENSE-zrender", files: {} },
  { name: "tslib", folder: "echarts", licence: "LICENSE.txt", licenceName: "LICENSE-tslib", files: {} },
  { name: "@tabler/icons", folder: "tabler-icons", licence: "LICENSE", files: {} },
];

function withoutSourceMap(text) {
  return text.replace(/\/\/# sourceMappingURL=.*$/gm, "").replace(/\/\*# sourceMappingURL=[^*]*\*\//g, "").trimEnd() + "\n";
}

function copyLibrary({ name, folder, files, licence, licenceName = "LICENSE", extra = {} }) {
  const source = join(modules, name);
  const target = join(vendor, folder);
  mkdirSync(target, { recursive: true });
  for (const [from, to] of Object.entries(files)) {
    writeFileSync(join(target, to), withoutSourceMap(readFileSync(join(source, from), "utf8")));
  }
  copyFileSync(existsSync(licence) ? licence : join(source, licence), join(target, `${licenceName}.txt`));
  for (const [from, to] of Object.entries(extra)) copyFileSync(join(source, from), join(target, `${to}.txt`));
}

function describeLibrary({ name, folder, licenceName = "LICENSE" }) {
  const { version, license } = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
  return `| ${name} | ${version} | ${license} | [${folder}/${licenceName}.txt](${folder}/${licenceName}.txt) |`;
}

function symbolOf(name) {
  const svg = readFileSync(join(modules, "@tabler/icons/icons/outline", `${name}.svg`), "utf8");
  const shapes = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
}

function writeIcons() {
  const names = readFileSync(join(here, "icons.txt"), "utf8").split("\n").filter(Boolean);
  const symbols = names.map(symbolOf).join("\n");
  writeFileSync(join(vendor, "tabler-icons", "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols}\n</svg>\n`);
}

rmSync(vendor, { recursive: true, force: true });
libraries.forEach(copyLibrary);
writeIcons();
await build({
  entryPoints: [join(here, "echarts-entry.mjs")],
  outfile: join(vendor, "echarts", "echarts.js"),
  bundle: true, minify: true, format: "esm", target: "es2020", legalComments: "inline", nodePaths: [modules],
});
writeFileSync(join(vendor, "LICENSES.md"), [
  "# Libraries shipped with Mulin's pages", "",
  "Written by `frontend/build.mjs`; versions are pinned in `frontend/package.json`.", "",
  "| library | version | licence | text |", "|---|---|---|---|",
  ...libraries.map(describeLibrary), "",
].join("\n"));
