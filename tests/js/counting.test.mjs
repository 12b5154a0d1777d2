import assert from "node:assert/strict";
import { test } from "node:test";
import { OUTCOME, outcomes, counts, failureMask, percentileOfCode, Ranking, shownMask, total } from "../../assets/counting.mjs";

const studies = [{ name: "val", kind: "validation" }, { name: "iid", kind: "iid" }, { name: "ood", kind: "new_class" }];
const study = Uint8Array.from([0, 0, 1, 1, 1, 1, 2]);
const label = Uint8Array.from([0, 1, 0, 1, 1, 0, 1]);
const prediction = Uint8Array.from([0, 1, 0, 0, 1, 1, 1]);
const codes = Uint16Array.from([2, 4, 5, 3, 1, 0, 5]);
const all = { chosen: new Set(["val", "iid", "ood"]), classes: [], classCount: 2 };

test("a sample's outcome is whether it is wrong and whether its score reaches the threshold", () => {
  const d = { wrong: Uint8Array.of(0, 0, 1, 1, 1, 0), codes: Uint16Array.of(2, 1, 1, 2, 0, 0), first: 2 };
  const { doubted, right, caught, silent } = OUTCOME;
  assert.deepEqual([...outcomes(d, new Uint8Array(6))], [right, doubted, caught, silent, caught, doubted]);
});

test("every sample of a new-class study is a failure even where the labels agree", () => {
  assert.deepEqual([...failureMask({ study, label, prediction, studies })], [0, 0, 0, 1, 0, 1, 1]);
});

test("the class filter treats new-class samples as one entry of their own", () => {
  const shown = (classes) => [...shownMask({ study, label, studies, ...all, classes })];
  assert.deepEqual(shown([]), [1, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual(shown([1]), [0, 1, 0, 1, 1, 0, 0]);
  assert.deepEqual(shown(["new"]), [0, 0, 0, 0, 0, 0, 1]);
});

test("a sample without a score is rejected and counted apart", () => {
  const wrong = failureMask({ study, label, prediction, studies });
  const shown = shownMask({ study, label, studies, ...all });
  const per = counts({ shown, wrong, codes, study, first: 3, studies });
  assert.deepEqual(per[1], { shown: 4, accepted: 2, failures: 2, silent: 1, doubted: 1, nan: 1 });
  assert.deepEqual(total(per), { shown: 7, accepted: 4, failures: 3, silent: 2, doubted: 2, nan: 1 });
});

test("silent failures come most confident first and ties in row order", () => {
  const wrong = Uint8Array.from([1, 1, 1, 1, 0, 1, 1]);
  const shown = new Uint8Array(7).fill(1);
  const ranking = new Ranking({ shown, wrong, codes, levels: 5 });
  const rows = (tab) => [...ranking.rows(tab, 3)];
  assert.deepEqual(rows("silent"), [2, 6, 1, 3]);
  assert.deepEqual(rows("failures"), [2, 6, 1, 3, 0, 5]);
  assert.deepEqual(rows("rejected"), [4]);
});

test("a selection narrows the ranked rows", () => {
  const within = Uint8Array.from([0, 1, 0, 1, 1, 1, 0]);
  const wrong = new Uint8Array(7).fill(1);
  const shown = new Uint8Array(7).fill(1);
  assert.deepEqual([...new Ranking({ shown, wrong, codes, levels: 5, within }).rows("silent", 3)], [1, 3]);
});

test("the percentile of a code is the share of reference samples at or below it", () => {
  const share = percentileOfCode({ codes, study, reference: 1, levels: 5 });
  assert.deepEqual([...share].map((s) => Math.round(s * 300) / 300), [0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1].map((s) => Math.round(s * 300) / 300));
});

test("one ranking serves every threshold", () => {
  const wrong = Uint8Array.from([1, 1, 1, 1, 0, 0, 1]);
  const ranking = new Ranking({ shown: new Uint8Array(7).fill(1), wrong, codes, levels: 5 });
  assert.deepEqual([...ranking.rows("silent", 1)], [2, 6, 1, 3, 0]);
  assert.deepEqual([...ranking.rows("silent", 5)], [2, 6]);
  assert.deepEqual([...ranking.rows("silent", 6)], []);
  assert.deepEqual([...ranking.rows("rejected", 1)], [5], "a sample without a score is rejected at every threshold");
  assert.deepEqual([...ranking.rows("rejected", 2)], [5, 4]);
});
