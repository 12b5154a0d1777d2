// Pure functions over typed arrays: who is shown, accepted, wrong, silent. Exact: scores are dense codes.

export const DOMAIN = { source: 0, target: 1, aside: 2 };

/** Rows that the chosen studies and classes leave visible: Uint8Array (N). `classes` empty means all. */
export function shownMask({ study, label, studies, chosen, classes, classCount }) {
  const inStudy = Uint8Array.from(studies, (s) => (chosen.has(s.name) ? 1 : 0));
  const isNew = Uint8Array.from(studies, (s) => (s.kind === "new_class" ? 1 : 0));
  const everyClass = classes.length === 0;
  const newWanted = everyClass || classes.includes("new");
  const wanted = new Uint8Array(classCount);
  for (const c of classes) if (c !== "new") wanted[c] = 1;
  const shown = new Uint8Array(study.length);
  for (let i = 0; i < study.length; i += 1) {
    const s = study[i];
    if (!inStudy[s]) continue;
    shown[i] = isNew[s] ? (newWanted ? 1 : 0) : everyClass || wanted[label[i]] ? 1 : 0;
  }
  return shown;
}

/** 1 where the prediction is wrong; every sample of a new-class study is. */
export function failureMask({ study, label, prediction, studies }) {
  const isNew = Uint8Array.from(studies, (s) => (s.kind === "new_class" ? 1 : 0));
  const wrong = new Uint8Array(label.length);
  for (let i = 0; i < label.length; i += 1) wrong[i] = isNew[study[i]] || prediction[i] !== label[i] ? 1 : 0;
  return wrong;
}

/** What a sample is at a threshold, as `outcomes` writes it. */
export const OUTCOME = { doubted: 0, right: 1, caught: 2, silent: 3 };

/** OUTCOME of every row, written into `into`: one pass without a branch. Code 0 (no score) is below every `first`. */
export function outcomes({ wrong, codes, first }, into) {
  for (let i = 0; i < into.length; i += 1) into[i] = (wrong[i] << 1) | (codes[i] >= first);
  return into;
}

/** Per study: shown, accepted, failures, silent, rejected although correct, NaN. `within` (N) or null narrows further. */
export function counts({ shown, wrong, codes, study, first, studies, within = null }) {
  // Six kinds per study: without a score, rejected, accepted; right, then wrong. No branch that random data would miss.
  // What is not counted falls into the first place.
  const tally = new Uint32Array(1 + 6 * studies.length);
  const also = within ?? shown;
  for (let i = 0; i < shown.length; i += 1) {
    const code = codes[i];
    tally[(shown[i] & also[i]) * (1 + 6 * study[i] + 3 * wrong[i] + (code > 0) + (code >= first))] += 1;
  }
  return studies.map((_, s) => {
    const [nan, doubted, right, wrongNan, caught, silent] = tally.subarray(1 + 6 * s, 7 + 6 * s);
    const failures = wrongNan + caught + silent;
    return {
      shown: nan + doubted + right + failures, accepted: right + silent, failures, silent,
      doubted: nan + doubted, nan: nan + wrongNan,
    };
  });
}

export function total(per) {
  const sum = { shown: 0, accepted: 0, failures: 0, silent: 0, doubted: 0, nan: 0 };
  for (const c of per) for (const key of Object.keys(sum)) sum[key] += c[key];
  return sum;
}

/**
 * The rows of every tab at every threshold: failures by falling score and correct samples by rising score, ties by
 * row. Both are ordered once; a threshold takes a piece of them, so that dragging it orders nothing.
 */
export class Ranking {
  /** `levels`: the largest code there may be. `within` (N) or null narrows to a selection. */
  constructor({ shown, wrong, codes, levels, within = null }) {
    this.codes = codes;
    this.take = (outcome) => (i) => shown[i] !== 0 && wrong[i] === outcome && (within === null || within[i] !== 0);
    this.levels = levels;
  }

  /** "silent" and "failures" most confident first, "rejected" least confident first. */
  rows(tab, first) {
    const { codes } = this;
    if (tab === "rejected") {
      this.correct ??= ordered(codes, this.levels, this.take(0), { falling: false });
      return this.correct.subarray(0, leading(this.correct, (row) => codes[row] < first || codes[row] === 0));
    }
    this.failures ??= ordered(codes, this.levels, this.take(1), { falling: true });
    if (tab === "failures") return this.failures;
    return this.failures.subarray(0, leading(this.failures, (row) => codes[row] >= first && codes[row] > 0));
  }
}

/** Taken rows by code, ties by row: a counting sort. */
function ordered(codes, levels, take, { falling }) {
  const next = new Uint32Array(levels + 2);
  const place = (code) => (falling ? levels - code : code);
  let n = 0;
  for (let i = 0; i < codes.length; i += 1) {
    if (!take(i)) continue;
    next[place(codes[i]) + 1] += 1;
    n += 1;
  }
  for (let p = 1; p < next.length; p += 1) next[p] += next[p - 1];
  const rows = new Uint32Array(n);
  for (let i = 0; i < codes.length; i += 1) {
    if (!take(i)) continue;
    const p = place(codes[i]);
    rows[next[p]] = i;
    next[p] += 1;
  }
  return rows;
}

/** How many of the first rows pass, where all that pass come first. */
function leading(rows, passes) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(rows[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Each row's percentile in 256 steps: Uint8Array (N). */
export function depthOf({ codes, percentile }) {
  const ofCode = Uint8Array.from(percentile, (share) => Math.min(255, share * 256));
  const depth = new Uint8Array(codes.length);
  for (let i = 0; i < codes.length; i += 1) depth[i] = ofCode[codes[i]];
  return depth;
}

/** Share of reference samples with a score at or below each code: Float32Array over codes 0..levels. */
export function percentileOfCode({ codes, study, reference, levels }) {
  const count = new Float64Array(levels + 1);
  let n = 0;
  for (let i = 0; i < codes.length; i += 1) {
    if ((reference !== null && study[i] !== reference) || codes[i] === 0) continue;
    count[codes[i]] += 1;
    n += 1;
  }
  const share = new Float32Array(levels + 1);
  let below = 0;
  for (let c = 1; c <= levels; c += 1) {
    below += count[c];
    share[c] = n ? below / n : 0;
  }
  return share;
}
