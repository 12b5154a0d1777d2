import assert from "node:assert/strict";
import { test } from "node:test";
import { depthOf, outcomes } from "../../assets/counting.mjs";
import { groundOf, paint } from "../../assets/paint.mjs";

const at = (d) => ({ ...d, outcome: outcomes(d, new Uint8Array(d.wrong.length)), depth: depthOf(d) });
const base = () => at({
  study: Uint8Array.from([0, 1, 1, 2]), label: Uint8Array.from([0, 1, 2, 0]), prediction: Uint8Array.from([0, 2, 2, 0]),
  wrong: Uint8Array.from([0, 1, 0, 1]), codes: Uint16Array.from([1, 2, 2, 3]), percentile: Float32Array.from([0, 0.2, 0.6, 1]),
  studies: [{ name: "iid", label: "iid" }, { name: "t", label: "t" }, { name: "n", label: "n", kind: "new_class" }],
  classes: ["a", "b", "c"], chosen: new Set(["iid", "t", "n"]), pair: [1, 2], domainOfStudy: Uint8Array.from([0, 1, 1]),
  isNewStudy: Uint8Array.from([0, 0, 1]), hasNew: true, shown: Uint8Array.from([1, 1, 1, 1]), extra: null, dark: false, first: 2,
});

const colourOf = (mode, row, more = {}) => {
  const { codes, palette } = paint(mode, { ...base(), ...more });
  return palette[codes[row]];
};

test("where the colour speaks of confidence, red fills silent failures and nothing else", () => {
  for (const mode of ["silence", "confidence"]) {
    const { codes, rim } = paint(mode, base());
    assert.deepEqual([...codes].map((c) => c >= 240 && c < 250), [false, true, false, true], mode);
    assert.equal(rim, null);
  }
});

test("in every other mode a silent failure keeps the mode's colour, and a red rim marks it", () => {
  for (const mode of ["domain", "study", "class", "prediction", "correctness", "confusion", "trust"]) {
    const ground = groundOf(mode, base());
    const { codes, items, rim } = paint(mode, base());
    assert.deepEqual([...codes], [...ground.codes], mode);
    assert.equal(rim, items[0].colour);
    assert.deepEqual([items[0].label, items[0].codes], ["silent failure", []]);
    assert.ok(!ground.palette.includes(rim), "no other red");
  }
});

test("trust says where it was measured, and what is not measured says why", () => {
  const measured = { meta: { label: "among all samples", why: "" }, codes: Uint8Array.from([0, 200, 100, 255]) };
  assert.deepEqual(paint("trust", { ...base(), extra: measured }).items.map((i) => i.label), ["silent failure", "among all samples", "trust not measured"]);
  const none = { meta: { why: "trust is measured for UMAP" }, codes: new Uint8Array(4).fill(255) };
  assert.deepEqual(paint("trust", { ...base(), extra: none }).items.map((i) => i.label), ["silent failure", "trust is measured for UMAP"]);
});

test("of more classes than there are codes the most frequent ones shown have their own, and the rest is one entry", () => {
  const n = 700;
  const label = Uint16Array.from({ length: n }, (_, i) => (i < 400 ? i % 2 : i - 200));
  const many = {
    label, study: new Uint8Array(n), wrong: new Uint8Array(n), codes: new Uint16Array(n).fill(1), hasNew: false,
    shown: new Uint8Array(n).fill(1), classes: Array.from({ length: 1139 }, (_, c) => `c${c}`),
  };
  const { codes, items } = groundOf("class", { ...base(), ...many });
  assert.deepEqual(items.slice(0, 2).map((i) => i.label), ["c0", "c1"]);
  assert.equal(items.length, 24);
  assert.equal(items.at(-1).label, "279 other classes"); // 302 classes are there, 23 of them named
  assert.equal(new Set(codes).size, 24);
  assert.equal(new Set(items.map((i) => i.colour)).size, 24, "no colour twice");
  assert.equal(codes[n - 1], items.at(-1).codes[0]);
});

test("validation has a legend entry only while it is shown", () => {
  const aside = { studies: [{ name: "v", label: "v", kind: "validation" }], study: new Uint8Array(4), domainOfStudy: Uint8Array.from([2]), isNewStudy: Uint8Array.from([0]) };
  const labels = (chosen) => groundOf("domain", { ...base(), ...aside, chosen: new Set(chosen) }).items.map((i) => i.label);
  assert.deepEqual(labels([]), ["source", "target"]);
  assert.deepEqual(labels(["v"]), ["source", "target", "validation, train"]);
});

test("red deepens with the percentile", () => {
  const { codes } = paint("silence", base());
  assert.ok(codes[3] > codes[1]);
});

test("the chosen pair stands apart from other errors where there are more than two classes", () => {
  assert.notEqual(colourOf("confusion", 1), colourOf("confusion", 3));
  assert.notEqual(colourOf("confusion", 1), colourOf("confusion", 1, { pair: [0, 1] }));
});

test("success and failure have scales of their own under confidence", () => {
  const { codes } = paint("confidence", base());
  assert.ok(codes[2] < 50 && codes[1] >= 50);
});

test("colours at a new threshold are the same with what the threshold does not change kept", () => {
  const d = base();
  for (const mode of ["silence", "class", "confidence"]) {
    const ground = groundOf(mode, d);
    const codes = new Uint8Array(4);
    for (const first of [1, 3, 4]) {
      const kept = paint(mode, at({ ...d, first }), { ground, codes });
      assert.deepEqual({ ...kept, codes: [...kept.codes] }, { ...paint(mode, at({ ...d, first })), codes: [...kept.codes] });
      assert.deepEqual([...kept.codes], [...paint(mode, at({ ...d, first })).codes]);
    }
  }
});
