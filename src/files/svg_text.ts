/** Pieces of SVG documents that stand for themselves: no style sheet, script or font from elsewhere. */

/** Fonts of all drawings; each machine has one of them. */
export const FONT = `-apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif`;

/** Colours of lines and areas, distinct also for people who tell few colours apart; light and dark background. */
export const SERIES_COLORS: readonly { readonly light: string; readonly dark: string }[] = [
  { light: "#0b62c4", dark: "#5aa9ff" },
  { light: "#d1490c", dark: "#ff9a5c" },
  { light: "#0a7f5a", dark: "#3fd4a3" },
  { light: "#a02c8d", dark: "#f08be0" },
  { light: "#8a6d00", dark: "#e6c74c" },
  { light: "#4b3fb5", dark: "#a79bff" },
  { light: "#b3123b", dark: "#ff7b97" },
  { light: "#4f5b66", dark: "#aebac6" },
];

/** Colours of everything else. */
const LIGHT = {
  paper: "#ffffff",
  panel: "#fafbfc",
  ink: "#1a1f26",
  faint: "#5a6572",
  grid: "#dfe3e8",
  frame: "#9aa5b1",
  trigger: "#c62828",
};
const DARK: typeof LIGHT = {
  paper: "#14181d",
  panel: "#1b2027",
  ink: "#e8ecf1",
  faint: "#9eabb9",
  grid: "#2e3640",
  frame: "#5b6774",
  trigger: "#ff6b6b",
};

/** Makes a text safe to stand in an SVG document, also inside quotes; control characters, which XML forbids, go. */
export function escapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "#39" };
  return text.replace(/[&<>"']/g, (c) => `&${names[c]};`).replace(/(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu, "\ufffd");
}

/** Writes a coordinate with a tenth of a pixel, which is as fine as one sees. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Classes that fill (`f-…`) and stroke (`l-…`) with the named colours; image viewers know no CSS variables. */
function colorRules(theme: "light" | "dark"): string {
  const named = Object.entries(theme === "light" ? LIGHT : DARK);
  const series = SERIES_COLORS.map((color, i): [string, string] => [`s${i}`, color[theme]]);
  return [...named, ...series].map(([name, color]) => `.f-${name}{fill:${color}}.l-${name}{stroke:${color}}`).join("");
}

/**
 * Puts a drawing into a document of its own. It can use the classes `f-…` for filled shapes and `l-…` for lines with the
 * colours `ink`, `faint`, `grid`, `frame`, `paper`, `panel`, `trigger` and `s0` … `s7`, which follow the reader's light
 * or dark scheme.
 *
 * @param content SVG elements.
 * @param page Size in pixels and a title for readers who cannot see the drawing.
 */
export function svgDocument(content: string, page: { width: number; height: number; title: string }): string {
  const { width, height, title } = page;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" ` +
    `height="${px(height)}" role="img" font-family='${FONT}' font-size="12">
<title>${escapeXml(title)}</title>
<style>path,line,polyline{fill:none}${colorRules("light")}
@media (prefers-color-scheme: dark){${colorRules("dark")}}</style>
<rect class="f-paper" width="100%" height="100%"/>
${content}
</svg>
`;
}

/** Writes a text element. */
export function svgLabel(
  text: string,
  place: {
    x: number;
    y: number;
    /** Name of the colour. @default {"ink"} */
    color?: string;
    /** @default {"start"} */
    anchor?: "start" | "middle" | "end";
    /** Font size in pixels. @default {12} */
    size?: number;
    /** @default {false} */
    bold?: boolean;
    /** Turned by so many degrees. @default {0} */
    turn?: number;
  },
): string {
  const { x, y, color = "ink", anchor = "start", size = 12, bold = false, turn = 0 } = place;
  const attributes = [
    `class="f-${color}"`,
    anchor === "start" ? "" : `text-anchor="${anchor}"`,
    size === 12 ? "" : `font-size="${size}"`,
    bold ? `font-weight="600"` : "",
    turn === 0 ? "" : `transform="rotate(${turn} ${px(x)} ${px(y)})"`,
  ].filter((attribute) => attribute !== "").join(" ");
  return `<text x="${px(x)}" y="${px(y)}" ${attributes}>${escapeXml(text)}</text>`;
}

/** Estimates how wide a text is, in pixels; a little too wide rather than too narrow. */
export function textWidth(text: string, size = 12): number {
  let ems = 0;
  for (const c of text) {
    ems += /[iljtfr.,:;'|!()[\]\s]/.test(c) ? 0.38 : /[mwMW@%]/.test(c) ? 0.95 : /[A-Z]/.test(c) ? 0.72 : 0.6;
  }
  return ems * size;
}
