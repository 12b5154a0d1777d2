// The operating point: what one threshold does to every study, counted from the score's dense codes. Pure but for `draw`.
import { counts } from "./counting.mjs";
import { share } from "./words.mjs";
import { show } from "./plain.mjs";

const ASIDE = new Set(["train"]);
const count = (value) => value.toLocaleString("en-GB");
const node = (type, props, ...children) => ({ type, props: { ...props, children } });

/** Per study what the threshold does: counts, coverage, both risks, silent failures and referrals per 1,000. */
export function operatingPoint({ wrong, codes, study, first, studies, every }) {
  const per = counts({ shown: every, wrong, codes, study, first, studies });
  return per.map((c, i) => ({
    name: studies[i].name, label: studies[i].label, kind: studies[i].kind, n: c.shown, failures: c.failures,
    accepted: c.accepted, silent: c.silent, referred: c.shown - c.accepted,
    coverage: c.shown ? c.accepted / c.shown : NaN,
    selective: c.accepted ? c.silent / c.accepted : NaN,
    generalized: c.shown ? c.silent / c.shown : NaN,
  }));
}

/**
 * Of every target k (0..steps) on the reference: accepted and silent. One pass over the samples, one over the codes.
 * `reference` is the place of its study, or null for all samples; `table` has the first accepted code of each target.
 */
export function targetCounts({ wrong, codes, study, levels, reference, table }) {
  const taken = new Float64Array(levels + 2), silent = new Float64Array(levels + 2);
  let n = 0;
  for (let i = 0; i < codes.length; i += 1) {
    if (reference !== null && study[i] !== reference) continue;
    n += 1;
    if (codes[i] === 0) continue;
    taken[codes[i]] += 1;
    silent[codes[i]] += wrong[i];
  }
  for (let c = levels; c > 0; c -= 1) {
    taken[c] += taken[c + 1];
    silent[c] += silent[c + 1];
  }
  const at = (sums, code) => (code > levels ? 0 : sums[Math.max(code, 1)]);
  return { n, accepted: table.code.map((c) => at(taken, c)), silent: table.code.map((c) => at(silent, c)) };
}

/** The target of least cost per sample: silent failures and referrals each have theirs; of equal ones the highest coverage. */
export function cheapestTarget({ n, accepted, silent }, { silentCost, referralCost }) {
  let best = -1, least = Infinity;
  for (let k = 0; k < accepted.length; k += 1) {
    const cost = (silentCost * silent[k] + referralCost * (n - accepted[k])) / n;
    if (cost <= least) [best, least] = [k, cost];
  }
  return { target: best, cost: least };
}

/** The target whose threshold lies nearest to a value by hand; of equal thresholds the least target. */
export function nearestTarget(values, wanted) {
  let best = -1, distance = Infinity;
  values.forEach((value, k) => {
    if (value === null) return;
    const off = Math.abs(value - wanted);
    if (off < distance) [best, distance] = [k, off];
  });
  return best;
}

const HEAD = [
  ["study", "words", ""], ["samples", "number", ""], ["accuracy", "number", "Right predictions among all"],
  ["coverage", "number", "Accepted among all"], ["selective risk", "number", "Wrong among the accepted"],
  ["generalized risk", "number", "Wrong and accepted among all"], ["silent failures", "number", "Wrong and accepted"],
  ["silent per 1,000", "number", "Silent failures per 1,000 samples"], ["referrals per 1,000", "number", "Rejected samples per 1,000: what people have to look at"],
];

/** The table of all studies; every silent failure leads to its samples. */
export function draw(host, rows, { run, score, reference }, says) {
  const lines = rows.filter((row) => !ASIDE.has(row.kind)).map((row) => line(row, { run, score, reference }));
  show(host, [
    ...says,
    node("Div", { className: "bench-scroll", tabIndex: 0, role: "region", "aria-label": "Operating point per study" },
      node("Table", { className: "bench-table cockpit" },
        node("Caption", { className: "sr-only" }, "What the threshold does to every study"),
        node("Thead", {}, node("Tr", {}, ...HEAD.map(([text, kind, title]) => node("Th", { scope: "col", className: kind, ...(title ? { title } : {}) }, text)))),
        node("Tbody", {}, ...lines))),
  ]);
}

const perThousand = (part, n) => (n ? ((1000 * part) / n).toFixed(1) : "–");

function line(row, { run, score, reference }) {
  const td = (text, className = "number") => node("Td", { className }, text);
  const go = { run, score, studies: [row.name], sel: { kind: "attributes", studies: [row.name] } };
  const link = (text, className) => node("Button", { className, "data-go": JSON.stringify(go), title: `Show them: ${row.label}` }, text);
  const bar = node("Span", { className: "coverage-bar", "aria-hidden": "true", style: { "--part": `${(100 * (row.coverage || 0)).toFixed(1)}%` } });
  return node("Tr", row.name === reference ? { className: "reference" } : {},
    node("Th", { scope: "row", className: "words" }, node("Span", {}, row.label), node("Small", { className: "quiet-text" }, row.name === reference ? "the threshold is chosen here" : row.kind.replace("_", " "))),
    td(count(row.n)), td(share(row.n - row.failures, row.n)),
    node("Td", { className: "number" }, bar, node("Span", { className: "coverage-share" }, share(row.accepted, row.n))),
    td(share(row.silent, row.accepted)), td(share(row.silent, row.n)),
    node("Td", { className: "number" }, row.silent ? link(count(row.silent), "go is-silent") : "0"),
    td(perThousand(row.silent, row.n)), td(perThousand(row.referred, row.n)));
}
