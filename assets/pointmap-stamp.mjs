// Colours and stamps of the latent map. No DOM: everything here runs in Node too.
//
// A pixel is a Uint32 of ImageData's buffer: 0xAABBGGRR (every browser's machine is little-endian).

export const PHASES = 4;

/** A CSS colour (#rgb, #rrggbb, rgb(...)) as [r, g, b], or null where it is something else. */
export function parsedColour(text) {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(text.trim());
  if (hex) {
    const digits = hex[1].length < 6 ? [...hex[1]].map((c) => c + c).join("") : hex[1];
    return [0, 2, 4].map((i) => parseInt(digits.slice(i, i + 2), 16));
  }
  const parts = /^rgba?\(([^)]+)\)$/i.exec(text.trim());
  return parts ? parts[1].split(/[\s,/]+/).slice(0, 3).map(Number) : null;
}

export const packed = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
export const unpacked = (pixel) => [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255];

export const cssOf = (pixel) => `rgb(${unpacked(pixel).join(", ")})`;

/** `over` laid on `under` with opacity 0 .. 1, both packed. */
export function mixed(over, under, opacity) {
  const a = unpacked(over), b = unpacked(under);
  return packed(a.map((value, i) => Math.round(value * opacity + b[i] * (1 - opacity))));
}

/** A palette (at most 256 entries, packed) as it looks when not selected: half way to grey, most of the way to the ground. */
export function fadedPalette(palette, background, dark) {
  return palette.map((pixel) => {
    const [r, g, b] = unpacked(pixel);
    const grey = 0.3 * r + 0.59 * g + 0.11 * b;
    const calm = packed([r, g, b].map((value) => Math.round(0.55 * value + 0.45 * grey)));
    return mixed(calm, background, dark ? 0.3 : 0.26);
  });
}

const clamp = (value) => Math.min(Math.max(value, 0), 1);

/** How much of the pixel around (dx, dy) a disc of the given diameter around the origin covers, 0 .. 1. */
function disc(dx, dy, diameter) {
  const radius = diameter / 2;
  if (diameter >= 1.5) return clamp(radius + 0.5 - Math.hypot(dx, dy));
  // Smaller than a pixel: its light is shared out among its neighbours, so that nothing flickers while it moves.
  return clamp(1 - Math.abs(dx)) * clamp(1 - Math.abs(dy)) * clamp((Math.PI * radius * radius) / 1.2);
}

/** The same for an upright plus of the same visual weight as the disc. */
function plus(dx, dy, diameter) {
  if (diameter < 2.5) return disc(dx, dy, diameter);
  const arm = diameter * 0.68, half = Math.max(0.7, diameter * 0.17);
  const a = Math.abs(dx), b = Math.abs(dy);
  const bar = (along, across) => clamp(arm + 0.5 - along) * clamp(half + 0.5 - across);
  return Math.max(bar(a, b), bar(b, a));
}

/** The same for a square on its corner. */
function diamond(dx, dy, diameter) {
  if (diameter < 2.5) return disc(dx, dy, diameter);
  return clamp(diameter * 0.62 + 0.5 - (Math.abs(dx) + Math.abs(dy)));
}

const SHAPES = [disc, plus, diamond];
export const SHAPE_COUNT = SHAPES.length;

/**
 * One shape of one diameter (device pixels) at every sub-pixel phase, ready to be blended into a buffer with rows of
 * `pitch` pixels: {reach, phases: [{offsets, alphas}]}, alphas 1 .. 256 with the opacity in them, phase = 4 * py + px.
 * With `grow` the shape is widened by that many pixels (its halo).
 */
export function stamp(shape, { diameter, opacity, pitch, grow = 0 }) {
  const cover = SHAPES[shape];
  const reach = Math.ceil(diameter * 0.68 + grow) + 2;
  const phases = [];
  for (let phase = 0; phase < PHASES * PHASES; phase += 1) {
    const fx = ((phase % PHASES) + 0.5) / PHASES, fy = (Math.floor(phase / PHASES) + 0.5) / PHASES;
    const offsets = [], alphas = [];
    for (let r = -reach; r <= reach; r += 1) {
      for (let c = -reach; c <= reach; c += 1) {
        const dx = c + 0.5 - fx, dy = r + 0.5 - fy;
        const covered = grow ? halo(cover, dx, dy, diameter, grow) : cover(dx, dy, diameter);
        const alpha = Math.round(covered * opacity * 256);
        if (alpha > 0) {
          offsets.push(r * pitch + c);
          alphas.push(alpha);
        }
      }
    }
    phases.push({ offsets: Int32Array.from(offsets), alphas: Int32Array.from(alphas) });
  }
  return { reach, phases, diameter };
}

function halo(cover, dx, dy, diameter, grow) {
  let most = 0;
  for (let i = 0; i < 8; i += 1) {
    const angle = (i * Math.PI) / 4;
    most = Math.max(most, cover(dx + grow * Math.cos(angle), dy + grow * Math.sin(angle), diameter));
  }
  return most;
}

/** Blend one stamp phase of one colour into the buffer (Int32Array) around pixel `at`. */
export function blend(buffer, at, { offsets, alphas }, colour) {
  const redBlue = colour & 0xff00ff, green = colour & 0x00ff00;
  for (let j = 0; j < offsets.length; j += 1) {
    const place = at + offsets[j], alpha = alphas[j];
    if (alpha >= 256) {
      buffer[place] = colour;
      continue;
    }
    const under = buffer[place], rest = 256 - alpha;
    const rb = (Math.imul(redBlue, alpha) + Math.imul(under & 0xff00ff, rest)) >>> 8;
    const g = (Math.imul(green, alpha) + Math.imul(under & 0x00ff00, rest)) >>> 8;
    buffer[place] = 0xff000000 | (rb & 0xff00ff) | (g & 0x00ff00);
  }
}
