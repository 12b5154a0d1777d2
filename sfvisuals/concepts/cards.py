"""Cards of the concepts of one class in one study: what they hold, how they fare, what tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sfvisuals.concepts.cards_record import ConceptCard, Rate
from sfvisuals.concepts.elsewhere import findings_of, sizes_of
from sfvisuals.concepts.match_words import class_words
from sfvisuals.concepts.names import built_names
from sfvisuals.concepts.of_run import Cell
from sfvisuals.failures import rank_by_silence
from sfvisuals.metrics.calibration import NO_PROBABILITY
from sfvisuals.metrics.guarantee import binomial_interval
from sfvisuals.types import ClusterMethod, Judge, Rows, Run, ScoreVector

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace


def concept_cards(
    workspace: Workspace,
    run: Run,
    *,
    study: str,
    category: int | str,
    basis: Judge | None = None,
    method: ClusterMethod = ClusterMethod.KMEANS,
    k: int | None = None,
    score: str = "det_mcp",
    target: float = 0.95,
) -> tuple[ConceptCard, ...]:
    """The cards of the concepts of one class in one study, the largest first.

    Args:
        study: name of the study.
        category: class position, or "new".
        basis: classes by true label (None) or by this prediction.
        method: how concepts are found; k: how many, None lets the data choose.
        score, target: a silent failure is wrong and accepted by this score at this target coverage (0..1).

    Raises UnavailableError where the run has no latents, NotFoundError for an unknown study or score.
    """
    cell = Cell(study, category, basis, method, k)
    found = cell.clustering(workspace, run)
    if not found.concepts:
        return ()
    scored = workspace.score(run, score)
    accepted = workspace.accepted(run, score, target=target)
    told = [findings_of(workspace, run, cell, one) for one in found.concepts]
    names = built_names(class_words(run, category), [those for those, _ in told])
    sizes = sizes_of(workspace, run, cell)
    cards = []
    for index, concept in enumerate(found.concepts):
        rows = concept.rows
        failing = rows[scored.failure[rows]]
        silent, caught = failing[accepted[failing]], failing[~accepted[failing]]
        confidence, gap, why = _confidence(scored, rows)
        low, high = binomial_interval(silent.size, rows.size)
        cards.append(
            ConceptCard(
                study=study,
                category=category,
                class_name=class_words(run, category),
                index=index,
                basis=basis,
                method=method,
                k=k,
                name=names[index],
                rows=rows,
                spread=concept.spread,
                representatives=concept.representatives,
                boundary=concept.boundary,
                failures=np.concatenate([rank_by_silence(part, scored.values) for part in (silent, caught)]),
                n_silent=int(silent.size),
                sizes=tuple((s.name, int(n)) for s, n in zip(run.studies, sizes[index], strict=True)),
                accuracy=1 - failing.size / rows.size,
                confidence=confidence,
                gap=gap,
                gap_why=why,
                silent_rate=Rate(int(silent.size), int(rows.size), low, high),
                findings=told[index][0],
                findings_why=told[index][1],
                stability=found.stability,
            )
        )
    return tuple(cards)


def _confidence(scored: ScoreVector, rows: Rows) -> tuple[float | None, float | None, str]:
    """Mean score of the members, mean confidence minus accuracy, and why there is no such gap."""
    values = scored.values[rows]
    present = np.isfinite(values)
    if not present.any():
        return None, None, "no member has a score"
    mean = float(values[present].mean())
    known = scored.values[np.isfinite(scored.values)]
    if known.min() < 0 or known.max() > 1:
        return mean, None, NO_PROBABILITY
    return mean, mean - float(1 - scored.failure[rows[present]].mean()), ""
