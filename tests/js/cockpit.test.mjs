// The operating point, counted by hand.
import { test } from "node:test";
import assert from "node:assert/strict";
import { cheapestTarget, nearestTarget, operatingPoint, targetCounts } from "../../assets/benchmark-cockpit.mjs";
import { chosenScores, setting } from "../../assets/benchmark-controls.mjs";

// six samples of two studies; codes 0 = no score
const study = Uint8Array.of(0, 0, 0, 1, 1, 1);
const wrong = Uint8Array.of(0, 0, 1, 1, 0, 1);
const codes = Uint16Array.of(3, 2, 1, 3, 0, 2);
const studies = [{ name: "a", label: "A", kind: "validation" }, { name: "b", label: "B", kind: "acquisition" }];
const every = new Uint8Array(6).fill(1);

test("an operating point has each study's coverage, risks, silent failures and referrals", () => {
  const [a, b] = operatingPoint({ wrong, codes, study, first: 2, studies, every });
  assert.deepEqual([a.n, a.accepted, a.silent, a.referred, a.failures], [3, 2, 0, 1, 1]);
  assert.deepEqual([a.coverage, a.selective, a.generalized], [2 / 3, 0, 0]);
  assert.deepEqual([b.n, b.accepted, b.silent, b.referred, b.failures], [3, 2, 2, 1, 2]);
  assert.deepEqual([b.coverage, b.selective, b.generalized], [2 / 3, 1, 2 / 3]);
});

test("a study of which nothing is accepted has no selective risk", () => {
  const [a] = operatingPoint({ wrong, codes, study, first: 9, studies, every });
  assert.equal(a.accepted, 0);
  assert.ok(Number.isNaN(a.selective));
});

test("the counts of all targets are those of the reference study alone", () => {
  const found = targetCounts({ wrong, codes, study, levels: 3, reference: 0, table: { code: [3, 2, 1] } });
  assert.equal(found.n, 3);
  assert.deepEqual(found.accepted, [1, 2, 3]);
  assert.deepEqual(found.silent, [0, 0, 1]);
});

test("a target whose code is beyond all accepts nothing, and without a reference all samples count", () => {
  const found = targetCounts({ wrong, codes, study, levels: 3, reference: null, table: { code: [4, 2] } });
  assert.equal(found.n, 6);
  assert.deepEqual(found.accepted, [0, 4]);
  assert.deepEqual(found.silent, [0, 2]);
});

test("the cheapest target weighs silent failures against referrals", () => {
  const counted = { n: 3, accepted: [1, 2, 3], silent: [0, 0, 1] };
  // costs per sample: (0+2)/3, (0+1)/3, (10+0)/3
  assert.deepEqual(cheapestTarget(counted, { silentCost: 10, referralCost: 1 }), { target: 1, cost: 1 / 3 });
  assert.equal(cheapestTarget(counted, { silentCost: 0.5, referralCost: 1 }).target, 2);
  assert.equal(cheapestTarget(counted, { silentCost: 1, referralCost: 1 }).target, 2, "of equal ones the highest coverage");
});

test("a threshold by hand takes the nearest on offer, of equal ones the least target", () => {
  assert.equal(nearestTarget([0.9, 0.8, 0.8, 0.5], 0.79), 1);
  assert.equal(nearestTarget([0.9, 0.8, 0.8, 0.5], -3), 3);
  assert.equal(nearestTarget([null, null], 0.5), -1);
});

test("curves are drawn for the header's score and MSR until others are chosen", () => {
  const available = ["det_mcp", "det_pe", "tcp"].map((name) => ({ name }));
  assert.deepEqual(chosenScores({}, { score: "tcp" }, available), ["tcp", "det_mcp"]);
  assert.deepEqual(chosenScores({ scores: ["det_pe", "gone"] }, { score: "tcp" }, available), ["det_pe"]);
  assert.deepEqual(chosenScores({ scores: "det_pe" }, { score: "det_mcp" }, available), ["det_mcp"]);
  assert.equal(setting({}, "metric"), "aurc");
  assert.equal(setting({ metric: "augrc" }, "metric"), "augrc");
});
