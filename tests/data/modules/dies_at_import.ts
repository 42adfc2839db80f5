/** A module that ends its process when it is loaded. */
await new Promise((resolve) => setTimeout(resolve, 10));
Deno.stderr.writeSync(new TextEncoder().encode("last words\n"));
Deno.kill(Deno.pid, "SIGKILL");

export function countSource(): void {}
