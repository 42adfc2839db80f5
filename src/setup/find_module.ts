/** Finds the module of a function that a setup names. */
import { basename, dirname } from "node:path/posix";
import { nearestWord } from "./nearest_word.ts";
import { equivalentFunctions, V2_BUILT_INS } from "./older_names.ts";
import type { Place } from "./place.ts";
import type { Reading } from "./reading.ts";
import { quoted } from "./setup_node.ts";
import { candidatePaths, fileUrl, findFile, shownPath, suggestFile } from "./setup_files.ts";

const MODULE_EXTENSIONS = [".ts", ".js", ".mts", ".mjs"];

/** Where a function's code is. */
export interface FoundFunction {
  /** URL of the module. */
  readonly module: string;
  /** Name to look for among its exports, then in camelCase. */
  readonly exportName: string;
}

/**
 * Finds a function by the file and the name that a setup gives.
 *
 * The file is looked for in the setup's folder, then in the working directory; without an extension `.ts` and `.js` are
 * tried, and instead of a `.py` file the one beside it. If there is no such file, the function is looked for among the
 * ready-made ones, by the last two parts of the path, then by the last one, also under older names.
 *
 * @param file Place of the file's name.
 * @param name The function's name, and its place.
 * @returns Where it is, or null after the problem was reported.
 */
export function findModuleFunction(file: Place, name: Place, reading: Reading): FoundFunction | null {
  const fileName = textOf(file);
  const functionName = textOf(name);
  const base = fileName.replace(/\.py$/, "");
  const hasExtension = MODULE_EXTENSIONS.some((extension) => base.endsWith(extension));
  const names = hasExtension ? [base] : [`${base}.ts`, `${base}.js`];
  // The setup's folder comes first with all extensions, then the working directory.
  const paths = names.map((candidate) => candidatePaths(candidate, reading));
  const inOrder = paths[0].flatMap((_, folder) => paths.map((candidates) => candidates[folder]));
  const found = inOrder.find((path) => reading.resolver.exists(path));
  if (found !== undefined) {
    if (base !== fileName) {
      reading.findings.note(file, `${shownPath(found, reading.resolver)} is taken instead of the Python file`);
    }
    return { module: fileUrl(found), exportName: functionName };
  }
  const moduleName = basename(base).replace(/\.[mc]?[tj]s$/, "");
  const withFolder = `${basename(dirname(base))}/${moduleName}`;
  const pairs = [[withFolder, functionName], ...equivalentFunctions(moduleName, functionName)];
  for (const [module, equivalent] of pairs) {
    const readyMade = reading.resolver.readyMade(module, equivalent);
    if (readyMade === null) continue;
    reading.findings.note(
      file,
      readyMade.notice ?? `no module of that name here, the ready-made ${module}.${equivalent} is taken`,
    );
    return { module: readyMade.module, exportName: readyMade.exportName };
  }
  refuseModule({ file, name, moduleName, base }, reading);
  return null;
}

/** Finds a ready-made function by the name `module.function`, as mimoCoRB2 names its own. */
export function findBuiltIn(name: Place, reading: Reading): FoundFunction | null {
  const functionName = textOf(name);
  const { resolver, findings } = reading;
  const dot = functionName.lastIndexOf(".");
  const pairs = dot > 0 ? equivalentFunctions(functionName.slice(0, dot), functionName.slice(dot + 1)) : [];
  let readyMade = resolver.readyMade(null, functionName);
  for (const [module, last] of pairs) readyMade ??= resolver.readyMade(module, last);
  if (readyMade !== null) {
    if (readyMade.notice !== undefined) findings.note(name, readyMade.notice);
    return { module: readyMade.module, exportName: readyMade.exportName };
  }
  if (V2_BUILT_INS.includes(functionName)) {
    findings.refuse(name, "a function that is available here", {
      found: `${quoted(functionName)}, a function of mimoCoRB2 that this version does not have yet`,
    });
  } else {
    const suggestion = nearestWord(functionName, [...resolver.readyMadeNames(), ...V2_BUILT_INS]);
    const expected = dot > 0
      ? 'a ready-made function "module.function"'
      : 'a key "file" with the module of the function, or a ready-made function "module.function"';
    findings.refuse(name, expected, { suggestion });
  }
  return null;
}

function refuseModule(
  wanted: { file: Place; name: Place; moduleName: string; base: string },
  reading: Reading,
): void {
  const { resolver, findings } = reading;
  const names = resolver.readyMadeNames().map((name) => name.split("."));
  const sameModule = names.filter(([module]) => equivalentFunctions(wanted.moduleName, "").some(([m]) => m === module));
  if (sameModule.length > 0) {
    const functions = sameModule.map((name) => name.slice(1).join("."));
    const expected = `one of ${functions.join(", ")} (ready-made, since there is no module ${
      quoted(textOf(wanted.file))
    } here)`;
    findings.refuse(wanted.name, expected, { suggestion: nearestWord(textOf(wanted.name), functions) });
    return;
  }
  const python = `${wanted.base}.py`;
  const pythonFile = findFile(python, reading);
  const isPython = pythonFile !== null;
  const folder = wanted.base.slice(0, wanted.base.length - basename(wanted.base).length);
  const readyMadeModule = nearestWord(wanted.moduleName, names.map(([module]) => module));
  findings.refuse(
    wanted.file,
    "a module (.ts or .js) in the setup's folder or the working directory, or a ready-made one",
    {
      found: isPython
        ? `only the Python file ${shownPath(pythonFile, resolver)}`
        : `none named ${quoted(textOf(wanted.file))}`,
      suggestion: suggestFile(wanted.base, reading, { extensions: MODULE_EXTENSIONS, keepExtension: false }) ??
        (readyMadeModule === null ? null : folder + readyMadeModule),
    },
  );
}

function textOf(place: Place): string {
  return place.node.kind === "scalar" ? String(place.node.value) : "";
}
