/** A module with an endless loop outside of its functions. */
for (;;);

export function countSource(): void {}
