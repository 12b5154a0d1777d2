import assert from "node:assert/strict";
import { test } from "node:test";
import { combine, isBounds, isRecipe, recipeSays } from "../../assets/selecting.mjs";
import { readState, searchOf } from "../../assets/url.mjs";

const lasso = (name) => ({ kind: "lasso", projection: "pca", polygon: [[0, 0], [1, 0], [name, 1]] });

test("a plain gesture replaces, shift adds, alt takes away", () => {
  assert.deepEqual(combine(lasso(1), lasso(2), "replace"), lasso(2));
  assert.deepEqual(combine(combine(lasso(1), lasso(2), "add"), lasso(3), "add"), { kind: "or", of: [lasso(1), lasso(2), lasso(3)] });
  assert.deepEqual(combine(lasso(1), lasso(2), "subtract"), { kind: "minus", of: [lasso(1), lasso(2)] });
});

test("taking away from nothing leaves nothing", () => {
  assert.equal(combine(null, lasso(1), "subtract"), null);
});

test("a selection that is full refuses more regions instead of losing some", () => {
  let recipe = lasso(0);
  for (let i = 1; i < 24; i += 1) recipe = combine(recipe, lasso(i), "add");
  assert.equal(recipe.of.length, 24);
  assert.equal(combine(recipe, lasso(24), "add"), null);
  let nested = lasso(0);
  for (let i = 1; i <= 12; i += 1) nested = combine(nested, lasso(i), i % 2 ? "add" : "subtract");
  assert.equal(combine(nested, lasso(13), "add"), null);
});

test("an address's selection and bounds are taken only in their form", () => {
  assert.ok(isRecipe({ kind: "or", of: [lasso(1), { kind: "minus", of: [lasso(2), lasso(3)] }] }));
  for (const bad of [null, "lala", {}, { kind: "minus" }, { kind: "or", of: [] }, { kind: "or", of: [{ kind: "x" }] }]) assert.ok(!isRecipe(bad));
  assert.ok(isBounds([0, 1, -2, 2]));
  for (const bad of [null, [0, 1, 0], ["a", 1, 0, 1], [1, 1, 1, 1], [0, 1, 2, null]]) assert.ok(!isBounds(bad));
});

test("a state survives the address bar", () => {
  const state = { run: "a/b ü", target: 950, sel: lasso(1), row: 3 };
  assert.deepEqual(readState(searchOf(state)), state);
});

test("an address that holds no state reads as an empty one", () => {
  assert.deepEqual(readState("?s=%7Bbroken"), {});
  assert.deepEqual(readState("?s=[1]"), {});
  assert.deepEqual(readState(""), {});
});

test("a concept is named by its class and study", () => {
  const names = { classes: ["benign", "malignant"], study: (s) => s.toUpperCase() };
  assert.equal(recipeSays({ kind: "concept", category: 1, index: 0, study: "iid" }, names), "Concept 1 of malignant, IID");
  assert.equal(recipeSays({ kind: "concept", category: 0, index: 1, study: "iid", basis: "plain" }, names), "Concept 2 of predicted benign, IID");
  assert.equal(recipeSays({ kind: "concept", category: "new", index: 2, study: "ood" }, names), "Concept 3 of new class, OOD");
});

test("a value of a column is named as the legend names it", () => {
  assert.equal(recipeSays({ kind: "value", column: "ruler", value: "True" }, {}), "ruler: True");
  assert.equal(recipeSays({ kind: "value", column: "sex", value: null }, {}), "sex: missing");
  assert.ok(isRecipe({ kind: "value", column: "ruler", value: "True" }));
});

test("a level of a feature is named, and a recipe whose parts are of the wrong kind is none", () => {
  assert.equal(recipeSays({ kind: "level", feature: "image:hue", level: null }, {}), "hue: missing");
  assert.equal(recipeSays({ kind: "level", feature: "skin_tone", level: "dark" }, {}), "skin tone: dark");
  assert.ok(isRecipe({ kind: "range", feature: "age", low: 3, high: null }));
  for (const bad of [
    { kind: "range", feature: 5, low: 1 }, { kind: "range", feature: "age", low: "NaN" }, { kind: "range", feature: "age" },
    { kind: "attributes", studies: "iid" }, { kind: "level", feature: "a" }, { kind: "value", column: ["a"], value: "b" },
    { kind: "slice", index: "0" }, { kind: "concept", index: 0 }, { kind: "toString" }, { kind: ["slice"] },
  ]) assert.ok(!isRecipe(bad), JSON.stringify(bad));
});
