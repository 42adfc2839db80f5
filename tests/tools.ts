/** Programs that some tests need and a user may not have: such a test skips there and says so, while CI must have them. */

/** True where everything must be tested: a missing tool is a failure there. */
export const IS_CI = Deno.env.get("MIMOCORB_CI") === "1";

/**
 * Looks a program up in the search path.
 *
 * @param names Names that it may have, best one first.
 * @returns Its path, or null if none of them is there.
 */
export function findTool(...names: string[]): string | null {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  for (const name of names) {
    for (const folder of folders) {
      try {
        const { isFile, mode } = Deno.statSync(`${folder}/${name}`);
        if (isFile && ((mode ?? 0) & 0o111) !== 0) return `${folder}/${name}`;
      } catch {
        continue;
      }
    }
  }
  return null;
}

/**
 * Registers a test that needs a program. Without it the test is skipped, with the reason in its name; in CI it fails.
 *
 * @param tool Name of the program, or several that will do.
 * @param name Name of the test.
 * @param fn Gets the path of the program.
 */
export function toolTest(
  tool: string | readonly string[],
  name: string,
  fn: (path: string) => void | Promise<void>,
): void {
  const names = typeof tool === "string" ? [tool] : tool;
  const path = findTool(...names);
  const ignore = path === null && !IS_CI;
  Deno.test({
    name: ignore ? `${name} (skipped: ${names.join(" or ")} is not there)` : name,
    ignore,
    fn: () => {
      if (path === null) {
        throw new Error(`Cannot test: expected one of ${names.join(", ")} to be installed, found none`);
      }
      return fn(path);
    },
  });
}
