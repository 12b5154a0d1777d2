// What a view is: made from the page's controls, read from an address and written into one. Pure.
import { isBounds, isRecipe } from "./selecting.mjs";

export const CLASS_ROWS = 8;
const TABS = ["silent", "failures", "rejected"];

/** All control values as one view of the run `info`; `classRows` is how many classes the concept grid shows. */
export function viewOf(info, chosen, classRows, { source, classes, score, target, colour, label, prediction, projection, basis, method, k, columns }) {
  return {
    run: info.run, version: info.version, source, studies: chosen, classes: (classes ?? []).map((c) => (c === "new" ? c : Number(c))),
    score, target, colour, pair: [Number(label), Number(prediction)], projection,
    byPrediction: basis === "prediction", method, k: k === "auto" ? null : Number(k),
    columns: (columns ?? []).filter((c) => c !== source && chosen.includes(c)), classRows,
  };
}

/** All that the address holds of a view and of what is selected in it; what is as at first is left out. */
export function stateOf(view, { target, tab, recipe, row, bounds, labels }) {
  const { run, source, studies, classes, score, colour, pair, projection, byPrediction, method, k, columns, classRows } = view;
  return {
    run, source, studies, classes: classes.length ? classes : null, score, target, colour,
    pair: colour === "confusion" ? pair : null, projection, byPrediction: byPrediction || null, method: method === "kmeans" ? null : method, k,
    columns: columns.length ? columns : null, classRows: classRows > CLASS_ROWS ? classRows : null, tab: tab === "silent" ? null : tab,
    sel: recipe, row, map: bounds, labels: labels || null,
  };
}

/** What an address asks for within a run of `n` samples, and in `problems` what of it cannot be read. */
export function askedBy(state, n) {
  const problems = [];
  const bounds = isBounds(state.map) ? state.map : null;
  if (state.map && !bounds) problems.push({ title: "The part of the map in the address cannot be read", detail: "", hint: "The whole map is shown instead." });
  const readable = state.sel === undefined || state.sel === null || isRecipe(state.sel);
  if (!readable) problems.push({ title: "The selection in the address cannot be read", detail: "", hint: "Everything is shown instead." });
  return {
    tab: TABS.includes(state.tab) ? state.tab : TABS[0], bounds, labels: state.labels === true,
    row: Number.isInteger(state.row) && state.row >= 0 && state.row < n ? state.row : null,
    recipe: readable ? state.sel ?? null : null, problems,
  };
}

/** What is said where an address names what the run has not. */
export const adrift = (names) => ({
  title: "The address names what is not here", detail: `${names.join(", ")}.`,
  hint: "What is not there is shown as this run's first view has it.",
});
