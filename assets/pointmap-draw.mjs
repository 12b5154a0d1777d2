// The picture of the latent map: a pixel buffer, drawn in draft (single pixels, while the view moves) or in full
// quality (anti-aliased shapes, in slices that leave the page responsive). No DOM beyond ImageData.
import { LAYERS, RANKS, crowding, sizing } from "./pointmap-order.mjs";
import { PHASES, SHAPE_COUNT, blend, fadedPalette, mixed, stamp } from "./pointmap-stamp.mjs";
import { boundsOf } from "./pointmap-geometry.mjs";

const PAD = 64;
const SLICE = 4096;
const HALO_FROM = 4;
const LARGEST = 60;
const SHAPES = Array.from({ length: SHAPE_COUNT }, (_, i) => i);
const MANY = 200_000; // points of one rank that single pixels show well enough while they move
const RIM_FROM = 3;
const RIM = 1;

export class Raster {
  constructor() {
    this.width = 0;
    this.height = 0;
    this.complete = false;
  }

  resize(width, height) {
    if (width === this.width && height === this.height) return;
    this.width = width;
    this.height = height;
    this.pitch = width + 2 * PAD;
    const bytes = new Uint8ClampedArray(4 * this.pitch * (height + 2 * PAD));
    this.pixels = new Int32Array(bytes.buffer);
    this.image = globalThis.ImageData ? new ImageData(bytes, this.pitch, height + 2 * PAD) : null;
    this.places = new Int32Array(width * height);
    this.complete = false;
  }

  put(context) {
    context.putImageData(this.image, -PAD, -PAD, PAD, PAD, this.width, this.height);
  }

  /** One opaque mark per point, one pixel or a block of two by two; returns how many points lie in the picture. */
  draft(list, view, looks) {
    this.complete = false;
    this.pixels.fill(looks.background);
    let drawn = 0;
    for (let rank = 0; rank < RANKS; rank += 1) {
      if (list.starts[rank] < list.starts[rank + 1]) drawn += this.#dots(list, rank, view, looks.ranks[rank]);
    }
    return drawn;
  }

