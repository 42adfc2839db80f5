# Its twin in TypeScript is missing.
