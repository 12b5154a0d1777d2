// Pure geometry of the latent map: views, polygons, room. No DOM.
//
// Data coordinates have y upwards. A view is {cx, cy, scale, width, height}: the data point in the middle, device
// pixels per data unit (the same on both axes) and the size of the picture in device pixels.

const MARGIN = 0.06;
const IMAGE_SIDE = 52;
const IMAGE_GAP = 6;
const MOST_IMAGES = 80;
const MOST_COVERED = 0.16;
const IMAGE_DISTANCES = [10, 34, 64];
const DIRECTIONS = [[1, -1], [-1, -1], [1, 1], [-1, 1], [1, 0], [-1, 0], [0, -1], [0, 1]];

/** The box of the finite points: {x0, x1, y0, y1, count}; all zero where no point is finite. */
export function extentOf(x, y) {
  let x0 = Infinity, x1 = -Infinity, y0 = Infinity, y1 = -Infinity, count = 0;
  for (let i = 0; i < x.length; i += 1) {
    const a = x[i], b = y[i];
    if (!(a - a === 0 && b - b === 0)) continue;
    if (a < x0) x0 = a;
    if (a > x1) x1 = a;
    if (b < y0) y0 = b;
    if (b > y1) y1 = b;
    count += 1;
  }
  return count ? { x0, x1, y0, y1, count } : { x0: 0, x1: 0, y0: 0, y1: 0, count: 0 };
}

/** The view of a picture of width x height that contains `bounds` with a margin, at equal scale on both axes. */
export function viewOf(bounds, width, height, margin = 0) {
  const wide = bounds.x1 - bounds.x0, high = bounds.y1 - bounds.y0;
  const cx = bounds.x0 + wide / 2, cy = bounds.y0 + high / 2;
  const usable = 1 - 2 * margin;
  let scale = Math.min((width * usable) / wide, (height * usable) / high);
  // One point, or all on one spot: any scale shows it; one unit of its own size fills half the picture.
  if (!Number.isFinite(scale)) scale = Math.min(width, height) / (2 * Math.max(1, Math.abs(cx), Math.abs(cy)));
  if (!(scale > 0)) scale = 1;
  return { cx, cy, scale, width, height };
}

export function fitView(extent, width, height) {
  return viewOf(extent, width, height, MARGIN);
}

/** What a view shows: {x0, x1, y0, y1} in data coordinates. */
export function boundsOf({ cx, cy, scale, width, height }) {
  const a = width / 2 / scale, b = height / 2 / scale;
  return { x0: cx - a, x1: cx + a, y0: cy - b, y1: cy + b };
}

export function toScreen(view, x, y) {
  return [(x - view.cx) * view.scale + view.width / 2, (view.cy - y) * view.scale + view.height / 2];
}

export function toData(view, px, py) {
  return [view.cx + (px - view.width / 2) / view.scale, view.cy - (py - view.height / 2) / view.scale];
}

/** Zoom by `factor` so that what lies under (px, py) stays there; the scale stays within [least, most]. */
export function zoomedAt(view, px, py, factor, least, most) {
  const scale = Math.min(Math.max(view.scale * factor, least), most);
  const [x, y] = toData(view, px, py);
  return { ...view, scale, cx: x - (px - view.width / 2) / scale, cy: y + (py - view.height / 2) / scale };
}

export function pannedBy(view, dx, dy) {
  return { ...view, cx: view.cx - dx / view.scale, cy: view.cy + dy / view.scale };
}

/** The nearest view whose middle lies within the extent, so that nobody pans into the void for good. */
export function heldNear(view, extent) {
  const half = Math.min(view.width, view.height) / view.scale / 2;
  const hold = (value, low, high) => Math.min(Math.max(value, low - half * 0.8), high + half * 0.8);
  return { ...view, cx: hold(view.cx, extent.x0, extent.x1), cy: hold(view.cy, extent.y0, extent.y1) };
}

/** Area of a closed polygon [[x, y], ...] by the shoelace formula, never negative. */
export function areaOf(polygon) {
  let twice = 0;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i, i += 1) {
    twice += polygon[j][0] * polygon[i][1] - polygon[i][0] * polygon[j][1];
  }
  return Math.abs(twice) / 2;
}

/** True inside the closed polygon by the even-odd rule, the rule the server decides by. */
export function inside(polygon, x, y) {
  let odd = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i, i += 1) {
    const [xi, yi] = polygon[i], [xj, yj] = polygon[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}

function distanceToLine([x, y], [ax, ay], [bx, by]) {
  const dx = bx - ax, dy = by - ay;
  const length2 = dx * dx + dy * dy;
  const t = length2 ? Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / length2, 0), 1) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

