/** Where the libraries of the PicoScope software development kit are on the systems that it supports. */

/** Environment variable that names a library file, or folders with libraries. */
export const LIBRARY_VARIABLE = "MIMOCORB_PICOSCOPE_LIBRARY";

/** What {@linkcode libraryPaths} looks at. */
export interface LibrarySearch {
  /** A library file or a folder that the user named; nothing else is tried then. @default {none} */
  readonly path?: string | null;
  /** Operating system. @default `Deno.build.os` */
  readonly os?: string;
  /** Looks up an environment variable. @default `Deno.env.get` */
  readonly env?: (name: string) => string | undefined;
}

const FILE_REGEXP = /\.(so(\.\d+)*|dylib|dll)$/;

/** File names of a library, best one first. */
export function libraryFiles(library: string, os: string): readonly string[] {
  if (os === "windows") return [`${library}.dll`];
  if (os === "darwin") return [`lib${library}.dylib`];
  return [`lib${library}.so.2`, `lib${library}.so`];
}

function systemFolders(library: string, { os, env }: { os: string; env: (name: string) => string | undefined }) {
  if (os === "windows") {
    const programs = `${env("ProgramFiles") ?? "C:\\Program Files"}\\Pico Technology`;
    return [
      `${programs}\\SDK\\lib`,
      `${programs}\\PicoScope 7 T&M Stable`,
      `${programs}\\PicoScope 7 T&M Early Access`,
    ];
  }
  if (os === "darwin") {
    const framework = "/Library/Frameworks/PicoSDK.framework/Libraries";
    const app = (name: string) => `/Applications/${name}.app/Contents/Resources`;
    return [
      `${framework}/lib${library}`,
      framework,
      app("PicoScope 7 T&M"),
      app("PicoScope 7 T&M Stable"),
      app("PicoScope 7 T&M Early Access"),
    ];
  }
  return ["/opt/picoscope/lib"];
}

/**
 * Lists the places where a library may be, in the order in which they are tried: the path that the user named, or else what
 * the environment variable {@linkcode LIBRARY_VARIABLE} says, the folder of the vendor's package, and what the system's
 * loader finds by the bare name.
 *
 * @param library Name without `lib` and extension: `ps5000a`.
 */
export function libraryPaths(library: string, search: LibrarySearch = {}): string[] {
  const os = search.os ?? Deno.build.os;
  const env = search.env ?? ((name: string) => Deno.env.get(name));
  const separator = os === "windows" ? "\\" : "/";
  const files = libraryFiles(library, os);
  const within = (folder: string) => files.map((file) => `${folder.replace(/[\\/]+$/, "")}${separator}${file}`);
  const named = (place: string) => FILE_REGEXP.test(place) ? [place] : within(place);
  if (search.path) return named(search.path);
  const places = (env(LIBRARY_VARIABLE) ?? "").split(os === "windows" ? ";" : ":").filter((place) => place !== "");
  return [
    ...places.flatMap(named).filter((path) => !FILE_REGEXP.test(path) || isOf(library, path)),
    ...systemFolders(library, { os, env }).flatMap(within),
    ...files,
  ];
}

/** The variable may name one file; then it is of one family only. */
function isOf(library: string, path: string): boolean {
  return (path.split(/[\\/]/).at(-1) ?? "").replace(/^lib/, "").startsWith(`${library}.`);
}

/** What to install where a library is missing. */
export function installAdvice(library: string, os: string = Deno.build.os): string {
  if (os === "windows") return "install PicoSDK or PicoScope 7 for Windows from Pico Technology's download page";
  if (os === "darwin") return "install PicoScope 7 for macOS from Pico Technology's download page";
  return `install the package lib${library} of Pico Technology's repository for Debian and Ubuntu ` +
    `("sudo apt install lib${library}" once it is added), or name the file or its folder with library_path or ` +
    LIBRARY_VARIABLE;
}
