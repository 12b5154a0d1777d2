// What an address asks for, and what of it cannot be read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { askedBy, stateOf, viewOf } from "../../assets/view.mjs";

test("an address without a selection asks for everything", () => {
  assert.deepEqual(askedBy({}, 5), { tab: "silent", bounds: null, labels: false, row: null, recipe: null, problems: [] });
});

test("what cannot be read is told and left out", () => {
  const asked = askedBy({ tab: "nonsense", map: "here", sel: 3, row: 5 }, 5);
  assert.equal(asked.problems.length, 2);
  assert.deepEqual([asked.tab, asked.bounds, asked.recipe, asked.row], ["silent", null, null, null]);
});

test("a view goes into the address without what is as at first", () => {
  const controls = {
    source: "a, b", classes: ["new", "1"], score: "x", target: 900, colour: "class", label: "1", prediction: "0",
    projection: "pca", basis: "label", method: "kmeans", k: "auto", columns: ["a, b", "c", "gone"],
  };
  const view = viewOf({ run: "r", version: "v" }, ["a, b", "c"], 8, controls);
  assert.deepEqual([view.classes, view.columns, view.k, view.byPrediction], [["new", 1], ["c"], null, false]);
  const state = stateOf(view, { target: 900, tab: "silent", recipe: null, row: 4, bounds: null, labels: false });
  assert.deepEqual(Object.fromEntries(Object.entries(state).filter(([, value]) => value !== null)), {
    run: "r", source: "a, b", studies: ["a, b", "c"], classes: ["new", 1], score: "x", target: 900, colour: "class",
    projection: "pca", columns: ["c"], row: 4,
  });
});
