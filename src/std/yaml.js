// @ts-self-types="./yaml.d.ts"
export { parse, stringify } from "@std/yaml";
