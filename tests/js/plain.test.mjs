import assert from "node:assert/strict";
import { test } from "node:test";
import { attributesOf } from "../../assets/plain.mjs";

test("component properties become attributes of their HTML names", () => {
  const props = { className: "a b", tabIndex: 0, colSpan: 3, hidden: false, title: null, open: true, "aria-pressed": "false", "data-row": "7" };
  assert.deepEqual(attributesOf(props), [
    ["class", "a b"], ["tabindex", "0"], ["colspan", "3"], ["open", ""], ["aria-pressed", "false"], ["data-row", "7"],
  ]);
});
