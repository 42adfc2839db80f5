// @ts-self-types="./uplot.d.ts"
// For the type checker only: under this name the run serves the file of the package itself (assets.ts).
export { default } from "uplot/dist/uPlot.esm.js";
