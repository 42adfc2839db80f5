/** Compiles C sources into a shared library in the user's cache folder, once per content. */

/** How {@linkcode compileLibrary} compiles; for tests and sanitizer builds. */
export interface CompileOptions {
  /** Compiler command. @default {$CC, or "cc"} */
  compiler?: string;
  /** Further compiler flags. @default {[]} */
  flags?: readonly string[];
  /** Folder for the library. @default {"mimocorb" in $XDG_CACHE_HOME or ~/.cache; without a home in the system's temporary folder} */
  cacheDirectory?: string;
}

const FLAGS = ["-std=gnu11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra"];

/** The user's cache folder; without a home one in the system's temporary folder, which must be the user's own. */
function cacheFolder(name: string): string {
  const home = Deno.env.get("HOME");
  const cache = Deno.env.get("XDG_CACHE_HOME") || (home ? `${home}/.cache` : null);
  if (cache !== null) return `${cache}/mimocorb`;
  const folder = `${Deno.env.get("TMPDIR") || "/tmp"}/mimocorb-${Deno.uid()}`;
  refuseForeign(name, folder);
  return folder;
}

async function contentHash(parts: readonly string[]): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts.join("\0")));
  return Array.from(new Uint8Array(digest).subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Where everybody may write, somebody else may have made the folder before, and put a library into it. */
function refuseForeign(name: string, folder: string): void {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = Deno.statSync(folder);
  const permissions = (mode ?? 0) & 0o777;
  if (uid === Deno.uid() && (permissions & 0o022) === 0) return;
  throw new Error(
    `Cannot compile the helper "${name}": expected a cache folder that only you may write to, found "${folder}" of user ` +
      `${uid} with permissions ${permissions.toString(8)}; set XDG_CACHE_HOME to a folder of your own`,
  );
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Compiles C sources, unless that has been done before with the same content, compiler and flags.
 *
 * @param name Name of the library, for its file name and for messages.
 * @param sources Source text by file name; the `.c` files are compiled together, headers are found beside them.
 * @param options See {@linkcode CompileOptions}.
 * @returns Path of the shared library.
 * @throws {Error} If there is no compiler, it reports an error, or the folder cannot be written; says what to do.
 */
export async function compileLibrary(
  name: string,
  sources: Readonly<Record<string, string>>,
  options: CompileOptions = {},
): Promise<string> {
  const compiler = options.compiler ?? (Deno.env.get("CC") || "cc");
  const flags = [...FLAGS, ...(options.flags ?? [])];
  const hash = await contentHash([Deno.build.target, compiler, ...flags, ...Object.entries(sources).flat()]);
  const folder = options.cacheDirectory ?? cacheFolder(name);
  const library = `${folder}/${name}-${hash}.so`;
  if (exists(library)) return library;

  let work: string;
  try {
    Deno.mkdirSync(folder, { recursive: true });
    work = Deno.makeTempDirSync({ dir: folder, prefix: `${name}-` });
  } catch (cause) {
    throw new Error(
      `Cannot compile the helper "${name}": cannot write to the cache folder "${folder}" (${
        (cause as Error).message
      }); ` +
        `set XDG_CACHE_HOME to a folder that can be written`,
      { cause },
    );
  }
  try {
    for (const [file, text] of Object.entries(sources)) Deno.writeTextFileSync(`${work}/${file}`, text);
    const files = Object.keys(sources).filter((file) => file.endsWith(".c"));
    let output: Deno.CommandOutput;
    try {
      // CC may hold flags, too, as in `CC="gcc -m64"`.
      const [command, ...ownFlags] = compiler.trim().split(/\s+/);
      output = await new Deno.Command(command, {
        args: [...ownFlags, ...flags, "-o", `${name}.so`, ...files],
        cwd: work,
        stdout: "null",
        stderr: "piped",
      }).output();
    } catch (cause) {
      throw new Error(
        `Cannot compile the helper "${name}": expected a C compiler, found no command "${compiler}"; install one ` +
          `(Debian and Ubuntu: "sudo apt install gcc", Fedora: "sudo dnf install gcc") or set CC to its name`,
        { cause },
      );
    }
    if (!output.success) {
      throw new Error(
        `Cannot compile the helper "${name}": "${compiler}" ended with code ${output.code}; it needs C11 atomics and the ` +
          `Linux headers (Debian and Ubuntu: "sudo apt install gcc libc6-dev"). Its words:\n` +
          new TextDecoder().decode(output.stderr).trim(),
      );
    }
    // A rename puts the finished library in place, so that programs that start at the same time never see half of it.
    Deno.renameSync(`${work}/${name}.so`, library);
    return library;
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
}
