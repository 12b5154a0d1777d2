import assert from "node:assert/strict";
import { test } from "node:test";
import { groundOf, paint } from "../../assets/paint.mjs";

const base = () => ({
  study: Uint8Array.from([0, 1, 1, 2]), label: Uint8Array.from([0, 1, 2, 0]), prediction: Uint8Array.from([0, 2, 2, 0]),
  wrong: Uint8Array.from([0, 1, 0, 1]), codes: Uint16Array.from([1, 2, 2, 3]), percentile: Float32Array.from([0, 0.2, 0.6, 1]),
  studies: [{ name: "iid", label: "iid" }, { name: "t", label: "t" }, { name: "n", label: "n", kind: "new_class" }],
  classes: ["a", "b", "c"], chosen: new Set(["iid", "t", "n"]), pair: [1, 2], domainOfStudy: Uint8Array.from([0, 1, 1]),
  isNewStudy: Uint8Array.from([0, 0, 1]), hasNew: true, extra: null, dark: false, redSilent: false, first: 2,
});

const colourOf = (mode, row, more = {}) => {
  const { codes, palette } = paint(mode, { ...base(), ...more });
  return palette[codes[row]];
};

test("red marks silent failures in every mode and nothing else", () => {
  for (const mode of ["silence", "domain", "study", "class", "prediction", "correctness", "confusion", "confidence", "trust"]) {
    const { codes } = paint(mode, { ...base(), redSilent: true });
    assert.deepEqual([...codes].map((c) => c >= 240 && c < 250), [false, true, false, true], mode);
  }
});

test("red deepens with the percentile", () => {
  const { codes } = paint("silence", { ...base(), redSilent: true });
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
  const d = { ...base(), redSilent: true };
  for (const mode of ["silence", "class", "confidence"]) {
    const ground = groundOf(mode, d);
    const codes = new Uint8Array(4);
    for (const first of [1, 3, 4]) {
      const kept = paint(mode, { ...d, first }, { ground, codes });
      assert.deepEqual({ ...kept, codes: [...kept.codes] }, { ...paint(mode, { ...d, first }), codes: [...kept.codes] });
      assert.deepEqual([...kept.codes], [...paint(mode, { ...d, first }).codes]);
    }
  }
});
