import assert from "node:assert/strict";
import { test } from "node:test";
import { wordsOf } from "../../assets/concept-labels.mjs";
import { cleanName, ConceptNames, keyOf, namesIn, withName } from "../../assets/concept-names.mjs";
import { recipeSays, sameRecipe } from "../../assets/selecting.mjs";

const concept = { kind: "concept", study: "clinic_b", category: 1, index: 0, k: null, basis: null, method: "kmeans" };
const OTHERS = [{ study: "clinic_c" }, { category: "new" }, { index: 1 }, { k: 2 }, { basis: "plain" }, { basis: "mc_mean" }, { method: "gaussian" }];

function namesOfRun(run, names) {
  return new ConceptNames({ chosen: { causes: { names } }, model: { info: { run } } });
}

test("a concept is the same however its recipe is spelled, and another one if it was found in another way", () => {
  const short = { study: "clinic_b", category: 1, index: 0 };
  assert.equal(keyOf(short), keyOf(concept));
  assert.ok(sameRecipe({ kind: "concept", ...short }, concept));
  assert.ok(sameRecipe({ kind: "minus", of: [{ kind: "concept", ...short }] }, { kind: "minus", of: [concept] }));
  assert.equal(new Set([concept, ...OTHERS.map((other) => ({ ...concept, ...other }))].map(keyOf)).size, OTHERS.length + 1);
  for (const other of OTHERS) assert.ok(!sameRecipe({ ...concept, ...other }, concept));
  assert.ok(!sameRecipe(concept, null) && sameRecipe(null, null));
});

test("a name stands on its own concept of its own run alone", () => {
  const names = withName({}, "first", concept, "washed out");
  assert.equal(namesOfRun("first", names).of(concept), "washed out");
  for (const other of OTHERS) assert.equal(namesOfRun("first", names).of({ ...concept, ...other }), "");
  assert.equal(namesOfRun("second", names).of(concept), "");
});

test("an emptied name is gone, and with the last one the setting; those of other runs stay", () => {
  const one = withName({}, "first", concept, "washed out");
  const two = withName({ names: one }, "second", concept, "dark");
  assert.deepEqual(withName({ names: two }, "first", concept, "  "), { second: { "clinic_b|1|label|kmeans|auto|0": "dark" } });
  assert.equal(withName({ names: one }, "first", concept, ""), null);
});

test("a name is one line of at most sixty characters, whatever the address holds", () => {
  assert.equal(cleanName("  two\n lines\u0000 and \u202eturned "), "two lines and turned");
  assert.equal([...cleanName("\u{1f9ff}".repeat(99))].length, 60);
  for (const raw of [7, null, {}, ["x"]]) assert.equal(cleanName(raw), "");
  for (const names of [null, 3, "x", [], { first: "x" }, { first: [1] }, { first: { a: 1, b: " " } }]) assert.deepEqual(namesIn({ names }, "first"), {});
  assert.deepEqual(namesIn({ names: { first: { a: "x" } } }, "__proto__"), {});
  const many = Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`k${i}`, "x"]));
  const kept = namesIn({ names: withName({ names: { first: many } }, "first", concept, "newest") }, "first");
  assert.equal(Object.keys(kept).length, 200);
  assert.equal(kept[keyOf(concept)], "newest");
});

test("the map and the words of a selection call a concept by its own name", () => {
  assert.equal(wordsOf("malignant 1", concept, "Clinic B, a second camera", "washed out"), "washed out · Clinic B");
  assert.equal(wordsOf("malignant 1", concept, "", "washed out"), "washed out");
  assert.equal(wordsOf("malignant 1", concept, "", "a".repeat(60)), `${"a".repeat(25)}…`);
  const names = { classes: ["benign", "malignant"], study: () => "Clinic B", concept: () => "washed out" };
  assert.equal(recipeSays(concept, names), "washed out (concept 1 of malignant, Clinic B)");
  assert.equal(recipeSays(concept, { ...names, concept: () => "" }), "Concept 1 of malignant, Clinic B");
});
