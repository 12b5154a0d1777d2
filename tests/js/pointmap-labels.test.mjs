import assert from "node:assert/strict";
import test from "node:test";
import { grown, LABEL_HEIGHT, placeLabels } from "../../assets/pointmap-labels.mjs";

const room = { width: 400, height: 300, cost: () => 0 };
const label = (key, x, y, size = 10, w = 60) => ({ key, x, y, w, size });
const overlap = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

test("a label with room around it lies on its centre", () => {
  const [one] = placeLabels([label("a", 200, 150)], room);
  assert.deepEqual(one, { key: "a", x: 170, y: 150 - LABEL_HEIGHT / 2, w: 60, h: LABEL_HEIGHT, dx: -30, dy: -LABEL_HEIGHT / 2 });
});

test("the larger concept keeps its centre and the smaller one moves aside", () => {
  const placed = placeLabels([label("small", 200, 150, 5), label("large", 205, 150, 50)], room);
  assert.deepEqual(placed.map((box) => box.key), ["large", "small"]);
  assert.equal(placed[0].dx, -30);
  assert.ok(!overlap(...placed));
});

test("what finds no room is left out, and has room again when zoomed in", () => {
  const many = (spacing) => Array.from({ length: 30 }, (_, i) => label(`l${i}`, 200 + spacing * ((i % 6) - 2.5), 150 + spacing * (Math.floor(i / 6) - 2), 30 - i));
  const near = placeLabels(many(1), room), far = placeLabels(many(50), { ...room, width: 900, height: 700 });
  assert.ok(near.length < 12 && near[0].key === "l0");
  assert.ok(far.length > near.length);
  for (const placed of [near, far]) {
    placed.forEach((a, i) => placed.slice(i + 1).forEach((b) => assert.ok(!overlap(a, b))));
  }
});

test("a label whose centre is out of view is not shown, and none leaves the picture", () => {
  assert.deepEqual(placeLabels([label("out", -5, 20), label("below", 100, 301)], room), []);
  const [edge] = placeLabels([label("edge", 399, 299)], room);
  assert.ok(edge.x + edge.w <= 398 && edge.y + edge.h <= 298);
  const [corner] = placeLabels([label("corner", 40, 8)], room);
  assert.ok(corner.y >= 2 && corner.x >= 2);
  assert.deepEqual(placeLabels([label("wide", 20, 20, 1, 500)], room), []);
});

test("a label makes way for silent failures where there is a place that hides fewer", () => {
  const silent = { x: 170, y: 140, w: 60, h: 20 };
  const [one] = placeLabels([label("a", 200, 150)], { ...room, cost: (box) => (overlap(box, silent) ? 5 : 0) });
  assert.ok(!overlap(one, silent));
  const [stays] = placeLabels([label("a", 200, 150)], { ...room, cost: () => 5 });
  assert.equal(stays.dx, -30); // everywhere as bad: the nearest place
});

test("images that stand on the map are not covered", () => {
  const image = { x: 180, y: 130, w: 52, h: 52 };
  const [one] = placeLabels([label("a", 200, 150)], { ...room, blocked: [image] });
  assert.ok(one === undefined || !overlap(one, image));
});

test("a label that would hide many silent failures wherever it lies waits for a closer view", () => {
  assert.deepEqual(placeLabels([label("a", 200, 150)], { ...room, cost: () => 11 }), []);
});

test("a small picture has few labels, the largest", () => {
  const many = Array.from({ length: 40 }, (_, i) => label(`l${i}`, 20 + 45 * (i % 8), 20 + 50 * Math.floor(i / 8), i, 20));
  const placed = placeLabels(many, room);
  assert.deepEqual(placed.map((box) => box.key), ["l39", "l38", "l37", "l36", "l35", "l34", "l33", "l32"]);
});

test("a polygon grows away from its middle by that many pixels", () => {
  assert.deepEqual(grown([[0, 0], [6, 0], [6, 8], [0, 8]], 5), [[-3, -4], [9, -4], [9, 12], [-3, 12]]);
  assert.deepEqual(grown([[2, 2]], 5), [[2, 2]]);
});
