/** Placement of a directed graph in layers from left to right, as data-flow drawings need it. */

/** A box to be placed. */
export interface LayoutNode {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** An arrow between two boxes. */
export interface LayoutEdge {
  readonly from: string;
  readonly to: string;
}

/** A point of the drawing; y grows downwards. */
export interface LayoutPoint {
  readonly x: number;
  readonly y: number;
}

/** Where everything goes. */
export interface LayeredLayout {
  readonly width: number;
  readonly height: number;
  /** Middle of each box. */
  readonly places: ReadonlyMap<string, LayoutPoint>;
  /**
   * Course of each edge, in the order given: from the right side of its first box to the left side of its last one, with
   * two points for each layer that it passes through without touching a box there.
   */
  readonly courses: readonly (readonly LayoutPoint[])[];
}

/** Options of {@linkcode layeredLayout}, in pixels. */
export interface LayeredLayoutOptions {
  /** Space between layers. @default {64} */
  layerGap?: number;
  /** Space between the boxes of a layer. @default {24} */
  nodeGap?: number;
}

/** Height that an edge needs where it passes through a layer. */
const PASSAGE_HEIGHT = 4;

const SWEEPS = 24;

/** Distance between the arrows at one side of a box, and the part of its height that they use. */
const PORT_DISTANCE = 13;
const PORT_SPREAD = 0.62;

/** A box, or the passage of an edge through a layer. */
interface Cell {
  readonly node: LayoutNode | null;
  readonly layer: number;
  readonly height: number;
  readonly before: Cell[];
  readonly after: Cell[];
  /** Index in its layer. */
  order: number;
  y: number;
}

/**
 * Places boxes so that all edges point to the right, few of them cross and connected boxes lie at similar heights.
 * Method: layers by longest path, order by repeated barycentres, heights by least squares that keep order and distance
 * (after K. Sugiyama, S. Tagawa, M. Toda, IEEE Trans. Syst. Man Cybern. 11 (1981) 109).
 *
 * @param nodes The boxes; their order decides where the rest leaves a choice.
 * @param edges The arrows. An edge that closes a cycle is drawn, but does not count for the layers.
 */
export function layeredLayout(
  nodes: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
  options: LayeredLayoutOptions = {},
): LayeredLayout {
  const { layerGap = 64, nodeGap = 24 } = options;
  const layerOf = assignLayers(nodes, edges);
  const cells = new Map(nodes.map((node) => [node.id, newCell(node, layerOf.get(node.id)!)]));
  const layers: Cell[][] = Array.from({ length: Math.max(...layerOf.values(), 0) + 1 }, () => []);
  for (const cell of cells.values()) layers[cell.layer].push(cell);
  const chains = edges.map(({ from, to }) => chainOf(cells.get(from)!, cells.get(to)!, layers));
  orderLayers(layers);
  placeHeights(layers, nodeGap);
  const widths = layers.map((layer) => Math.max(...layer.map(({ node }) => node?.width ?? 0)));
  const lefts: number[] = [];
  let width = 0;
  for (const layerWidth of widths) {
    lefts.push(width);
    width += layerWidth + layerGap;
  }
  const all = layers.flat();
  const top = Math.min(...all.map(({ y, height }) => y - height / 2));
  const bottom = Math.max(...all.map(({ y, height }) => y + height / 2));
  for (const cell of all) cell.y -= top;
  const middleOf = ({ layer }: Cell) => lefts[layer] + widths[layer] / 2;
  const places = new Map([...cells].map(([id, cell]) => [id, { x: middleOf(cell), y: cell.y }]));
  const outPorts = portHeights(chains, "out");
  const inPorts = portHeights(chains, "in");
  const courses = chains.map((chain, i) =>
    chain.flatMap((cell, k): LayoutPoint[] => {
      const x = middleOf(cell);
      if (k === 0) return [{ x: x + cell.node!.width / 2, y: outPorts[i] }];
      if (k === chain.length - 1) return [{ x: x - cell.node!.width / 2, y: inPorts[i] }];
      return [{ x: lefts[cell.layer], y: cell.y }, { x: lefts[cell.layer] + widths[cell.layer], y: cell.y }];
    })
  );
  return { width: Math.max(width - layerGap, 0), height: bottom - top, places, courses };
}

function newCell(node: LayoutNode | null, layer: number): Cell {
  return { node, layer, height: node?.height ?? PASSAGE_HEIGHT, before: [], after: [], order: 0, y: 0 };
}

/** Layers by the longest way from a beginning; a beginning itself stands directly before what it leads to. */
function assignLayers(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Map<string, number> {
  const layerOf = new Map<string, number>();
  const open = new Set<string>();
  const visit = (id: string): number => {
    const known = layerOf.get(id);
    if (known !== undefined) return known;
    open.add(id);
    const before = edges.filter(({ from, to }) => to === id && !open.has(from)).map(({ from }) => visit(from));
    open.delete(id);
    const layer = Math.max(...before, -1) + 1;
    layerOf.set(id, layer);
    return layer;
  };
  for (const { id } of nodes) visit(id);
  for (const { id } of nodes) {
    if (edges.some(({ to }) => to === id)) continue;
    const after = edges.filter(({ from }) => from === id).map(({ to }) => layerOf.get(to)!);
    if (after.length > 0) layerOf.set(id, Math.max(Math.min(...after) - 1, 0));
  }
  return layerOf;
}

/** Links two boxes, through a passage in every layer between them. */
function chainOf(from: Cell, to: Cell, layers: Cell[][]): Cell[] {
  const chain = [from];
  for (let layer = from.layer + 1; layer < to.layer; layer++) {
    const passage = newCell(null, layer);
    layers[layer].push(passage);
    chain.push(passage);
  }
  chain.push(to);
  if (from.layer >= to.layer) return chain;
  for (let i = 1; i < chain.length; i++) {
    chain[i - 1].after.push(chain[i]);
    chain[i].before.push(chain[i - 1]);
  }
  return chain;
}

/** Orders every layer by the middle of its neighbours' places, to and fro, and keeps the order with fewest crossings. */
function orderLayers(layers: Cell[][]): void {
  const number = (layer: Cell[]) => layer.forEach((cell, i) => cell.order = i);
  layers.forEach(number);
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(layers);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const isForward = sweep % 2 === 0;
    for (const layer of isForward ? layers : layers.toReversed()) {
      const middle = new Map(layer.map((cell) => {
        const neighbours = isForward ? cell.before : cell.after;
        return [cell, neighbours.length === 0 ? cell.order : mean(neighbours.map(({ order }) => order))];
      }));
      layer.sort((a, b) => middle.get(a)! - middle.get(b)!);
      number(layer);
    }
    const count = crossings(layers);
    if (count >= fewest) continue;
    fewest = count;
    best = layers.map((layer) => [...layer]);
  }
  best.forEach((layer, i) => layers[i] = layer);
  layers.forEach(number);
}

function crossings(layers: readonly (readonly Cell[])[]): number {
  let count = 0;
  for (const layer of layers) {
    const links = layer.flatMap((from) => from.after.map((to) => [from.order, to.order]));
    for (let i = 0; i < links.length; i++) {
      for (let k = i + 1; k < links.length; k++) {
        if ((links[i][0] - links[k][0]) * (links[i][1] - links[k][1]) < 0) count++;
      }
    }
  }
  return count;
}

/** Moves every cell towards the middle of its neighbours, again and again, without changing the order. */
function placeHeights(layers: readonly Cell[][], gap: number): void {
  for (const layer of layers) settle(layer, layer.map(() => 0), gap);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0;
    for (const layer of isForward ? layers : layers.toReversed()) {
      const wanted = layer.map(({ before, after, y }) => {
        const neighbours = isForward ? [...before, ...before, ...after] : [...before, ...after, ...after];
        return neighbours.length === 0 ? y : mean(neighbours.map((cell) => cell.y));
      });
      settle(layer, wanted, gap);
    }
  }
}