  #dots(list, rank, { cx, cy, scale }, look) {
    const { pixels, pitch, width, height } = this;
    const { x, y, ink } = list;
    const colours = look.flat, large = look.diameter >= 2 && list.starts[rank + 1] - list.starts[rank] < MANY;
    const left = width / 2 - cx * scale, top = height / 2 + cy * scale;
    let drawn = 0;
    for (let k = list.starts[rank]; k < list.starts[rank + 1]; k += 1) {
      const px = x[k] * scale + left, py = top - y[k] * scale;
      if (!(px >= 0 && px < width && py >= 0 && py < height)) continue;
      const at = ((py | 0) + PAD) * pitch + (px | 0) + PAD, colour = colours[ink[k] & 255];
      pixels[at] = colour;
      drawn += 1;
      if (!large) continue;
      pixels[at + 1] = colour;
      pixels[at + pitch] = colour;
      pixels[at + pitch + 1] = colour;
    }
    return drawn;
  }

  /** Full quality as a generator: run it to its end, or a slice at a time; `complete` is true afterwards. */
  * full(list, view, looks) {
    this.complete = false;
    this.pixels.fill(looks.background);
    this.places.fill(-1);
    this.inPicture = 0;
    for (let rank = 0; rank < RANKS; rank += 1) {
      const end = list.starts[rank + 1];
      for (let from = list.starts[rank]; from < end; from += SLICE) {
        this.#shapes(list, from, Math.min(from + SLICE, end), view, looks.ranks[rank]);
        yield;
      }
    }
    this.list = list;
    this.view = view;
    this.looks = looks;
    this.complete = true;
  }

  #shapes(list, from, to, { cx, cy, scale }, look) {
    const { pixels, places, pitch, width, height } = this;
    const { x, y, ink } = list;
    const { palette, stamps, halos, rim } = look;
    const left = width / 2 - cx * scale, top = height / 2 + cy * scale;
    const { reach } = stamps[1];
    for (let k = from; k < to; k += 1) {
      const px = x[k] * scale + left, py = top - y[k] * scale;
      if (!(px > -reach && px < width + reach && py > -reach && py < height + reach)) continue;
      const column = Math.floor(px), row = Math.floor(py);
      const phase = (((py - row) * PHASES) | 0) * PHASES + (((px - column) * PHASES) | 0);
      const code = ink[k], shape = code >> 8, at = (row + PAD) * pitch + column + PAD;
      if (halos !== null) blend(pixels, at, halos[shape].phases[phase], rim);
      blend(pixels, at, stamps[shape].phases[phase], palette[code & 255]);
      if (column >= 0 && column < width && row >= 0 && row < height) {
        places[row * width + column] = k;
        this.inPicture += 1;
      }
    }
  }

  /** Share of the box {x, y, w, h} (device pixels, of the last full picture) that shows anything but the ground. */
  covered({ x, y, w, h }) {
    if (!this.complete) return 1;
    let marked = 0, seen = 0;
    for (let r = Math.max(0, y | 0); r < Math.min(this.height, y + h); r += 2) {
      for (let c = Math.max(0, x | 0); c < Math.min(this.width, x + w); c += 2) {
        seen += 1;
        if (this.pixels[(r + PAD) * this.pitch + c + PAD] !== this.looks.background) marked += 1;
      }
    }
    return seen ? marked / seen : 1;
  }

  /** How many points of the topmost layer have their centre in the box {x, y, w, h} (device pixels) of the full picture. */
  onTop({ x, y, w, h }) {
    if (!this.complete) return 0;
    const { list, places, width, height } = this;
    const { starts } = list, top = LAYERS - 1, chosen = RANKS - 1;
    let found = 0;
    for (let r = Math.max(0, y | 0); r < Math.min(height, y + h); r += 1) {
      for (let c = Math.max(0, x | 0); c < Math.min(width, x + w); c += 1) {
        const k = places[r * width + c];
        if ((k >= starts[top] && k < starts[top + 1]) || k >= starts[chosen]) found += 1;
      }
    }
    return found;
  }

  /** The row at (px, py) of the full picture, -1 where there is none; see `better`. */
  rowAt(px, py, slack) {
    const { list, places, width, height, looks, view } = this;
    const reach = Math.ceil(looks.largest / 2 + slack) + 1;
    let best = null;
    for (let r = Math.max(0, (py | 0) - reach); r <= Math.min(height - 1, (py | 0) + reach); r += 1) {
      for (let c = Math.max(0, (px | 0) - reach); c <= Math.min(width - 1, (px | 0) + reach); c += 1) {
        const k = places[r * width + c];
        if (k >= 0) best = better(best, candidate(list, view, looks, k, px, py, slack));
      }
    }
    return best === null ? -1 : list.row[best.k];
  }
}

/** The same answer from the drawing list alone, while no full picture stands: a few milliseconds at 1e6 points. */
export function rowNear(list, view, looks, px, py, slack) {
  const reach = looks.largest / 2 + slack;
  const { x, y } = list;
  const left = view.width / 2 - view.cx * view.scale, top = view.height / 2 + view.cy * view.scale;
  let best = null;
  for (let k = 0; k < list.n; k += 1) {
    const dx = x[k] * view.scale + left - px;
    if (dx > reach || dx < -reach) continue;
    const dy = top - y[k] * view.scale - py;
    if (dy > reach || dy < -reach) continue;
    best = better(best, candidate(list, view, looks, k, px, py, slack));
  }
  return best === null ? -1 : list.row[best.k];
}

