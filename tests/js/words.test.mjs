import assert from "node:assert/strict";
import { test } from "node:test";
import { score } from "../../assets/casegrid.mjs";
import { share } from "../../assets/words.mjs";

test("a share is never rounded to none or all where it is neither", () => {
  assert.equal(share(1, 8), "12.5 %");
  assert.equal(share(0, 8), "0.0 %");
  assert.equal(share(8, 8), "100.0 %");
  assert.equal(share(89998, 90000), "> 99.9 %");
  assert.equal(share(1, 90000), "< 0.1 %");
  assert.equal(share(0, 0), "–");
});

test("scores just below one keep the digits that rank them, and a missing one says so", () => {
  assert.deepEqual([1, 0.99949, 0.99971, 0.999999].map(score), ["1.000", "0.999", "0.99971", "1−1e-6"]);
  assert.deepEqual([-0.25, 12.34, 0.0004, NaN].map(score), ["-0.250", "12.3", "4.0e-4", "no score"]);
});
