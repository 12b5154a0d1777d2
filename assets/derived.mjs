// What a view needs of a run's columns: derived once per change of run, studies, classes, score; not per threshold.
import { depthOf, failureMask, percentileOfCode, shownMask } from "./counting.mjs";

const ASIDE = new Set(["validation", "train"]);

/** The run's arrays and names as the view has them. `columns` = {study, label, prediction, score, extra}. */
export function derived({ study, label, prediction, score, extra }, { info, view, kept }) {
  const { studies, classes } = info;
  const chosen = new Set(view.studies);
  const levels = score.levels.length;
  const place = studies.findIndex((s) => s.name === info.reference); // -1: all samples stand in
  const reference = place < 0 ? null : place;
  const percentile = kept.get("percentile", [score.codes, study, reference], () =>
    percentileOfCode({ codes: score.codes, study, reference, levels }));
  return {
    study, label, prediction, codes: score.codes, levels: score.levels, meta: score.meta, extra, studies, classes, chosen,
    pair: view.pair,
    domainOfStudy: Uint8Array.from(studies, (s) => (s.name === view.source ? 0 : ASIDE.has(s.kind) ? 2 : 1)),
    isNewStudy: Uint8Array.from(studies, (s) => (s.kind === "new_class" ? 1 : 0)),
    hasNew: studies.some((s) => s.kind === "new_class" && chosen.has(s.name)),
    shown: kept.get("shown", [study, label, JSON.stringify([view.studies, view.classes])], () =>
      shownMask({ study, label, studies, chosen, classes: view.classes, classCount: classes.length })),
    wrong: kept.get("wrong", [study, label, prediction], () => failureMask({ study, label, prediction, studies })),
    percentile,
    depth: kept.get("depth", [score.codes, percentile], () => depthOf({ codes: score.codes, percentile })),
  };
}

/** The columns that `derived` takes, from the server; `extra` is what the colour shows beyond them, or null. */
export async function gathered({ view, info, columns, map, projections }) {
  const judge = info.scores.find((s) => s.name === view.score)?.judge ?? "plain";
  const [study, label, prediction, score] = await Promise.all([
    columns.array("columns/study"), columns.array("columns/label"),
    columns.array(`columns/prediction.${judge}`), columns.score(view.score),
  ]);
  const { colour } = view;
  const ofColumn = colour.startsWith("column:") && columns.colour(colour.slice(7));
  const extra = ofColumn || (colour === "trust" && map.shown && projections.trustOf(map.shown)) || null;
  return { study, label, prediction, score, extra: await extra };
}
