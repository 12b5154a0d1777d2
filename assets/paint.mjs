// Colours of the points: a code per row, a palette of at most 256 colours, and the legend that explains them.
// Red means a silent failure and nothing else. Where the colour speaks of confidence, silent failures are filled with red that
// deepens with the score's percentile on validation; in every other mode they keep the mode's colour and get a red rim.

import { OUTCOME } from "./counting.mjs";

export const QUALITATIVE = [
  "#0072b2", "#e69f00", "#009e73", "#56b4e9", "#8c6bb1", "#b5a100", "#4d6a7d", "#00a5a5", "#a6761d", "#7fb800",
  "#35528a", "#c7a76c",
];
const RED = ["#eb9f98", "#e68a83", "#e0746d", "#d95c55", "#d2443e", "#c62b27", "#b31616", "#960707"];
const RED_DARK = ["#8d3a36", "#a2403b", "#b84640", "#cd4c45", "#e2524b", "#f25f57", "#ff736b", "#ff8a83"];
const FIRST_RED = 240;
const MOST_CLASSES = 23, OTHER = 200, NEW = 201, LISTED = 24;
export const MISSING = 255;
const FILLED = new Set(["silence", "confidence"]);
const NEUTRAL = {
  light: { right: "#8fa5ba", doubted: "#cdd7e0", caught: "#d08a00", missing: "#c9c9c9", aside: "#b8b8b8", strong: "#3c4a57" },
  dark: { right: "#61788f", doubted: "#3a4754", caught: "#c98f1f", missing: "#4a4a4a", aside: "#666666", strong: "#c3cfda" },
};
const RAMPS = {
  viridis: ["#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725"],
  blues: ["#d4e3f0", "#a9cbe4", "#7cb0d6", "#4f93c4", "#2c75ae", "#125992", "#06406f"],
  ambers: ["#f5e2b8", "#edcb83", "#e2b14f", "#d08a00", "#a86a00", "#7d4c00"],
};

function mix(ramp, share) {
  const colours = RAMPS[ramp];
  const place = Math.min(Math.max(share, 0), 1) * (colours.length - 1);
  const low = Math.min(Math.floor(place), colours.length - 2);
  const part = place - low;
  const at = (colour, i) => parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
  const channel = (i) => Math.round(at(colours[low], i) * (1 - part) + at(colours[low + 1], i) * part);
  return `#${[0, 1, 2].map((i) => channel(i).toString(16).padStart(2, "0")).join("")}`;
}

