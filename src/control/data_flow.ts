/** Drawing of a run: which function writes, reads and observes which ring. */
import { layeredLayout, type LayoutEdge, type LayoutNode, type LayoutPoint } from "../files/layered_layout.ts";
import { px, svgDocument, svgLabel, textWidth } from "../files/svg_text.ts";
import type { FunctionPlan, Plan, RingPlan } from "../setup/plan.ts";

/** One line of text in a box. */
interface BoxLine {
  readonly text: string;
  readonly isName: boolean;
}

interface Box extends LayoutNode {
  readonly kind: "root ring" | "ring" | "function";
  readonly lines: readonly BoxLine[];
}

interface Arrow extends LayoutEdge {
  readonly kind: "data" | "observe";
}

const NAME_SIZE = 13;
const TEXT_SIZE = 11.5;
const LINE_HEIGHT = 16;
const BOX_PADDING = { x: 14, y: 9 };
/** The ends of a ring are half circles, so its text needs more room at the sides. */
const RING_PADDING_X = 24;
/** Bold letters are wider. */
const NAME_STRETCH = 1.08;
const SMALLEST_WIDTH = 96;

const PAGE_MARGIN = 24;
const HEADLINE_HEIGHT = 34;
const LEGEND_HEIGHT = 46;

/** Length of an arrow's head. */
const HEAD = 8;

/**
 * Draws the data flow of a run from left to right: rings as rounded boxes with slots and values, those fed by importers
 * filled; functions as boxes with their number of workers; dotted arrows to observers.
 *
 * @param plan The run's plan.
 * @returns An SVG document that needs nothing else and follows the reader's light or dark scheme.
 */
export function dataFlowSvg(plan: Plan): string {
  const boxes = [...plan.rings.map(ringBox), ...plan.functions.map((fkt) => functionBox(fkt, plan.dialect))];
  const arrows = plan.functions.flatMap(arrowsOf);
  const layout = layeredLayout(setupOrder(boxes, plan), arrows);
  const legend = legendText();
  const width = Math.max(layout.width, legend.width) + 2 * PAGE_MARGIN;
  const left = (width - layout.width) / 2;
  const top = PAGE_MARGIN + HEADLINE_HEIGHT;
  const height = top + layout.height + LEGEND_HEIGHT + PAGE_MARGIN / 2;
  const move = ({ x, y }: LayoutPoint) => ({ x: x + left, y: y + top });
  const boxOf = new Map(boxes.map((box) => [box.id, box]));
  const content = [
    ARROW_HEADS,
    svgLabel(`Data flow of ${plan.runName}`, { x: PAGE_MARGIN, y: PAGE_MARGIN + 8, size: 17, bold: true }),
    ...arrows.map((arrow, i) =>
      arrowText(arrow, {
        course: layout.courses[i].map(move),
        places: [move(layout.places.get(arrow.from)!), move(layout.places.get(arrow.to)!)],
        boxes: [boxOf.get(arrow.from)!, boxOf.get(arrow.to)!],
      })
    ),
    ...boxes.map((box) => boxText(box, move(layout.places.get(box.id)!))),
    `<g transform="translate(${PAGE_MARGIN} ${px(top + layout.height + LEGEND_HEIGHT - 12)})">${legend.text}</g>`,
  ];
  return svgDocument(content.join("\n"), { width, height, title: `Data flow of ${plan.runName}` });
}

const ARROW_HEADS = `<defs><marker id="head" viewBox="0 0 ${HEAD} ${HEAD}" refX="${HEAD}" refY="${HEAD / 2}" ` +
  `markerWidth="${HEAD}" markerHeight="${HEAD}" markerUnits="userSpaceOnUse" orient="auto">` +
  `<path class="f-faint" d="M0 0.8L${HEAD} ${HEAD / 2}L0 ${HEAD - 0.8}z"/></marker></defs>`;

function ringBox({ name, slots, layout, isRoot }: RingPlan): Box {
  const values = layout.valuesPerSlot === 1 ? "1 value" : `${layout.valuesPerSlot} values`;
  const fields = layout.fields.length === 1 ? "1 field" : `${layout.fields.length} fields`;
  return sizedBox({ id: ringId(name), kind: isRoot ? "root ring" : "ring" }, [
    { text: name, isName: true },
    { text: `${slots} slots × ${values}`, isName: false },
    { text: fields, isName: false },
  ]);
}

function functionBox({ name, functionName, workers, isolation }: FunctionPlan, dialect: Plan["dialect"]): Box {
  const unit = isolation === "process" ? ["process", "processes"] : ["worker", "workers"];
  const names = dialect === "v1" ? [functionName, name] : [name, functionName];
  return sizedBox({ id: functionId(name), kind: "function" }, [
    { text: names[0], isName: true },
    ...(names[0] === names[1] ? [] : [{ text: names[1], isName: false }]),
    { text: `${workers} ${unit[workers === 1 ? 0 : 1]}`, isName: false },
  ]);
}

function sizedBox(box: { id: string; kind: Box["kind"] }, lines: readonly BoxLine[]): Box {
  const textWidths = lines.map(({ text, isName }) => textWidth(text, isName ? NAME_SIZE * NAME_STRETCH : TEXT_SIZE));
  const paddingX = box.kind === "function" ? BOX_PADDING.x : RING_PADDING_X;
  const width = Math.max(Math.ceil(Math.max(...textWidths)) + 2 * paddingX, SMALLEST_WIDTH);
  return { ...box, lines, width, height: lines.length * LINE_HEIGHT + 2 * BOX_PADDING.y };
}

