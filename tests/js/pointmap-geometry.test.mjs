import { test } from "node:test";
import assert from "node:assert/strict";
import {
  areaOf, boundsOf, extentOf, fitView, inside, rounded, roundedPolygon, simplified, toData, toScreen, touching, viewOf, zoomedAt,
} from "../../assets/pointmap-geometry.mjs";

test("the extent ignores points with a NaN or infinite coordinate", () => {
  const found = extentOf(Float32Array.of(1, NaN, -2, 5), Float32Array.of(0, 9, 3, Infinity));
  assert.deepEqual(found, { x0: -2, x1: 1, y0: 0, y1: 3, count: 2 });
});

test("no points, or one, still give a view with a finite scale", () => {
  for (const [x, y] of [[[], []], [[7], [-3]], [[2, 2], [2, 2]]]) {
    const view = fitView(extentOf(Float32Array.from(x), Float32Array.from(y)), 400, 300);
    assert.ok(Number.isFinite(view.scale) && view.scale > 0);
  }
});

test("both axes keep one scale and y points upwards", () => {
  const view = viewOf({ x0: 0, x1: 10, y0: 0, y1: 2 }, 200, 100);
  assert.equal(view.scale, 20);
  assert.deepEqual(toScreen(view, 0, 1), [0, 50]);
  assert.deepEqual(toScreen(view, 5, 2), [100, 30]);
  assert.deepEqual(toData(view, 100, 30), [5, 2]);
});

test("showing the bounds of a view gives the same view back", () => {
  const view = { cx: 3, cy: -1, scale: 12.5, width: 640, height: 400 };
  assert.deepEqual(viewOf(boundsOf(view), 640, 400), view);
});

test("zooming keeps what lies under the cursor in place", () => {
  const view = { cx: 0, cy: 0, scale: 10, width: 100, height: 100 };
  const near = zoomedAt(view, 80, 20, 2, 1, 1000);
  assert.equal(near.scale, 20);
  assert.deepEqual(toData(near, 80, 20), toData(view, 80, 20));
});

test("a square is inside by the even-odd rule and has its area", () => {
  const square = [[0, 0], [2, 0], [2, 2], [0, 2]];
  assert.equal(areaOf(square), 4);
  assert.ok(inside(square, 1, 1));
  assert.ok(!inside(square, 3, 1));
  const bow = [[0, 0], [4, 0], [4, 4], [1, 4], [1, 1], [3, 1], [3, 3], [0, 3]];
  assert.ok(!inside(bow, 2, 2), "the doubly enclosed part is outside");
});

test("a circle of a thousand corners becomes at most 64 and keeps its area to one percent", () => {
  const circle = Array.from({ length: 1000 }, (_, i) => [Math.cos((i * Math.PI) / 500), Math.sin((i * Math.PI) / 500)]);
  const few = simplified(circle, { tolerance: 1e-6 });
  assert.ok(few.length <= 64 && few.length > 20);
  assert.ok(Math.abs(areaOf(few) - Math.PI) < 0.0314);
});

test("corners on a straight edge go and the corners of the shape stay", () => {
  const square = [[0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [0, 1]];
  assert.deepEqual(simplified(square, { tolerance: 0.01 }), [[0, 0], [2, 0], [2, 2], [0, 2]]);
});

test("values are rounded to four significant digits of the extent that they belong to", () => {
  assert.equal(rounded(12.345678, 50), 12.35);
  assert.equal(rounded(-0.00001, 50), 0);
  assert.equal(rounded(123456, 90000), 123460);
  assert.equal(rounded(0.123456, 0.002), 0.123456);
  assert.deepEqual(roundedPolygon([[0, 0], [1.23456, 0], [1, 0.98765]]), [[0, 0], [1.235, 0], [1, 0.988]]);
});

test("boxes touch when they come closer than the gap", () => {
  const box = { x: 0, y: 0, w: 10, h: 10 };
  assert.ok(touching(box, { x: 9, y: 9, w: 5, h: 5 }));
  assert.ok(!touching(box, { x: 12, y: 0, w: 5, h: 5 }));
  assert.ok(touching(box, { x: 12, y: 0, w: 5, h: 5 }, 4));
});
