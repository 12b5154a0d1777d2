import { test } from "node:test";
import assert from "node:assert/strict";
import { crowding, drawingList, prepared, shuffledRows, sizing } from "../../assets/pointmap-order.mjs";
import { blend, fadedPalette, mixed, packed, parsedColour, stamp, unpacked } from "../../assets/pointmap-stamp.mjs";
import { Raster, looksOf, rowNear } from "../../assets/pointmap-draw.mjs";
import { extentOf } from "../../assets/pointmap-geometry.mjs";

const NONE = { colour: null, shape: null, layer: null, visible: null, emphasis: null };
const WHITE = packed([255, 255, 255]);

function listOf(x, y, style = {}) {
  const xs = Float32Array.from(x), ys = Float32Array.from(y);
  return drawingList(prepared(xs, ys, extentOf(xs, ys)), { ...NONE, ...style });
}

function styleOf(colours, more = {}) {
  const palette = new Uint32Array(256);
  colours.forEach((colour, i) => { palette[i] = packed(parsedColour(colour)); });
  return { palette, background: WHITE, dark: false, size: 5, opacity: 1, ...more };
}

/** A full picture of the list at one device pixel per unit, the origin in the middle. */
function drawn(list, style, size = 40) {
  const raster = new Raster();
  raster.resize(size, size);
  const view = { cx: 0, cy: 0, scale: 1, width: size, height: size };
  const looks = looksOf(list, view, style, { pitch: raster.pitch, ratio: 1, cache: new Map() });
  for (const slice of raster.full(list, view, looks)) assert.equal(slice, undefined);
  const pixel = (px, py) => unpacked(raster.pixels[(py + 64) * raster.pitch + px + 64]);
  return { raster, view, looks, pixel };
}