function arrowsOf({ name, sources, sinks, observes }: FunctionPlan): Arrow[] {
  const id = functionId(name);
  return [
    ...sources.map((ring): Arrow => ({ from: ringId(ring), to: id, kind: "data" })),
    ...observes.map((ring): Arrow => ({ from: ringId(ring), to: id, kind: "observe" })),
    ...sinks.map((ring): Arrow => ({ from: id, to: ringId(ring), kind: "data" })),
  ];
}

/** Rings and functions may have the same name. */
function ringId(name: string): string {
  return `ring ${name}`;
}

function functionId(name: string): string {
  return `function ${name}`;
}

/** Functions in the order of the setup, each with the rings it writes behind it, decide where there is a choice. */
function setupOrder(boxes: readonly Box[], plan: Plan): Box[] {
  const rank = new Map<string, number>();
  for (const { name, sinks } of plan.functions) {
    for (const id of [functionId(name), ...sinks.map(ringId)]) if (!rank.has(id)) rank.set(id, rank.size);
  }
  const rankOf = ({ id }: Box) => rank.get(id) ?? boxes.length;
  return boxes.toSorted((a, b) => rankOf(a) - rankOf(b));
}

function boxText({ kind, lines, width, height }: Box, { x, y }: LayoutPoint): string {
  const isRing = kind !== "function";
  const frame = `x="${px(x - width / 2)}" y="${px(y - height / 2)}" width="${px(width)}" height="${px(height)}" ` +
    `rx="${px(isRing ? height / 2 : 4)}"`;
  const shape = {
    "root ring": `<rect class="f-s0 l-s0" ${frame} stroke-width="1.5"/>`,
    "ring": `<rect class="f-paper" ${frame}/><rect class="f-s0 l-s0" fill-opacity="0.13" ${frame} stroke-width="1.5"/>`,
    "function": `<rect class="f-panel l-frame" ${frame} stroke-width="1.3"/>`,
  }[kind];
  const isFilled = kind === "root ring";
  const texts = lines.map(({ text, isName }, i) =>
    svgLabel(text, {
      x,
      y: y - height / 2 + BOX_PADDING.y + (i + 0.76) * LINE_HEIGHT,
      anchor: "middle",
      size: isName ? NAME_SIZE : TEXT_SIZE,
      bold: isName,
      color: isFilled ? "paper" : isName ? "ink" : "faint",
    })
  );
  return shape + texts.join("");
}

function arrowText(
  { kind }: Arrow,
  { course, places, boxes }: {
    course: readonly LayoutPoint[];
    places: readonly [LayoutPoint, LayoutPoint];
    boxes: readonly [Box, Box];
  },
): string {
  const start = course[0];
  const end = course[course.length - 1];
  const points = [
    { x: start.x - inset(boxes[0], start.y - places[0].y), y: start.y },
    ...course.slice(1, -1),
    { x: end.x + inset(boxes[1], end.y - places[1].y), y: end.y },
  ];
  let path = `M${px(points[0].x)} ${px(points[0].y)}`;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]];
    // Even points end a gap between layers, where the course may climb; the others cross a layer on one height.
    const isLast = i === points.length - 1;
    const stop = isLast ? b.x - HEAD : b.x;
    const middle = (a.x + stop) / 2;
    path += i % 2 === 0 ? `H${px(b.x)}` : `C${px(middle)} ${px(a.y)} ${px(middle)} ${px(b.y)} ${px(stop)} ${px(b.y)}`;
    if (isLast) path += `H${px(b.x)}`;
  }
  const dots = kind === "observe" ? ` stroke-dasharray="1.5 4.5" stroke-linecap="round"` : "";
  return `<path class="l-faint" stroke-width="1.5"${dots} marker-end="url(#head)" d="${path}"/>`;
}

/** How far the half circle at the end of a ring lies inside the ring's box, at a height off its middle. */
function inset({ kind, height }: Box, offset: number): number {
  if (kind === "function") return 0;
  const radius = height / 2;
  return radius - Math.sqrt(Math.max(radius * radius - offset * offset, 0));
}

function legendText(): { text: string; width: number } {
  const entries: [symbol: string, text: string][] = [
    [`<rect class="f-s0 l-s0" x="0" y="-11" width="24" height="13" rx="6.5"/>`, "ring fed by importers"],
    [`<rect class="f-s0 l-s0" fill-opacity="0.13" x="0" y="-11" width="24" height="13" rx="6.5"/>`, "ring"],
    [`<rect class="f-panel l-frame" x="0" y="-11" width="24" height="13" rx="2"/>`, "function"],
    [`<path class="l-faint" stroke-width="1.5" marker-end="url(#head)" d="M0 -4.5H24"/>`, "writes, reads all"],
    [
      `<path class="l-faint" stroke-width="1.5" stroke-dasharray="1.5 4.5" stroke-linecap="round" ` +
      `marker-end="url(#head)" d="M0 -4.5H24"/>`,
      "observes some",
    ],
  ];
  let x = 0;
  const texts = entries.map(([symbol, text]) => {
    const entry = `<g transform="translate(${px(x)} 0)">${symbol}${
      svgLabel(text, { x: 31, y: 0, color: "faint", size: TEXT_SIZE })
    }</g>`;
    x += 31 + textWidth(text, TEXT_SIZE) + 22;
    return entry;
  });
  return { text: texts.join(""), width: x - 22 };
}
