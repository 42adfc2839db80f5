/** Stacks without the lines that tell a user nothing. */

/** Where the package's own code is. */
const PACKAGE_SOURCES = new URL("../", import.meta.url).href;

/** Code of the runtime. */
const RUNTIME = /\((ext|node):|^\s+at (ext|node):|<anonymous>/;

/**
 * Keeps the message of a stack and those lines that are in modules of users; the whole stack if there are none.
 *
 * @param stack As the engine prints it.
 */
export function userStack(stack: string): string {
  const lines = stack.split("\n");
  const isFrame = (line: string) => /^\s+at /.test(line);
  const isUsers = (line: string) => !line.includes(PACKAGE_SOURCES) && !RUNTIME.test(line);
  const users = lines.filter((line) => !isFrame(line) || isUsers(line));
  return users.some(isFrame) ? users.join("\n") : stack;
}
