// @ts-self-types="./yaml.d.ts"
export { stringify } from "@std/yaml";
