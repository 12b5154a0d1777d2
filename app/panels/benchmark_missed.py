"""Failures that every score misses: an UpSet plot, its twin, and the universal ones as a selection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from app.answers import Answer, Asked
from app.blocks import Cell, chart, count, empty, link, table, view
from app.figures.frame import plain
from app.figures.upset import upset_figure
from sfvisuals.benchmark.records import POSTER_SCORES
from sfvisuals.failures import Intersection, missed
from sfvisuals.recipes import Attributes
from sfvisuals.scores import ScoreInfo, score_list
from sfvisuals.scores.catalogue import EXTERNAL_LABELS
from sfvisuals.types import Run, StudyKind
from sfvisuals.workspace import Workspace

DRAWN = 24
MOST_SCORES = 22
POSTER = (*POSTER_SCORES, *EXTERNAL_LABELS)


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """Silent failures of every score at its own threshold for one target, in one study or all tests."""
    asked_for = asked.names("scores") or usual(run)
    usable = [s for s in score_list(run) if s.available and s.name in asked_for]
    infos = usable[:MOST_SCORES]
    if not infos:
        return Answer(empty("No score takes part", "Choose one or more scores above."))
    studies, target = tested(run, asked.text("where")), asked.target()
    within = workspace.resolve(run, Attributes(studies))
    silent = {}
    for info in infos:
        failure = workspace.score(run, info.name).failure
        silent[info.name] = (failure & workspace.accepted(run, info.name, target=target / 1000))[within]
    found = missed(silent)
    if not found.any:
        why = "Every failure scores below its threshold. Raise the coverage, or choose another study."
        return Answer(empty("No score misses a failure here", why))
    labels = {info.name: info.label for info in infos}
    pieces = found.intersections[:DRAWN]
    ways = [way(run, infos, piece, studies, target) for piece in pieces]
    every = way(run, infos, Intersection(tuple(labels), found.universal), studies, target)
    drawn = f"{len(pieces)} of {len(found.intersections)} combinations, the largest first"
    note = f"{drawn}; each sample is in exactly one. Red: missed by all. Click a bar for its samples."
    if len(usable) > len(infos):
        note += f" The first {len(infos)} of {len(usable)} scores, as many as a selection can combine."
    label = {s.name: s.label for s in run.studies}
    place = f"{len(studies)} test studies" if len(studies) > 1 else label[studies[0]]
    twin = table(
        "Combinations",
        ["missed by exactly", "scores", "samples"],
        [
            [_words(piece, labels), str(len(piece.names)), Cell(count(piece.n), go=go)]
            for piece, go in zip(pieces, ways, strict=True)
        ],
    )
    figures = {"upset": plain(upset_figure(pieces, labels=labels, sizes=found.sizes))}
    block = chart("upset", f"Silent failures shared by scores, {place}", note=note, twin=twin, wide=True)
    return Answer([_universal(found.universal, found.any, len(infos), every), block], figures, {"ways": ways})


def usual(run: Run) -> tuple[str, ...]:
    """The scores that take part at first: the poster's that this run has, else its first ones."""
    usable = [s.name for s in score_list(run) if s.available]
    found = [name for name in usable if name in POSTER]
    return tuple(found if len(found) > 1 else usable[: len(POSTER)])


def tested(run: Run, where: str) -> tuple[str, ...]:
    """The study of that name, or all that are neither validation nor train."""
    if where and any(s.name == where for s in run.studies):
        return (where,)
    aside = {StudyKind.VALIDATION, StudyKind.TRAIN}
    return tuple(s.name for s in run.studies if s.kind not in aside) or tuple(s.name for s in run.studies)


def _universal(universal: int, any_: int, scores: int, go: dict[str, Any]) -> html.P:
    number = link(
        count(universal), go, style="go is-silent" if universal else "go", title="Show these samples"
    )
    words = f" of {count(any_)} silent failures are missed by all {scores} scores at this coverage."
    return html.P([html.B(number), words], className="bench-sentence", **{"data-universal": str(universal)})


def way(
    run: Run, infos: Sequence[ScoreInfo], piece: Intersection, studies: Sequence[str], target: int
) -> dict[str, Any]:
    """Explore with the samples that exactly these scores miss."""

    def outcome(name: str) -> dict[str, Any]:
        return {"kind": "outcome", "outcome": "silent", "score": name, "target": target}

    within = {"kind": "attributes", "studies": list(studies)}
    inside = [outcome(name) for name in piece.names]
    outside = [outcome(info.name) for info in infos if info.name not in piece.names]
    recipe: dict[str, Any] = {"kind": "and", "of": [*inside, within]}
    if outside:
        recipe = {"kind": "minus", "of": [recipe, *outside]}
    return view(run.name, studies, recipe=recipe, score=piece.names[0], target=target)


def _words(piece: Intersection, labels: dict[str, str]) -> str:
    if len(piece.names) == len(labels):
        return "all scores"
    return ", ".join(labels[name] for name in piece.names)
