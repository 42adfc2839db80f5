/**
 * Checks that imports point only downwards through the layers, that code imports outside packages only by the names of the
 * import map, and that examples and docs use the public module. Prints each import that does not, and exits 1.
 */
const LAYERS: readonly (readonly string[])[] = [
  ["src/std"],
  ["drivers", "src/record"],
  ["src/pulses", "src/files"],
  ["src/ring"],
  ["src/setup"],
  ["src/worker"],
  ["src/functions"],
  ["src/control"],
  ["src/monitor"],
  ["src/cli"],
];

/** Names that any layer may import, beside its own files and lower layers. */
const OUTSIDE_REGEXP = /^(node:|@std\/|[a-z][a-z0-9-]*(\/|$))/;
/** Files of the top folder that code may import: the package's own name and version. */
const TOP_FILES: readonly string[] = ["deno.json"];
const IMPORT_REGEXP =
  /(?:^|\n)\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

function layerOf(path: string): number {
  return LAYERS.findIndex((folders) => folders.some((folder) => path.startsWith(`${folder}/`)));
}

function normalize(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sourceFiles(path);
    else if (/\.(ts|js)$/.test(entry.name) && !entry.name.endsWith(".d.ts")) yield path;
  }
}

/** What is wrong with the imports of one file: `path: imports x: why`. */
export function importProblems(path: string, text: string): string[] {
  const problems: string[] = [];
  const layer = layerOf(path);
  for (const match of text.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(IMPORT_REGEXP)) {
    const specifier = match[1] ?? match[2];
    if (!specifier.startsWith(".")) {
      if (!OUTSIDE_REGEXP.test(specifier) || specifier === "@mimocorb/daq") {
        problems.push(`${path}: imports "${specifier}": expected a relative path or a name of the import map`);
      }
      continue;
    }
    const target = normalize(path, specifier);
    if (TOP_FILES.includes(target)) continue;
    const targetLayer = layerOf(target);
    if (targetLayer < 0) problems.push(`${path}: imports "${target}", which is in no layer`);
    else if (targetLayer > layer) problems.push(`${path}: imports "${target}" of a higher layer`);
    else if (targetLayer === layer && !sameFolder(path, target)) {
      problems.push(`${path}: imports "${target}" of another folder of the same layer`);
    }
  }
  return problems;
}

function sameFolder(a: string, b: string): boolean {
  const folderOf = (path: string) => LAYERS.flat().find((folder) => path.startsWith(`${folder}/`));
  return folderOf(a) === folderOf(b);
}

if (import.meta.main) {
  const problems: string[] = [];
  let files = 0;
  for (const folder of ["drivers", "src"]) {
    for (const path of sourceFiles(folder)) {
      files++;
      problems.push(...importProblems(path, Deno.readTextFileSync(path)));
    }
  }
  for (const problem of problems) console.error(problem);
  console.log(`${files} files, ${problems.length} imports that do not point downwards`);
  Deno.exit(problems.length > 0 ? 1 : 0);
}
