import { test } from "node:test";
import assert from "node:assert/strict";
import { eachInside, emphasisAfter, maskOf } from "../../assets/pointmap-lasso.mjs";
import { inside, placeImages, touching } from "../../assets/pointmap-geometry.mjs";

function scattered(n) {
  let state = 7;
  const next = () => (state = (state * 16807) % 2147483647) / 2147483647;
  const list = { n, x: new Float32Array(n), y: new Float32Array(n), row: new Uint32Array(n) };
  for (let k = 0; k < n; k += 1) {
    list.x[k] = next() * 10 - 5;
    list.y[k] = next() * 10 - 5;
    list.row[k] = n - 1 - k;
  }
  return list;
}

const STAR = Array.from({ length: 10 }, (_, i) => {
  const far = i % 2 ? 1.5 : 4, angle = (i * Math.PI) / 5;
  return [far * Math.cos(angle), far * Math.sin(angle)];
});
const BOW = [[-4, -4], [4, -4], [4, 4], [-2, 4], [-2, -2], [2, -2], [2, 2], [-4, 2]];

for (const [name, polygon] of [["a star", STAR], ["a lasso that crosses itself", BOW]]) {
  test(`the mask of ${name} agrees with the exact test but for points within a cell of its edge`, () => {
    const list = scattered(20000);
    const approximate = new Set();
    eachInside(list, maskOf(polygon), (k) => approximate.add(k));
    let differ = 0;
    for (let k = 0; k < list.n; k += 1) if (approximate.has(k) !== inside(polygon, list.x[k], list.y[k])) differ += 1;
    assert.ok(approximate.size > 1000);
    assert.ok(differ < 40, `${differ} of 20000 differ`);
  });
}

test("a lasso with no area holds nothing and breaks nothing", () => {
  const list = scattered(100);
  assert.equal(eachInside(list, maskOf([[1, 1], [1, 1], [1, 1]])), 0);
  assert.equal(eachInside(list, maskOf([[0, 0], [1, 1], [2, 2]])), 0);
});

test("replace, add and subtract change the rows inside and no others", () => {
  const list = { n: 3, x: Float32Array.of(0, 5, 9), y: Float32Array.of(0, 0, 0), row: Uint32Array.of(2, 0, 1) };
  const mask = maskOf([[4, -1], [6, -1], [6, 1], [4, 1]]);
  const before = Uint8Array.of(1, 1, 0);
  const after = (mode, was) => emphasisAfter(list, 3, mask, mode, was);
  assert.deepEqual(after("replace", before), { emphasis: Uint8Array.of(1, 0, 0), count: 1 });
  assert.deepEqual(after("add", Uint8Array.of(0, 1, 0)).emphasis, Uint8Array.of(1, 1, 0));
  assert.deepEqual(after("subtract", before).emphasis, Uint8Array.of(0, 1, 0));
  assert.deepEqual(after("add", null).emphasis, Uint8Array.of(1, 0, 0));
  assert.deepEqual(before, Uint8Array.of(1, 1, 0));
});

test("images are placed in order, never over each other, over a point that has one, or over the edge", () => {
  const points = Array.from({ length: 60 }, (_, row) => ({ row, x: (row * 37) % 400, y: (row * 53) % 300 }));
  const placed = placeImages(points, { width: 400, height: 300, covered: () => 0 });
  assert.equal(placed[0].row, 0);
  assert.ok(placed.length > 5 && placed.length < 60);
  for (const [i, a] of placed.entries()) {
    assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.w <= 400 && a.y + a.h <= 300);
    const [spot] = points.filter(({ row }) => row === a.row).map(({ x, y }) => ({ x, y, w: 0, h: 0 }));
    assert.ok(placed.every((b) => !touching(spot, b)));
    assert.ok(placed.slice(i + 1).every((b) => !touching(a, b)));
  }
});

test("an image goes to the emptiest side and stays away where every side is full", () => {
  const point = [{ row: 5, x: 200, y: 150 }];
  const [left] = placeImages(point, { width: 400, height: 300, covered: (box) => (box.x + box.w <= 200 ? 0 : 0.1) });
  assert.ok(left.x + left.w <= 200);
  assert.deepEqual(placeImages(point, { width: 400, height: 300, covered: () => 0.9 }), []);
});