function candidate(list, view, looks, k, px, py, slack) {
  let rank = 0;
  while (k >= list.starts[rank + 1]) rank += 1;
  const dx = (list.x[k] - view.cx) * view.scale + view.width / 2 - px;
  const dy = (view.cy - list.y[k]) * view.scale + view.height / 2 - py;
  const distance = Math.hypot(dx, dy), radius = Math.max(1, looks.ranks[rank].diameter / 2);
  if (distance > radius + slack) return null;
  return { k, rank, distance, within: distance <= radius + 0.5 };
}

/** A shape that contains the place beats one that is merely near; then the higher layer, the nearer centre, the later. */
function better(a, b) {
  if (a === null || b === null) return a ?? b;
  if (a.within !== b.within) return a.within ? a : b;
  if (a.within && a.rank !== b.rank) return a.rank > b.rank ? a : b;
  if (a.distance !== b.distance) return a.distance < b.distance ? a : b;
  return a.k > b.k ? a : b;
}

/**
 * How each rank looks in this view: its palette (Int32Array(256)), the opaque palette of the draft, and, given a
 * `cache` (a Map), its stamps per shape and a halo in the colour of the ground around what lies on top; with a `rim` the
 * topmost layer has one of that colour, wherever its shapes are large enough. `style` has palette (Uint32Array(256)),
 * background and rim (packed; rim may be null), size (CSS px), opacity, dark; `ratio` is device pixels per CSS pixel.
 */
export function looksOf(list, view, style, { pitch, ratio, cache = null }) {
  const { palette, background, dark, rim = null } = style;
  const faded = list.emphasised ? fadedPalette(palette, background, dark) : palette;
  const bounds = boundsOf(view), ground = background | 0;
  const ranks = [];
  let largest = 0;
  for (let rank = 0; rank < RANKS; rank += 1) {
    if (list.counts[rank] === null) {
      ranks.push(null);
      continue;
    }
    const aside = list.emphasised && rank < LAYERS;
    const crowd = crowding(list, rank, bounds, view.scale);
    const size = Math.min(style.size, LARGEST / ratio);
    const count = list.starts[rank + 1] - list.starts[rank];
    const { diameter, opacity, airy } = sizing(crowd, rank, { size, opacity: style.opacity, ratio, count });
    const onTop = !aside && (rank >= LAYERS || rank === LAYERS - 1);
    const rimmed = rim !== null && !aside && rank % LAYERS === LAYERS - 1 && diameter >= RIM_FROM * ratio;
    const halo = onTop && airy && diameter >= HALO_FROM * ratio ? 0.75 * ratio : 0;
    const colours = aside ? faded : palette;
    ranks.push({
      ...(cache === null ? {} : stampsOf({ diameter, opacity, pitch }, rimmed ? RIM * ratio : halo, cache)),
      diameter, rim: rimmed ? rim | 0 : ground, palette: Int32Array.from(colours, (colour) => colour | 0),
      flat: Int32Array.from(colours, (colour) => (rimmed ? rim : mixed(colour, background, opacity)) | 0),
    });
    largest = Math.max(largest, diameter);
  }
  return { ranks, background: ground, largest };
}

function stampsOf(options, grow, cache) {
  const key = [options.diameter, Math.round(options.opacity * 64), options.pitch, grow].join();
  if (!cache.has(key)) {
    if (cache.size > 300) cache.clear();
    cache.set(key, {
      stamps: SHAPES.map((shape) => stamp(shape, options)),
      halos: grow ? SHAPES.map((shape) => stamp(shape, { ...options, opacity: 0.85, grow })) : null,
    });
  }
  return cache.get(key);
}

/** Stamped pixels if every point of the list were drawn, and a constant for each: what a full picture costs. */
export function pixelsOf(list, looks) {
  return looks.ranks.reduce((sum, look, rank) => {
    const each = look === null ? 0 : (look.diameter + 1.5) ** 2 * (look.halos ? 2.5 : 1) + 12;
    return sum + (list.starts[rank + 1] - list.starts[rank]) * each;
  }, 0);
}
