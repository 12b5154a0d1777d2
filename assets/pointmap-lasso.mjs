// The lasso: painted into a small mask, in which every point is looked up. No DOM.
// The mask answers within a pixel, at once, for any number of points; the server decides exactly.

/**
 * The polygon (data coordinates) as a mask over its own bounding box by the even-odd rule: {width, height, bits, x0,
 * y0, scale}; cell (column, row) covers the data point x0 + (column + .5) / scale, y0 + (row + .5) / scale.
 */
export function maskOf(polygon, cells = 768) {
  const xs = polygon.map(([x]) => x), ys = polygon.map(([, y]) => y);
  const x0 = Math.min(...xs), y0 = Math.min(...ys);
  const wide = Math.max(...xs) - x0, high = Math.max(...ys) - y0;
  const scale = cells / Math.max(wide, high, Number.MIN_VALUE);
  const width = Math.max(1, Math.ceil(wide * scale)), height = Math.max(1, Math.ceil(high * scale));
  const bits = new Uint8Array(width * height);
  for (let row = 0; row < height; row += 1) {
    const y = y0 + (row + 0.5) / scale;
    const cuts = crossings(polygon, y).map((x) => (x - x0) * scale);
    for (let i = 0; i + 1 < cuts.length; i += 2) {
      const from = Math.max(0, Math.ceil(cuts[i] - 0.5)), to = Math.min(width, Math.ceil(cuts[i + 1] - 0.5));
      if (from < to) bits.fill(1, row * width + from, row * width + to);
    }
  }
  return { width, height, bits, x0, y0, scale };
}

function crossings(polygon, y) {
  const found = [];
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i, i += 1) {
    const [xi, yi] = polygon[i], [xj, yj] = polygon[j];
    if (yi > y !== yj > y) found.push(((xj - xi) * (y - yi)) / (yj - yi) + xi);
  }
  return found.sort((a, b) => a - b);
}

/** The number of points of the drawing list inside the mask; calls `found(k)` for each where it is given. */
export function eachInside(list, { width, height, bits, x0, y0, scale }, found = null) {
  const { x, y, n } = list;
  let count = 0;
  for (let k = 0; k < n; k += 1) {
    const px = (x[k] - x0) * scale, py = (y[k] - y0) * scale;
    if (!(px >= 0 && px < width && py >= 0 && py < height)) continue;
    if (bits[(py | 0) * width + (px | 0)] === 0) continue;
    count += 1;
    if (found !== null) found(k);
  }
  return count;
}

/** {emphasis (Uint8Array(rows)), count (points inside)} after a lasso; `before` is null where nothing was selected. */
export function emphasisAfter(list, rows, mask, mode, before) {
  const emphasis = new Uint8Array(rows);
  if (mode !== "replace" && before !== null) emphasis.set(before);
  const value = mode === "subtract" ? 0 : 1;
  const count = eachInside(list, mask, (k) => { emphasis[list.row[k]] = value; });
  return { emphasis, count };
}