test("the shuffle holds every row once and is the same each time", () => {
  const rows = shuffledRows(1000);
  assert.deepEqual([...rows].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
  assert.deepEqual(rows, shuffledRows(1000));
});

test("the shuffle does not keep the last study on top", () => {
  const late = [...shuffledRows(1000).slice(500)].filter((row) => row >= 500).length;
  assert.ok(late > 200 && late < 300, `${late} of the last 500 places hold the last 500 rows`);
});

test("hidden points and points without coordinates are not drawn", () => {
  const list = listOf([0, NaN, 2, 3], [0, 1, 2, Infinity], { visible: Uint8Array.of(1, 1, 0, 1) });
  assert.deepEqual([...list.row], [0]);
});

test("layers are drawn in order and the selected after all others", () => {
  const list = listOf([0, 1, 2, 3], [0, 0, 0, 0], {
    layer: Uint8Array.of(3, 0, 1, 0), emphasis: Uint8Array.of(0, 1, 0, 0), colour: Uint8Array.of(9, 8, 7, 6), shape: Uint8Array.of(0, 0, 1, 0),
  });
  assert.deepEqual([...list.row], [3, 2, 0, 1]);
  assert.deepEqual([...list.ink], [6, 256 + 7, 9, 8]);
  assert.deepEqual([...list.starts], [0, 1, 2, 2, 3, 4, 4, 4, 4]);
});

test("crowding counts the other points per pixel", () => {
  const list = listOf([0, 0, 0, 128], [0, 0, 0, 128]);
  const everywhere = { x0: -1, x1: 129, y0: -1, y1: 129 };
  // Three points share a cell of one unit (2 others each), one is alone: (3 * 2 + 0) / 4 others, on 2 x 2 pixels.
  assert.equal(crowding(list, 0, everywhere, 2), 1.5 / 4);
  assert.equal(crowding(list, 0, { x0: 60, x1: 129, y0: 60, y1: 129 }, 2), 0);
  assert.equal(crowding(list, 3, everywhere, 2), 0);
});

test("points keep their size where there is room and shrink in a crowd, the base layer never below a pixel and a half", () => {
  assert.deepEqual(sizing(0, 0, { size: 5, opacity: 0.8, ratio: 1 }), { diameter: 5, opacity: 0.8, airy: true });
  const dense = sizing(50, 0, { size: 5, opacity: 0.8, ratio: 1 });
  assert.equal(dense.diameter, 1.5);
  assert.ok(dense.opacity < 0.8 && dense.opacity > 0.2);
  assert.ok(sizing(50, 0, { size: 10, opacity: 0.8, ratio: 1 }).diameter >= dense.diameter);
  const silent = (count) => sizing(50, 3, { size: 5, opacity: 0.8, ratio: 1, count }).diameter;
  assert.equal(silent(400), 3.5);
  assert.equal(silent(400_000), 2);
});

test("colours are read from hex and rgb and packed as ImageData holds them", () => {
  assert.deepEqual(parsedColour("#0af"), [0, 170, 255]);
  assert.deepEqual(parsedColour(" #b31616 "), [179, 22, 22]);
  assert.deepEqual(parsedColour("rgb(1, 2, 3)"), [1, 2, 3]);
  assert.equal(parsedColour("rebeccapurple"), null);
  assert.equal(packed([0x11, 0x22, 0x33]), 0xff332211);
  assert.deepEqual(unpacked(mixed(packed([0, 100, 200]), packed([100, 0, 0]), 0.25)), [75, 25, 50]);
});

test("faded colours come close to the ground, whatever they were", () => {
  for (const [ground, dark] of [[WHITE, false], [packed([21, 26, 32]), true]]) {
    const [red] = fadedPalette(Uint32Array.of(packed([179, 22, 22])), ground, dark);
    unpacked(red).forEach((value, i) => assert.ok(Math.abs(value - unpacked(ground)[i]) < 70));
  }
});

test("a disc's stamp has the area of the disc and a full middle", () => {
  for (const diameter of [3, 5, 8]) {
    const { phases } = stamp(0, { diameter, opacity: 1, pitch: 100 });
    for (const { alphas, offsets } of phases) {
      const area = alphas.reduce((sum, alpha) => sum + alpha / 256, 0), exact = (Math.PI / 4) * diameter ** 2;
      assert.ok(Math.abs(area - exact) / exact < 0.06, `${area} for ${exact}`);
      assert.equal(alphas[offsets.indexOf(0)], 256);
    }
  }
});

test("a plus leaves its corners empty, unlike a disc", () => {
  const phase = 5, corner = -100 * 2 + 2;
  assert.ok(!stamp(1, { diameter: 7, opacity: 1, pitch: 100 }).phases[phase].offsets.includes(corner));
  assert.ok(stamp(0, { diameter: 7, opacity: 1, pitch: 100 }).phases[phase].offsets.includes(corner));
});

test("blending mixes each channel by its alpha and keeps the pixel opaque", () => {
  const buffer = Int32Array.of(WHITE | 0, WHITE | 0);
  blend(buffer, 0, { offsets: [0, 1], alphas: [256, 128] }, packed([100, 50, 0]) | 0);
  assert.deepEqual(unpacked(buffer[0]), [100, 50, 0]);
  assert.deepEqual(unpacked(buffer[1]), [177, 152, 127]);
  assert.equal(buffer[1] >>> 24, 255);
});

test("a silent failure lies over the points of the same place whatever their order", () => {
  for (const layer of [[3, 0, 1], [0, 3, 1], [1, 0, 3]]) {
    const list = listOf([0, 0, 0], [0, 0, 0], { layer: Uint8Array.from(layer), colour: Uint8Array.from(layer) });
    const { pixel } = drawn(list, styleOf(["#0000ff", "#00ff00", "#000000", "#ff0000"]));
    assert.deepEqual(pixel(20, 20), [255, 0, 0]);
  }
});

test("with a rim the topmost layer keeps its fill and is ringed, unless it is not selected", () => {
  const list = listOf([0, 10], [0, 0], { layer: Uint8Array.of(3, 0), colour: Uint8Array.of(0, 0) });
  const { pixel } = drawn(list, styleOf(["#0000ff"], { rim: packed([255, 0, 0]), size: 6 }));
  assert.deepEqual(pixel(20, 20), [0, 0, 255], "the fill");
  const [red, , blue] = pixel(23, 20);
  assert.ok(red > 150 && blue < 120, "the rim");
  const [other, , own] = pixel(33, 20);
  assert.ok(other >= own || own > 150, "no rim around the lower layer");
  const chosen = listOf([0, 10], [0, 0], { layer: Uint8Array.of(3, 3), emphasis: Uint8Array.of(0, 1) });
  const aside = drawn(chosen, styleOf(["#0000ff"], { rim: packed([255, 0, 0]), size: 6 })).pixel(23, 20);
  assert.ok(aside[2] >= aside[0], "no red around what is not selected");
});

test("the row under the cursor is the topmost whose shape is there, else the nearest close by", () => {
  const list = listOf([0, 1, 10], [0, 0, 0], { layer: Uint8Array.of(1, 0, 0) });
  const { raster, view, looks } = drawn(list, styleOf(["#000000"]));
  for (const at of [(px, py) => raster.rowAt(px, py, 4), (px, py) => rowNear(list, view, looks, px, py, 4)]) {
    assert.equal(at(21, 20), 0, "the higher layer, though the other's centre is nearer");
    assert.equal(at(23.4, 20), 1, "outside the higher one's disc");
    assert.equal(at(26, 20), 2, "only near");
    assert.equal(at(20, 38), -1);
  }
});

test("points beyond the edge are drawn in part and never wrap to the other side", () => {
  const list = listOf([-21, 0], [0, 0], {});
  const { pixel } = drawn(list, styleOf(["#000000"]));
  assert.ok(pixel(0, 20)[0] < 200, "the part of the disc inside");
  assert.deepEqual(pixel(39, 20), [255, 255, 255]);
  assert.deepEqual(pixel(39, 19), [255, 255, 255]);
});

test("the draft marks exactly the points in the picture", () => {
  const list = listOf([0, 5, 500], [0, 5, 0], { colour: Uint8Array.of(0, 0, 0) });
  const { raster, view, looks } = drawn(list, styleOf(["#000000"], { size: 1.5 }));
  assert.equal(raster.draft(list, view, looks), 2);
  const marked = raster.pixels.filter((pixel) => pixel !== (WHITE | 0)).length;
  assert.equal(marked, 2);
});

test("an empty map is the ground alone", () => {
  const { raster } = drawn(listOf([], []), styleOf([]));
  assert.ok(raster.pixels.every((pixel) => pixel === (WHITE | 0)));
  assert.equal(raster.rowAt(10, 10, 4), -1);
});
