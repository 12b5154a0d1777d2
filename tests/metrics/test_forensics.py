"""Every planted pathology of a score is named, and a sound score has none."""

from __future__ import annotations

import numpy as np
import pytest

from sfvisuals.metrics.forensics import Pathology, examine

CHANCE = np.random.default_rng(11)
SCORE = CHANCE.random(2000)
WRONG = CHANCE.random(2000) > SCORE


def kinds(values: np.ndarray, **rest: object) -> set[Pathology]:
    return {finding.kind for finding in examine(values, WRONG, **rest).findings}  # type: ignore[arg-type]


def with_gap() -> np.ndarray:
    return np.where(np.arange(2000) % 2 == 0, SCORE, SCORE + 4)


PLANTED = {
    Pathology.MISSING: np.where(np.arange(2000) < 3, np.nan, SCORE),
    Pathology.CONSTANT: np.full(2000, 0.5),
    Pathology.TIED: np.round(SCORE * 50) / 50,
    Pathology.SATURATED: np.minimum(SCORE, 0.9),
    Pathology.FLOAT16: SCORE.astype(np.float16).astype(np.float64),
    Pathology.REVERSED: -SCORE,
    Pathology.PIECEWISE: with_gap(),
}


@pytest.mark.parametrize("kind", PLANTED, ids=str)
def test_a_planted_pathology_is_named_with_its_evidence(kind: Pathology) -> None:
    found = examine(PLANTED[kind], WRONG).findings
    assert kind in {finding.kind for finding in found}
    assert all(any(letter.isdigit() for letter in finding.evidence) for finding in found)


def test_a_sound_score_has_no_finding() -> None:
    assert kinds(SCORE) == set()


def test_a_study_whose_scores_do_not_overlap_with_the_first_is_a_shifted_level() -> None:
    levels = {"iid": SCORE[:500], "near": SCORE[500:900], "far": SCORE[:400] + 7, "few": np.array([9.0])}
    found = examine(SCORE, WRONG, level_of=levels).findings
    assert [f.kind for f in found] == [Pathology.SHIFTED]
    assert "far" in found[0].evidence
    assert "above" in found[0].evidence


def test_bfloat16_is_told_from_float16() -> None:
    coarse = np.round(np.ldexp(0.5 + SCORE / 2, 8)) / 256  # 8 bits of a fraction in 0.5..1
    (found,) = [f for f in examine(coarse, WRONG).findings if f.kind is Pathology.FLOAT16]
    assert "bfloat16" in found.evidence


def test_a_grid_of_halves_is_tied_but_no_rounding_to_half_precision() -> None:
    grid = np.round(SCORE * 40) / 2
    assert Pathology.FLOAT16 not in kinds(grid)
    assert Pathology.TIED in kinds(grid)


def test_a_score_at_chance_is_not_called_reversed() -> None:
    assert Pathology.REVERSED not in kinds(CHANCE.random(2000))


def test_how_far_the_order_of_ties_moves_aurc_by_hand() -> None:
    # one tie of two with one failure: best [right, wrong] risks 0, 1/2; worst [wrong, right] risks 1, 1/2
    found = examine(np.array([0.5, 0.5]), np.array([True, False]))
    assert found.aurc_best == pytest.approx((0 + (0 + 1 / 2) / 2) / 2)
    assert found.aurc_worst == pytest.approx((1 + (1 + 1 / 2) / 2) / 2)
    assert found.aurc == pytest.approx(0.5)


def test_nothing_at_all_is_described_too() -> None:
    found = examine(np.empty(0), np.empty(0, bool))
    assert (found.n, found.distinct, found.aurc, found.auroc) == (0, 0, None, None)