/** The i-th colour of a set: after the first round the same colours come lighter, so that 24 are told apart. */
function shade(i) {
  const colour = QUALITATIVE[i % QUALITATIVE.length];
  if (i < QUALITATIVE.length) return colour;
  const at = (from) => Math.round(0.5 * parseInt(colour.slice(from, from + 2), 16) + 0.5 * 235);
  return `#${[1, 3, 5].map((from) => at(from).toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Codes, palette and legend for one colour mode at the present threshold. `d` holds the run's arrays and names, see
 * derived.mjs, and `d.outcome` what each sample is at the threshold. While only the threshold changes, `ground` may be kept
 * and `codes` used again: then at most one pass over N is left. The codes may be the ground's own.
 */
export function paint(mode, d, { ground = groundOf(mode, d), codes = new Uint8Array(d.wrong.length) } = {}) {
  const palette = [...ground.palette];
  const { items } = ground;
  const reds = d.dark ? RED_DARK : RED;
  const rim = FILLED.has(mode) ? null : reds[d.dark ? 6 : 5];
  const silent = { codes: [], colour: rim ?? reds[5], label: "silent failure", rim: rim !== null };
  if (rim !== null) return { codes: ground.codes, palette, items: [silent, ...items], rim };
  reds.forEach((colour, i) => { palette[FIRST_RED + i] = colour; });
  silent.codes = reds.map((_, i) => FIRST_RED + i);
  silent.shades = reds;
  paintFilled(mode, d, ground.codes, codes, reds.length);
  return { codes, palette, items: [silent, ...items], rim };
}

/** The part of `paint` that the threshold does not change. */
export function groundOf(mode, d) {
  const neutral = NEUTRAL[d.dark ? "dark" : "light"];
  const palette = new Array(256).fill(neutral.missing);
  const n = d.wrong.length;
  const codes = new Uint8Array(n);
  const items = [];
  const add = (code, colour, label, value) => {
    palette[code] = colour;
    items.push({ codes: [code], colour, label, value });
  };
  const ramp = (from, steps, name, label, low, high) => {
    const own = Array.from({ length: steps }, (_, i) => from + i);
    for (const [i, code] of own.entries()) palette[code] = mix(name, steps > 1 ? i / (steps - 1) : 0);
    items.push({ codes: own, ramp: RAMPS[name], label, low, high });
  };
  const each = (of) => {
    for (let i = 0; i < n; i += 1) codes[i] = of(i);
  };

  if (mode === "silence") {
    add(0, neutral.right, "correct, accepted");
    add(1, neutral.doubted, "correct, rejected");
    add(2, neutral.caught, "failure, rejected");
    each((i) => (d.wrong[i] ? 2 : 0));
  } else if (mode === "domain") {
    add(0, shade(0), "source");
    add(1, shade(1), "target");
    if (d.studies.some((s, i) => d.domainOfStudy[i] === 2 && d.chosen.has(s.name))) add(2, neutral.aside, "validation, train");
    else palette[2] = neutral.aside;
    each((i) => d.domainOfStudy[d.study[i]]);
  } else if (mode === "study") {
    d.studies.filter((s) => d.chosen.has(s.name)).forEach((s, place) => add(d.studies.indexOf(s) % 200, shade(place), s.label));
    each((i) => d.study[i] % 200);
  } else if (mode === "class" || mode === "prediction") {
    const own = mode === "class" ? d.label : d.prediction;
    const isNew = mode === "class" ? d.isNewStudy : new Uint8Array(d.studies.length);
    const { codeOf, named, others } = classCodes(d, own, isNew);
    named.forEach((c, i) => add(i, shade(i), d.classes[c]));
    if (others) add(OTHER, neutral.aside, `${others} other classes`);
    if (mode === "class" && d.hasNew) add(NEW, neutral.strong, "new class");
    each((i) => (isNew[d.study[i]] ? NEW : codeOf[own[i]] ?? OTHER));
  } else if (mode === "correctness") {
    add(0, neutral.right, "correct");
    add(1, neutral.caught, "wrong");
    each((i) => d.wrong[i]);
  } else if (mode === "confusion") {
    paintConfusion(d, add, each, neutral);
  } else if (mode === "confidence") {
    ramp(0, 50, "blues", "correct: confidence percentile", "0", "100");
    ramp(50, 50, "ambers", "failure, rejected", "0", "100");
    each((i) => Math.round(d.percentile[d.codes[i]] * 49) + (d.wrong[i] ? 50 : 0));
  } else if (mode === "trust") {
    const own = d.extra ? d.extra.codes.map((c) => (c > 200 ? MISSING : c)) : new Uint8Array(n).fill(MISSING);
    codes.set(own);
    const missing = own.includes(MISSING);
    if (own.some((c) => c !== MISSING)) {
      ramp(0, 201, "viridis", d.extra.meta.label || "trust: share of nearest latent neighbours kept", "0", "1");
      items.at(-1).title = d.extra.meta.title;
    }
    if (missing) add(MISSING, neutral.missing, d.extra?.meta.why || "trust not measured");
  } else if (d.extra) {
    paintColumn(d.extra, add, ramp, neutral);
    codes.set(d.extra.codes);
  }
  return { codes, palette, items };
}

/** Which classes have a colour code of their own: all, or the most frequent ones that are shown, most frequent first. */
function classCodes(d, own, isNew) {
  const count = new Uint32Array(d.classes.length);
  for (let i = 0; i < own.length; i += 1) if (d.shown[i] !== 0 && isNew[d.study[i]] === 0) count[own[i]] += 1;
  let named = Array.from(count, (_, c) => c);
  if (named.length > LISTED) named = named.filter((c) => count[c]).sort((a, b) => count[b] - count[a] || a - b);
  const room = named.length > LISTED ? MOST_CLASSES : LISTED;
  const others = Math.max(0, named.length - room);
  named = named.slice(0, room);
  const codeOf = new Uint8Array(d.classes.length).fill(OTHER);
  named.forEach((c, code) => { codeOf[c] = code; });
  return { codeOf, named, others };
}

function paintConfusion(d, add, each, neutral) {
  if (d.classes.length === 2) {
    const [a, b] = d.classes;
    add(0, shade(0), `${a}, predicted ${a}`);
    add(1, shade(3), `${b}, predicted ${b}`);
    add(2, shade(1), `${a}, predicted ${b}`);
    add(3, shade(4), `${b}, predicted ${a}`);
    if (d.hasNew) add(4, neutral.strong, "new class");
    each((i) => {
      if (d.isNewStudy[d.study[i]]) return 4;
      return d.wrong[i] ? 2 + Math.min(d.label[i], 1) : Math.min(d.label[i], 1);
    });
    return;
  }
  const [label, prediction] = d.pair;
  add(0, neutral.right, "right");
  add(1, shade(1), `${d.classes[label]}, predicted ${d.classes[prediction]}`);
  add(2, shade(4), "other wrong");
  each((i) => {
    if (!d.wrong[i]) return 0;
    return !d.isNewStudy[d.study[i]] && d.label[i] === label && d.prediction[i] === prediction ? 1 : 2;
  });
}

function paintColumn({ meta }, add, ramp, neutral) {
  if (meta.kind === "number") {
    const say = (value) => Number(value.toPrecision(4)).toString();
    ramp(0, meta.steps + 1, "viridis", "", say(meta.min), say(meta.max));
  } else meta.categories.forEach((c, i) => add(i, i >= 11 ? neutral.aside : shade(i), c, meta.values?.[i]));
  if (meta.missing) add(MISSING, neutral.missing, "missing", meta.kind === "number" ? undefined : null);
}

/** Silent failures in red, the deeper the higher their percentile; under "silence" all others by their outcome. */
function paintFilled(mode, { outcome, depth }, ground, codes, reds) {
  const red = Uint8Array.from({ length: 256 }, (_, d) => FIRST_RED + Math.min(reds - 1, (d * reds) >> 8));
  const plain = Uint8Array.of(1, 0, 2, 0); // by OUTCOME: doubted, right, caught
  const bySilence = mode === "silence";
  for (let i = 0; i < codes.length; i += 1) {
    const own = outcome[i], silent = -(own === OUTCOME.silent); // no branch: random data would miss every other one
    codes[i] = (red[depth[i]] & silent) | ((bySilence ? plain[own] : ground[i]) & ~silent);
  }
}
