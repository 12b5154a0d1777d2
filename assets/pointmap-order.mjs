// What is drawn, in which order, and how large: pure arrays in, pure arrays out. No DOM.
//
// Points are drawn rank by rank: first what is not selected, then what is; within both the layers 0 to 3. Within a
// rank the order is a fixed shuffle of the rows: in row order the last study would cover all others.

export const LAYERS = 4;
export const RANKS = 2 * LAYERS;
const CELLS = 128;
const CELL_BITS = 14; // of a cell's number: CELLS squared
const REFERENCE_SIZE = 5;
// How often the shapes of a layer may cover a place before they shrink, and the least diameter in CSS pixels. What lies on
// top covers less, so that it does not hide all that lies below; but a few silent failures in one spot stay easy to see.
const COVERAGE = [3, 1, 1, 1];
const LEAST = [1.5, 1.75, 1.75, 2];
const FEW = 3000;
const LEAST_OF_FEW = 3.5;
const LEAST_OPACITY = 0.35;
const INK = 1023;
const RANK_SHIFT = 10;
const EMPHASIS = RANK_SHIFT + 2;
// A rank of its own behind all others: sorting is then without a branch, which random data would miss every other time.
const HIDDEN = RANKS << RANK_SHIFT;

/** A fixed pseudo-random order of 0 .. n-1 (the same for the same n). */
export function shuffledRows(n) {
  const rows = new Uint32Array(n);
  let state = 0x9e3779b9;
  for (let i = 0; i < n; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const j = ((state >>> 0) % (i + 1)) >>> 0;
    rows[i] = rows[j];
    rows[j] = i;
  }
  return rows;
}

/** Geometry made ready for ordering: finite points in shuffled order, each with its cell on a coarse grid. */
export function prepared(x, y, extent) {
  const n = extent.count;
  const made = { n, rowCount: x.length, rows: new Uint32Array(n), x: new Float32Array(n), y: new Float32Array(n), cells: new Uint16Array(n), extent };
  made.side = Math.max(extent.x1 - extent.x0, extent.y1 - extent.y0) / CELLS;
  const { side } = made;
  let k = 0;
  for (const row of shuffledRows(x.length)) {
    const a = x[row], b = y[row];
    if (!(a - a === 0 && b - b === 0)) continue;
    made.rows[k] = row;
    made.x[k] = a;
    made.y[k] = b;
    if (side > 0) {
      const column = Math.min(CELLS - 1, ((a - extent.x0) / side) | 0);
      made.cells[k] = Math.min(CELLS - 1, ((b - extent.y0) / side) | 0) * CELLS + column;
    }
    k += 1;
  }
  return made;
}

/**
 * The drawing list of the visible points: {n, x, y, ink, row, starts, counts}. `ink` holds the colour code in its
 * low byte and the shape above it; points of rank r are starts[r] .. starts[r + 1]; `counts[r]` is the rank's
 * histogram on the coarse grid (null where the rank is empty). A list is good until the next but one is made of the
 * same geometry: its arrays are used again, since fresh memory for a million points takes longer than to fill it.
 */
export function drawingList(ready, { colour, shape, layer, visible, emphasis }) {
  const { styles, own, lists } = roomOf(ready);
  packedStyles(styles, { colour, shape, layer, visible, emphasis });
  const room = lists[(ready.turn ^= 1)];
  const tally = tallied(ready, styles, own, room.histogram.fill(0));
  const starts = new Uint32Array(RANKS + 1);
  for (let r = 0; r < RANKS; r += 1) starts[r + 1] = starts[r] + tally[r];
  scatter(ready, own, starts.slice(), room);
  const n = starts[RANKS];
  const cut = (array) => array.subarray(0, n);
  return {
    n, starts, x: cut(room.x), y: cut(room.y), ink: cut(room.ink), row: cut(room.row),
    counts: Array.from({ length: RANKS }, (_, r) => (tally[r] ? room.histogram.subarray(r * CELLS ** 2, (r + 1) * CELLS ** 2) : null)),
    emphasised: emphasis !== null, side: ready.side, extent: ready.extent,
  };
}

/** Each point's style in the shuffled order, and how many points each rank has, in all and in each cell. */
function tallied({ n, rows, cells }, styles, own, histogram) {
  const tally = new Uint32Array(RANKS + 1);
  for (let k = 0; k < n; k += 1) own[k] = styles[rows[k]];
  for (let k = 0; k < n; k += 1) tally[own[k] >> RANK_SHIFT] += 1;
  for (let k = 0; k < n; k += 1) histogram[((own[k] >> RANK_SHIFT) << CELL_BITS) | cells[k]] += 1;
  return tally;
}

