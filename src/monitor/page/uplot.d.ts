/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
export { default } from "uplot/dist/uPlot.d.ts";
