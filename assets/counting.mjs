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

/** Per study: shown, accepted, failures, silent, rejected although correct, NaN. `within` (N) or null narrows further. */
export function counts({ shown, wrong, codes, study, first, studies, within = null }) {
  const per = studies.map(() => ({ shown: 0, accepted: 0, failures: 0, silent: 0, doubted: 0, nan: 0 }));
  for (let i = 0; i < shown.length; i += 1) {
    if (!shown[i] || (within && !within[i])) continue;
    const c = per[study[i]];
    const accepted = codes[i] >= first && codes[i] > 0;
    c.shown += 1;
    if (codes[i] === 0) c.nan += 1;
    if (accepted) c.accepted += 1;
    if (wrong[i]) {
      c.failures += 1;
      if (accepted) c.silent += 1;
    } else if (!accepted) c.doubted += 1;
  }
  return per;
}

export function total(per) {
  const sum = { shown: 0, accepted: 0, failures: 0, silent: 0, doubted: 0, nan: 0 };
  for (const c of per) for (const key of Object.keys(sum)) sum[key] += c[key];
  return sum;
}

/** Rows of a tab: "silent" and "failures" most confident first, "rejected" least confident first; ties by row. */
export function rankedRows({ shown, wrong, codes, first, within, tab }) {
  const n = shown.length;
  const keys = new Float64Array(n);
  let found = 0;
  let top = 0;
  for (let i = 0; i < n; i += 1) if (codes[i] > top) top = codes[i];
  for (let i = 0; i < n; i += 1) {
    if (!shown[i] || (within && !within[i])) continue;
    const accepted = codes[i] >= first && codes[i] > 0;
    const take = tab === "silent" ? wrong[i] && accepted : tab === "failures" ? wrong[i] : !wrong[i] && !accepted;
    if (!take) continue;
    const place = tab === "rejected" ? codes[i] : top - codes[i];
    keys[found] = place * n + i;
    found += 1;
  }
  const used = keys.subarray(0, found);
  used.sort();
  const rows = new Uint32Array(found);
  for (let i = 0; i < found; i += 1) rows[i] = used[i] % n;
  return rows;
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