function scatter({ n, x, y, rows }, own, next, { x: toX, y: toY, ink, row }) {
  for (let k = 0; k < n; k += 1) {
    const style = own[k];
    const rank = style >> RANK_SHIFT, at = next[rank];
    next[rank] = at + 1;
    toX[at] = x[k];
    toY[at] = y[k];
    ink[at] = style & INK;
    row[at] = rows[k];
  }
}

/** Arrays that the lists of one geometry are made in. */
function roomOf(ready) {
  if (ready.room) return ready.room;
  const { n } = ready;
  const list = () => ({
    x: new Float32Array(n), y: new Float32Array(n), ink: new Uint16Array(n), row: new Uint32Array(n),
    histogram: new Uint32Array((RANKS + 1) * CELLS * CELLS),
  });
  ready.turn = 0;
  ready.room = { styles: new Uint16Array(ready.rowCount), own: new Uint16Array(n), lists: [list(), list()] };
  return ready.room;
}

const NONE = new Map();

/** Zeros in place of an array that is not given. */
function zeros(n) {
  if (!NONE.has(n)) {
    NONE.clear();
    NONE.set(n, new Uint8Array(n));
  }
  return NONE.get(n);
}

/** Each row's ink and rank in one number, read in row order: the shuffled order then looks up one array, not five. */
function packedStyles(styles, { colour, shape, layer, visible, emphasis }) {
  const n = styles.length;
  const none = colour && shape && layer && emphasis ? null : zeros(n);
  const [c, s, l, e] = [colour ?? none, shape ?? none, layer ?? none, emphasis ?? none];
  const all = visible === null ? 1 : 0, v = visible ?? zeros(n);
  for (let i = 0; i < n; i += 1) {
    const seen = -((v[i] & 1) | all);
    const style = c[i] | ((s[i] & 3) << 8) | ((l[i] & 3) << RANK_SHIFT) | ((e[i] & 1) << EMPHASIS);
    styles[i] = (style & seen) | (HIDDEN & ~seen);
  }
}

/** How many other points of its rank share a device pixel with a point, on average over the points in `bounds`. */
export function crowding(list, rank, bounds, scale) {
  const counts = list.counts[rank];
  if (counts === null || !(list.side > 0)) return 0;
  const { x0, y0 } = list.extent;
  const cell = (value, from) => Math.floor((value - from) / list.side);
  const c0 = Math.max(0, cell(bounds.x0, x0)), c1 = Math.min(CELLS - 1, cell(bounds.x1, x0));
  const r0 = Math.max(0, cell(bounds.y0, y0)), r1 = Math.min(CELLS - 1, cell(bounds.y1, y0));
  let points = 0, pairs = 0;
  for (let r = r0; r <= r1; r += 1) {
    for (let c = c0; c <= c1; c += 1) {
      const m = counts[r * CELLS + c];
      points += m;
      pairs += m * (m - 1);
    }
  }
  return points ? pairs / points / (list.side * scale) ** 2 : 0;
}

/**
 * Diameter (device pixels) and opacity of one rank in a crowd, and whether there is room for halos: where discs of the
 * usual size would cover each other many times they shrink, and where they can shrink no further they fade, so that
 * dense and sparse regions stay apart. `count` is the number of points of the rank.
 */
export function sizing(crowd, rank, { size, opacity, ratio, count = Infinity }) {
  const layer = rank % LAYERS;
  const area = (Math.PI / 4) * (REFERENCE_SIZE * ratio) ** 2;
  const coverage = crowd * area;
  const wanted = Math.sqrt(COVERAGE[layer] / Math.max(coverage, 1e-9));
  const few = layer === LAYERS - 1 && count <= FEW;
  const least = Math.min(1, (few ? LEAST_OF_FEW : LEAST[layer]) / size);
  const shrink = Math.min(1, Math.max(wanted, least));
  const fade = Math.min(1, (wanted / least) ** 0.7);
  return {
    diameter: Math.round(size * shrink * ratio * 4) / 4,
    opacity: opacity * Math.max(LEAST_OPACITY, fade),
    airy: coverage < 0.6,
  };
}