/**
 * Places the cells of a layer as near to where they want to be as their order and the gaps allow. With the least
 * distances taken off this is a regression with ascending values, solved by pooling neighbours that violate the order.
 */
function settle(layer: readonly Cell[], wanted: readonly number[], gap: number): void {
  const offsets: number[] = [];
  let offset = 0;
  layer.forEach((cell, i) => {
    if (i > 0) offset += (layer[i - 1].height + cell.height) / 2 + gap;
    offsets.push(offset);
  });
  const pools: { sum: number; count: number }[] = [];
  for (const [i, y] of wanted.entries()) {
    let pool = { sum: y - offsets[i], count: 1 };
    for (let last = pools.at(-1); last !== undefined && last.sum / last.count > pool.sum / pool.count;) {
      pools.pop();
      pool = { sum: pool.sum + last.sum, count: pool.count + last.count };
      last = pools.at(-1);
    }
    pools.push(pool);
  }
  let i = 0;
  for (const { sum, count } of pools) {
    for (const end = i + count; i < end; i++) layer[i].y = sum / count + offsets[i];
  }
}

/** Spreads the arrows at one side of a box over its height, in the order of their other ends. */
function portHeights(chains: readonly (readonly Cell[])[], side: "out" | "in"): number[] {
  const heights = chains.map(() => 0);
  const byCell = new Map<Cell, number[]>();
  for (const [i, chain] of chains.entries()) {
    const cell = side === "out" ? chain[0] : chain[chain.length - 1];
    byCell.set(cell, [...byCell.get(cell) ?? [], i]);
  }
  for (const [cell, indices] of byCell) {
    const otherY = (i: number) => side === "out" ? chains[i][1].y : chains[i][chains[i].length - 2].y;
    indices.sort((a, b) => otherY(a) - otherY(b));
    const distance = Math.min(PORT_DISTANCE, cell.height * PORT_SPREAD / Math.max(indices.length - 1, 1));
    indices.forEach((index, k) => heights[index] = cell.y + (k - (indices.length - 1) / 2) * distance);
  }
  return heights;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
