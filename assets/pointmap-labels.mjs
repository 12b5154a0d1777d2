// Words on the map: which labels have room, and where. Pure.

const GAP = 3;
const PAD = 6;
export const LABEL_HEIGHT = 18;
// Beside its centre before over it where that hides less; in the order of preference.
const OFFSETS = [[0, 0], [0, -1], [0, 1], [0.6, -1], [-0.6, -1], [0.6, 1], [-0.6, 1], [0, -2], [0, 2]];
const COST_OF_STEP = 0.35;
const MOST_HIDDEN = 10;
const ROOM_OF_EACH = 15000;

/** How wide a label is, given the width of its words. */
export function labelWidth(words) {
  return Math.ceil(words) + 2 * PAD;
}

/**
 * Boxes for labels [{key, x, y, w, size}] (centre in pixels, width, weight), the largest first, none over another or over
 * `blocked` boxes, all within width x height, and no more than one to 15,000 pixels. Each takes the place at or around its
 * centre where `cost(box)`, how many points it hides that must be seen, is least, the nearest among equals; one whose
 * centre lies outside, that finds no room or would hide more than ten is left out, to come back when the view is zoomed.
 */
export function placeLabels(labels, { width, height, cost, blocked = [] }) {
  const order = labels.map((label, i) => ({ label, i }));
  order.sort((a, b) => b.label.size - a.label.size || a.i - b.i);
  const placed = [], most = Math.max(8, (width * height) / ROOM_OF_EACH);
  for (const { label } of order) {
    if (placed.length >= most) break;
    const { x, y, w } = label;
    if (!(x >= 0 && y >= 0 && x <= width && y <= height)) continue;
    const best = bestPlace(label, (box) => fits(box, width, height, placed, blocked), cost);
    if (best !== null) placed.push({ key: label.key, x: best.x, y: best.y, w, h: LABEL_HEIGHT, dx: best.x - x, dy: best.y - y });
  }
  return placed;
}

function bestPlace({ x, y, w }, free, cost) {
  let best = null;
  OFFSETS.forEach(([across, down], step) => {
    const box = { x: x + across * w - w / 2, y: y + down * (LABEL_HEIGHT + GAP) - LABEL_HEIGHT / 2, w, h: LABEL_HEIGHT };
    if (best !== null && step * COST_OF_STEP >= best.cost) return; // even if it hid nothing
    if (!free(box)) return;
    const hidden = cost(box), own = hidden + step * COST_OF_STEP;
    if (hidden <= MOST_HIDDEN && (best === null || own < best.cost)) best = { ...box, cost: own };
  });
  return best;
}

function fits(box, width, height, placed, blocked) {
  if (box.x < 2 || box.y < 2 || box.x + box.w > width - 2 || box.y + box.h > height - 2) return false;
  const apart = (other) => box.x >= other.x + other.w + GAP || other.x >= box.x + box.w + GAP ||
    box.y >= other.y + other.h + GAP || other.y >= box.y + box.h + GAP;
  return placed.every(apart) && blocked.every(apart);
}

/** The polygon [[x, y], ...] grown by `by` away from its middle, so that an outline does not cross what it surrounds. */
export function grown(polygon, by) {
  const cx = polygon.reduce((sum, [x]) => sum + x, 0) / polygon.length;
  const cy = polygon.reduce((sum, [, y]) => sum + y, 0) / polygon.length;
  return polygon.map(([x, y]) => {
    const far = Math.hypot(x - cx, y - cy);
    return far ? [x + (by * (x - cx)) / far, y + (by * (y - cy)) / far] : [x, y];
  });
}
