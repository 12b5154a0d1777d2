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
    accepted: c.accepted, silent: c.silent, referred: c.shown - c.accepted, why: "",
    accuracy: ratio(c.shown - c.failures, c.shown),
    coverage: ratio(c.accepted, c.shown), selective: ratio(c.silent, c.accepted), generalized: ratio(c.silent, c.shown),
    silentPer: 1000 * ratio(c.silent, c.shown), referredPer: 1000 * ratio(c.shown - c.accepted, c.shown),
  }));
}

const ratio = (part, whole) => (whole ? part / whole : NaN);

/** (N,) which class of which study a sample is: study * (classCount + 1) + class, new classes last. */
export function classCells({ study, label, studies, classCount }) {
  const isNew = Uint8Array.from(studies, (s) => (s.kind === "new_class" ? 1 : 0));
  const cells = new Uint32Array(study.length);
  for (let i = 0; i < cells.length; i += 1) cells[i] = study[i] * (classCount + 1) + (isNew[study[i]] ? classCount : label[i]);
  return cells;
}

/**
 * The rates of `rows` with weights: `weights[study]` = {all, people, why}, each the weight of every class. Risks and
 * coverage count with `all`, what is per 1,000 with `people`; where there are none, all rates are undefined and say why.
 */
export function weigh(rows, { wrong, codes, cells, first, classCount, weights }) {
  const width = classCount + 1;
  const tally = new Uint32Array(4 * width * rows.length); // right, wrong among the accepted, then among the rejected
  for (let i = 0; i < cells.length; i += 1) tally[4 * cells[i] + wrong[i] + 2 * (codes[i] < first)] += 1;
  return rows.map((row, s) => {
    const { all, people, why } = weights[row.name] ?? {};
    if (!all) return { ...row, accuracy: NaN, coverage: NaN, selective: NaN, generalized: NaN, silentPer: NaN, referredPer: NaN, why: why ?? "" };
    const own = tally.subarray(4 * width * s, 4 * width * (s + 1));
    const [right, silent, doubted, caught] = weightedSums(own, all);
    const [, silentPeople, doubtedPeople, caughtPeople] = weightedSums(own, people);
    const n = right + silent + doubted + caught, heads = weightedSums(own, people).reduce((a, b) => a + b, 0);
    return {
      ...row, accuracy: ratio(right + doubted, n), coverage: ratio(right + silent, n),
      selective: ratio(silent, right + silent), generalized: ratio(silent, n),
      silentPer: 1000 * ratio(silentPeople, heads), referredPer: 1000 * ratio(doubtedPeople + caughtPeople, heads),
    };
  });
}

function weightedSums(own, weights) {
  const sums = [0, 0, 0, 0];
  weights.forEach((weight, c) => sums.forEach((_, kind) => { sums[kind] += weight * own[4 * c + kind]; }));
  return sums;
}

/**
 * Of every target k (0..steps) on the reference: accepted and silent. One pass over the samples, one over the codes.
 * `reference` is the place of its study, or null for all samples; `table` has the first accepted code of each target.
 * With `weights` {all, people} a silent failure counts with the one, an accepted sample with the other.
 */
export function targetCounts({ wrong, codes, study, levels, reference, table, label = null, weights = null }) {
  const taken = new Float64Array(levels + 2), silent = new Float64Array(levels + 2);
  const { all, people } = weights ?? {};
  let n = 0;
  for (let i = 0; i < codes.length; i += 1) {
    if (reference !== null && study[i] !== reference) continue;
    const one = people ? people[label[i]] : 1;
    n += one;
    if (codes[i] === 0) continue;
    taken[codes[i]] += one;
    silent[codes[i]] += wrong[i] * (all ? all[label[i]] : 1);
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

const perThousand = (value) => (Number.isNaN(value) ? "–" : value.toFixed(1));
const rate = (value) => (Number.isNaN(value) ? "–" : share(value, 1));

function line(row, { run, score, reference }) {
  const td = (text) => node("Td", { className: "number", ...(row.why ? { title: row.why } : {}) }, text);
  const go = { run, score, studies: [row.name], sel: { kind: "attributes", studies: [row.name] } };
  const link = (text, className) => node("Button", { className, "data-go": JSON.stringify(go), title: `Show them: ${row.label}` }, text);
  const bar = node("Span", { className: "coverage-bar", "aria-hidden": "true", style: { "--part": `${(100 * (row.coverage || 0)).toFixed(1)}%` } });
  return node("Tr", row.name === reference ? { className: "reference" } : {},
    node("Th", { scope: "row", className: "words" }, node("Span", {}, row.label), node("Small", { className: "quiet-text" }, row.name === reference ? "the threshold is chosen here" : row.kind.replace("_", " "))),
    td(count(row.n)), td(rate(row.accuracy)),
    node("Td", { className: "number" }, bar, node("Span", { className: "coverage-share" }, rate(row.coverage))),
    td(rate(row.selective)), td(rate(row.generalized)),
    node("Td", { className: "number" }, row.silent ? link(count(row.silent), "go is-silent") : "0"),
    td(perThousand(row.silentPer)), td(perThousand(row.referredPer)));
}
