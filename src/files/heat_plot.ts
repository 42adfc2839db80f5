/** Drawings of histograms of two variables as SVG documents. */
import { PlotAxes } from "./plot_axes.ts";
import { px, svgDocument, svgLabel } from "./svg_text.ts";

/** Counts of two variables in equal bins. */
export interface PlottedHeat {
  /** Range and number of bins of the first variable. */
  readonly xRange: readonly [min: number, max: number, bins: number];
  /** Range and number of bins of the second variable. */
  readonly yRange: readonly [min: number, max: number, bins: number];
  /** Entries per bin: all of the lowest y by rising x, then those of the next y. */
  readonly counts: ArrayLike<number>;
}

const SIZE = { width: 620, height: 440 };
const MARGIN = { left: 78, right: 20, top: 48, bottom: 40 };
/** Finer bins are drawn together. */
const MOST_CELLS = 128;
/** Steps of brightness; a bin with a single entry gets the first. */
const LEVELS = 16;

/** Draws such a histogram, the fullest bin the brightest. */
export function heatPlot({ xRange, yRange, counts }: PlottedHeat, options: { readonly title: string }): string {
  const { title } = options;
  const [xMin, xMax, xBins] = xRange;
  const [yMin, yMax, yBins] = yRange;
  const xStep = Math.max(1, Math.ceil(xBins / MOST_CELLS));
  const yStep = Math.max(1, Math.ceil(yBins / MOST_CELLS));
  const columns = Math.ceil(xBins / xStep);
  const cells = new Float64Array(columns * Math.ceil(yBins / yStep));
  let entries = 0;
  for (let row = 0; row < yBins; row++) {
    for (let column = 0; column < xBins; column++) {
      const count = counts[row * xBins + column];
      entries += count;
      cells[Math.floor(row / yStep) * columns + Math.floor(column / xStep)] += count;
    }
  }
  const highest = cells.reduce((most, count) => Math.max(most, count), 0);
  const area = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: SIZE.width - MARGIN.left - MARGIN.right,
    height: SIZE.height - MARGIN.top - MARGIN.bottom,
  };
  const axes = new PlotAxes(area, {
    x: { range: [xMin, xMax], title: "" },
    y: { range: [yMin, yMax], title: "" },
  });
  const left = (column: number) => px(axes.x(xMin + (xMax - xMin) * Math.min(1, column * xStep / xBins)));
  const bottom = (row: number) => px(axes.y(yMin + (yMax - yMin) * Math.min(1, row * yStep / yBins)));
  const paths = new Array<string>(LEVELS + 1).fill("");
  const levelOf = (cell: number) => highest > 0 && cells[cell] > 0 ? Math.ceil(LEVELS * cells[cell] / highest) : 0;
  for (let row = 0; row * columns < cells.length; row++) {
    // Neighbours of one brightness are one shape.
    for (let column = 0; column < columns;) {
      const level = levelOf(row * columns + column);
      let end = column + 1;
      while (end < columns && levelOf(row * columns + end) === level) end++;
      if (level > 0) paths[level] += `M${left(column)} ${bottom(row)}H${left(end)}V${bottom(row + 1)}H${left(column)}z`;
      column = end;
    }
  }
  const shapes = paths.map((path, level) =>
    path === "" ? "" : `<path style="fill:inherit" fill-opacity="${level / LEVELS}" d="${path}"/>`
  );
  const cell = xStep * yStep > 1 ? `${xStep} × ${yStep} bins together` : "bin";
  const content = [
    axes.background(),
    `<g class="f-s0" stroke="none">${shapes.join("")}</g>`,
    axes.foreground(),
    svgLabel(title, { x: 20, y: 24, size: 17, bold: true }),
    svgLabel(`Σ ${entries}  ·  at most ${highest} per ${cell}`, {
      x: SIZE.width - MARGIN.right,
      y: 41,
      anchor: "end",
    }),
  ];
  return svgDocument(content.join("\n"), { ...SIZE, title });
}
