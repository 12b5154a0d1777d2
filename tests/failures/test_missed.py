"""Intersections of silent failures, counted by hand."""

from __future__ import annotations

import numpy as np

from sfvisuals.failures import Changes, Intersection, changes, missed


def mask(*rows: int) -> np.ndarray:
    found = np.zeros(8, bool)
    found[list(rows)] = True
    return found


def test_intersections_are_exclusive_and_the_largest_comes_first() -> None:
    found = missed({"a": mask(0, 1, 2, 3), "b": mask(2, 3, 4), "c": mask(3)})
    assert dict(found.sizes) == {"a": 4, "b": 3, "c": 1}
    assert found.intersections == (
        Intersection(("a",), 2),
        Intersection(("a", "b"), 1),
        Intersection(("a", "b", "c"), 1),
        Intersection(("b",), 1),
    )
    assert (found.universal, found.any) == (1, 5)


def test_no_score_and_no_failure_give_nothing() -> None:
    assert missed({}).intersections == ()
    empty = missed({"a": mask(), "b": mask(1)})
    assert (empty.universal, empty.any) == (0, 1)


def test_changes_of_two_runs_by_hand() -> None:
    before, after = mask(0, 1, 2), mask(2, 3)
    found = changes(before, after, silent_before=mask(0, 2), silent_after=mask(2, 3))
    assert found == Changes(n=8, fixed=2, broken=1, newly_silent=1, no_longer_silent=1)
