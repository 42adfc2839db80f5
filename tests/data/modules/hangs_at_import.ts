/** A module that cannot be loaded in any time. */
await new Promise(() => setInterval(() => {}, 1000));

export function countSource(): void {}
