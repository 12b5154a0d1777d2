"""Which concepts of the source the concepts of other studies resemble, measured in the shared reduced space.

The unit is the spread of the source: s is the median, over its samples, of the distance to the centre of the
own concept. How far a target concept T lies from a source centre c is D(T, c) = median over T of |x - c| / s,
so that a source concept lies about 1 from itself. The reach R is the 99 % quantile of the source's distances,
in spreads. Medians, since a few images that went astray must not make a concept of the others stray.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sfvisuals.concepts.match_record import ConceptMatch, MatchFlag, SourceConcept
from sfvisuals.concepts.match_words import class_words, words_of
from sfvisuals.concepts.of_run import clustering_of, latents_of, space_of
from sfvisuals.concepts.record import Concept
from sfvisuals.errors import UnavailableError
from sfvisuals.types import BoolArray, ClusterMethod, FloatArray, IntArray, Judge, Rows, Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

WITHIN: Final = 0.99
MOST: Final = 0.5
MANY_CLASSES: Final = 12
NEAREST_CLASSES: Final = 6


@dataclass(frozen=True, eq=False)
class TargetConcept:
    """A concept to be matched: where it comes from, its position there, and itself."""

    study: str
    category: int | str
    index: int
    concept: Concept


@dataclass(frozen=True, eq=False)
class SourceConcepts:
    """All concepts of the source that are compared with.

    Attributes:
        of: (class, position among the concepts of its class, concept), K of them.
        centres: (K, w).
        spread: s, see above; reach: R.
    """

    of: tuple[tuple[int, int, Concept], ...]
    centres: FloatArray
    spread: float
    reach: float


def matches(
    workspace: Workspace,
    run: Run,
    *,
    source: str,
    targets: Sequence[str],
    categories: Sequence[int | str],
    basis: Judge | None = None,
    method: ClusterMethod = ClusterMethod.KMEANS,
    k: int | None = None,
    score: str = "det_mcp",
    target: float = 0.95,
) -> tuple[ConceptMatch, ...]:
    """The concepts of these classes in the target studies beside the source concepts that they resemble.

    Those that moved or have no partner come first, each part by silent failures, then by size.

    Args:
        source: study that stands for the training distribution.
        targets: names of other studies; the source itself is left out.
        categories: classes (positions, or "new") whose target concepts are wanted.
        basis: classes by true label (None) or by this prediction.
        method: how concepts are found; k: how many per class, None lets the data choose.
        score, target: a silent failure is wrong and accepted by this score at this target coverage (0..1).

    Raises UnavailableError where the run has no latents or the source too few samples to have a spread.
    """

    def concepts(study: str, category: int | str) -> tuple[Concept, ...]:
        return clustering_of(workspace, run, study, category, method=method, k=k, basis=basis).concepts

    asked = [
        TargetConcept(study, category, index, concept)
        for study in targets
        if study != source
        for category in categories
        for index, concept in enumerate(concepts(study, category))
    ]
    if not asked:
        return ()
    wanted = _classes(workspace, run, source, asked, basis)
    known = source_concepts({category: concepts(source, category) for category in wanted})
    scored = workspace.score(run, score)
    silent = scored.failure & workspace.accepted(run, score, target=target)
    place = space_of(workspace, run).place
    found = []
    for one in asked:
        points = place(latents_of(run), one.concept.rows)
        found.append(_match(run, source, one, known, points, scored.failure, silent, basis))
    return tuple(sorted(found, key=_order))


def source_concepts(of: Mapping[int, Sequence[Concept]]) -> SourceConcepts:
    """The concepts of the source by class, with their spread and reach.

    Raises UnavailableError where most samples are equal to the centre of their concept, so that there is no
    spread to measure by.
    """
    listed = tuple((category, i, one) for category, found in of.items() for i, one in enumerate(found))
    distances = np.concatenate([np.empty(0), *(one.distances for *_, one in listed)]).astype(np.float64)
    spread = float(np.median(distances)) if distances.size else 0.0
    if spread <= 0:
        raise UnavailableError(
            "The source has too few different samples to compare concepts with",
            detail=f"Found {distances.size} samples in {len(listed)} concepts.",
        )
    reach = float(np.quantile(distances, WITHIN)) / spread
    return SourceConcepts(listed, np.array([one.centre for *_, one in listed]), spread, reach)


def distances_to(points: FloatArray, centres: FloatArray) -> FloatArray:
    """(n, K) float64 distance of each point to each centre."""
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(points, centres))


def _match(
    run: Run,
    source: str,
    one: TargetConcept,
    known: SourceConcepts,
    points: FloatArray,
    failure: BoolArray,
    silent: BoolArray,
    basis: Judge | None,
) -> ConceptMatch:
    rows = one.concept.rows
    apart = distances_to(points, known.centres) / known.spread
    distances = np.median(apart, axis=0)
    beyond = float((apart.min(axis=1) > known.reach).mean())
    nearest = _nearest_of_each_class(run, known, distances)
    own = next((found.distance for found in nearest if found.category == one.category), None)
    made = ConceptMatch(
        source=source,
        study=one.study,
        category=one.category,
        class_name=class_words(run, one.category),
        index=one.index,
        rows=rows,
        representatives=one.concept.representatives,
        failures=int(failure[rows].sum()),
        n_silent=int(silent[rows].sum()),
        nearest=nearest,
        own=own,
        reach=known.reach,
        beyond=beyond,
        flag=_flag(one.category, nearest[0], known.reach, beyond),
    )
    return replace(made, words=words_of(run, made, basis))


def _flag(category: int | str, first: SourceConcept, reach: float, beyond: float) -> MatchFlag:
    if beyond > MOST:
        return MatchFlag.ALONE
    moved = first.category != category and first.distance <= reach
    return MatchFlag.MOVED if moved else MatchFlag.NONE


def _nearest_of_each_class(
    run: Run, known: SourceConcepts, distances: FloatArray
) -> tuple[SourceConcept, ...]:
    best: dict[int, int] = {}
    for place in np.argsort(distances, kind="stable"):
        best.setdefault(known.of[place][0], int(place))
    return tuple(
        SourceConcept(
            category,
            class_words(run, category),
            known.of[place][1],
            float(distances[place]),
            known.of[place][2].rows,
            known.of[place][2].representatives,
        )
        for category, place in best.items()
    )


def _classes(
    workspace: Workspace, run: Run, source: str, asked: Sequence[TargetConcept], basis: Judge | None
) -> list[int]:
    """The classes of the source to compare with, ascending: all that it has where they are at most twelve.

    Of more, for every target concept its own and the six whose mean lies nearest to it.
    """
    rows = run.rows_of(source)
    code = run.label if basis is None else workspace.judged(run, basis).prediction
    rows = rows[~run.new_class[rows] & (code[rows] >= 0) & (code[rows] < run.n_classes)]
    present = np.unique(code[rows])
    if present.size <= MANY_CLASSES:
        return [int(c) for c in present]
    means = _class_means(space_of(workspace, run).place(latents_of(run), rows), code[rows], present)
    chosen = {one.category for one in asked if one.category in present}
    for one in asked:
        apart = ((means - one.concept.centre) ** 2).sum(axis=1)
        chosen.update(int(c) for c in present[np.argsort(apart, kind="stable")[:NEAREST_CLASSES]])
    return sorted(int(c) for c in chosen)


def _class_means(points: FloatArray, code: IntArray, present: Rows | IntArray) -> FloatArray:
    """(classes, w) mean of the points of each class present."""
    place = np.searchsorted(present, code)
    sums = np.stack(
        [np.bincount(place, weights=column, minlength=present.size) for column in points.T], axis=1
    )
    means: FloatArray = sums / np.bincount(place, minlength=present.size)[:, None]
    return means


def _order(one: ConceptMatch) -> tuple[bool, int, int, str, str, int]:
    return (one.flag is MatchFlag.NONE, -one.n_silent, -one.size, one.study, str(one.category), one.index)