function thinned(line, tolerance) {
  const keep = new Uint8Array(line.length);
  keep[0] = keep[line.length - 1] = 1;
  const open = [[0, line.length - 1]];
  while (open.length) {
    const [a, b] = open.pop();
    let far = tolerance, at = -1;
    for (let i = a + 1; i < b; i += 1) {
      const distance = distanceToLine(line[i], line[a], line[b]);
      if (distance > far) [far, at] = [distance, i];
    }
    if (at < 0) continue;
    keep[at] = 1;
    open.push([a, at], [at, b]);
  }
  return line.filter((_, i) => keep[i]);
}

/** Douglas and Peucker on a closed polygon: at most `most` corners, none moved, the shape kept to `tolerance` or as
 *  closely as that many corners allow. */
export function simplified(polygon, { tolerance, most = 64 }) {
  if (polygon.length <= 3) return polygon;
  // The ring is cut at two far corners, so that neither half is a closed line.
  const [x, y] = polygon[0];
  let cut = 1;
  polygon.forEach(([a, b], i) => {
    if (Math.hypot(a - x, b - y) > Math.hypot(polygon[cut][0] - x, polygon[cut][1] - y)) cut = i;
  });
  const first = polygon.slice(0, cut + 1), second = [...polygon.slice(cut), polygon[0]];
  const at = (t) => [...thinned(first, t), ...thinned(second, t).slice(1, -1)];
  let made = at(tolerance);
  for (let t = Math.max(tolerance, Number.EPSILON) * 1.4; made.length > most; t *= 1.4) made = at(t);
  return made.length >= 3 ? made : polygon.slice(0, most);
}

/** A value rounded to four significant digits of `size` (the extent that it belongs to): short in a URL. */
export function rounded(value, size) {
  if (!(size > 0) || !Number.isFinite(size)) return Number(value.toPrecision(6));
  const digits = 3 - Math.floor(Math.log10(size));
  if (digits > 20) return value;
  const kept = digits >= 0 ? Number(value.toFixed(digits)) : Math.round(value / 10 ** -digits) * 10 ** -digits;
  return kept === 0 ? 0 : kept;
}

/** A polygon rounded to four digits of its own size, which may be far below the map's when zoomed in. */
export function roundedPolygon(polygon) {
  const xs = polygon.map(([x]) => x), ys = polygon.map(([, y]) => y);
  const size = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
  return polygon.map(([x, y]) => [rounded(x, size), rounded(y, size)]);
}

/** True where two boxes {x, y, w, h} come closer than `gap`. */
export function touching(a, b, gap = 0) {
  return a.x < b.x + b.w + gap && b.x < a.x + a.w + gap && a.y < b.y + b.h + gap && b.y < a.y + a.h + gap;
}

/**
 * Boxes beside points [{row, x, y}], in the order given: none over another, over another's point, or over the edge of
 * width x height; each where `covered(box)` (share of it that shows points) is least, left out where everything near is
 * too full of points.
 */
export function placeImages(points, { width, height, side = IMAGE_SIDE, covered, most = MOST_IMAGES }) {
  const placed = [];
  const spots = [];
  const free = (box) => {
    const off = box.x < 2 || box.y < 2 || box.x + side > width - 2 || box.y + side > height - 2;
    return !off && !placed.some((other) => touching(other, box, IMAGE_GAP)) && !spots.some((spot) => touching(spot, box, IMAGE_GAP));
  };
  for (const { row, x, y } of points) {
    if (placed.length >= most) break;
    const spot = { x, y, w: 0, h: 0 };
    if (placed.some((other) => touching(other, spot, IMAGE_GAP))) continue;
    let best = null;
    for (const far of IMAGE_DISTANCES) {
      for (const [dx, dy] of DIRECTIONS) {
        const off = (dx && dy ? far * 0.75 : far) + side / 2;
        const box = { x: x + dx * off - side / 2, y: y + dy * off - side / 2, w: side, h: side };
        if (!free(box)) continue;
        const hidden = covered(box), cost = hidden + far * 0.002;
        if (hidden <= MOST_COVERED && (best === null || cost < best.cost)) best = { ...box, row, cost, dx: box.x - x, dy: box.y - y };
      }
    }
    if (best === null) continue;
    placed.push(best);
    spots.push(spot);
  }
  return placed;
}
