// Costs and prevalences: how they are spelled in the address, and the operating point with them, counted by hand.
import { test } from "node:test";
import assert from "node:assert/strict";
import { classCells, operatingPoint, targetCounts, weigh } from "../../assets/benchmark-cockpit.mjs";
import { parsed, spelled, summary } from "../../assets/benchmark-weights.mjs";
import { chosenAmong } from "../../assets/benchmark-controls.mjs";

test("costs are read from the address and written back, what is empty leaves it", () => {
  const stated = parsed("1:5,new:0.5,2:,x");
  assert.deepEqual([...stated], [["1", "5"], ["new", "0.5"]]);
  assert.equal(spelled(stated), "1:5,new:0.5");
  assert.equal(spelled(new Map()), null);
  assert.equal(parsed(undefined).size, 0);
});

test("a closed menu says what is stated", () => {
  assert.equal(summary({}), "all alike");
  assert.equal(summary({ cost: "1:5" }), "cost");
  assert.equal(summary({ cost: "1:5", prevalence: "0:90" }), "cost and prevalence");
});

// two studies, two classes; the second study is of a new class
const study = Uint8Array.of(0, 0, 0, 0, 1, 1);
const label = Uint8Array.of(0, 0, 1, 1, 0, 1);
const wrong = Uint8Array.of(0, 1, 0, 1, 1, 1);
const codes = Uint16Array.of(3, 2, 1, 3, 0, 2);
const studies = [{ name: "a", label: "A", kind: "validation" }, { name: "b", label: "B", kind: "new_class" }];
const every = new Uint8Array(6).fill(1);
const bare = operatingPoint({ wrong, codes, study, first: 2, studies, every });
const cells = classCells({ study, label, studies, classCount: 2 });

test("a sample of a new-class study is of the new class whatever its label is", () => {
  assert.deepEqual([...cells], [0, 0, 1, 1, 5, 5]);
});

test("coverage and risks count with all weights, what is per 1,000 with those of people", () => {
  const weights = { a: { all: [0.5, 1.5, 0], people: [0.2, 1.8, 0], why: "" }, b: { all: null, people: null, why: "no prevalence" } };
  const [a, b] = weigh(bare, { wrong, codes, cells, first: 2, classCount: 2, weights });
  // accepted: rows 0 (right, class 0), 1 (wrong, class 0), 3 (wrong, class 1); rejected: row 2 (right, class 1)
  const near = (found, expected) => assert.ok(Math.abs(found - expected) < 1e-12, `${found} is not ${expected}`);
  near(a.coverage, (0.5 + 0.5 + 1.5) / 4);
  near(a.accuracy, (0.5 + 1.5) / 4);
  near(a.selective, (0.5 + 1.5) / 2.5);
  near(a.generalized, (0.5 + 1.5) / 4);
  near(a.silentPer, (1000 * (0.2 + 1.8)) / 4);
  near(a.referredPer, (1000 * 1.8) / 4);
  assert.deepEqual([a.n, a.silent], [4, 2], "numbers of samples stay");
  assert.ok(Number.isNaN(b.coverage) && Number.isNaN(b.silentPer));
  assert.equal(b.why, "no prevalence");
});

test("weights of one change no rate", () => {
  const ones = { all: [1, 1, 1], people: [1, 1, 1], why: "" };
  assert.deepEqual(weigh(bare, { wrong, codes, cells, first: 2, classCount: 2, weights: { a: ones, b: ones } }), bare);
});

test("the least cost weighs a silent failure by its class", () => {
  const weights = { all: [0.5, 1.5], people: [0.2, 1.8] };
  const found = targetCounts({ wrong, codes, study, label, levels: 3, reference: 0, table: { code: [3, 2, 1] }, weights });
  assert.equal(found.n, 4);
  assert.deepEqual(found.accepted, [2, 2.2, 4]);
  assert.deepEqual(found.silent, [1.5, 2, 2]);
});

test("the scores that take part are the chosen ones, else the usual", () => {
  const available = ["det_mcp", "det_pe", "vim"].map((name) => ({ name }));
  const about = { among: ["det_mcp", "det_pe"] };
  assert.deepEqual(chosenAmong({}, about, available), ["det_mcp", "det_pe"]);
  assert.deepEqual(chosenAmong({ among: ["vim", "gone"] }, about, available), ["vim"]);
  assert.deepEqual(chosenAmong({ among: "vim" }, about, available), ["det_mcp", "det_pe"]);
});
