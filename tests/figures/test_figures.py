"""What the figures draw, from small arrays whose picture is known by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.figures.confusion import confusion_figure
from app.figures.frame import COLOURS, line_of, plain
from app.figures.histogram import histogram, histogram_figure
from app.figures.reliability import reliability_figure
from app.figures.risk_coverage import Curve, curves_figure
from app.figures.severity import severity_figure
from app.figures.upset import upset_figure
from sfvisuals.failures import Intersection
from sfvisuals.metrics import reliability, risk_coverage

VALUES = np.array([0.9, 0.8, 0.7, 0.6])
WRONG = np.array([False, True, False, True])


def test_both_curves_of_four_samples_by_hand() -> None:
    curve = Curve("MSR", 0, risk_coverage(VALUES, WRONG), coverage=0.5)
    selective, generalized = (curves_figure([curve], kind) for kind in ("selective", "generalized"))
    assert list(selective.data[0].x) == [0, 0.25, 0.5, 0.75, 1]
    assert list(selective.data[0].y) == pytest.approx([0, 0, 1 / 2, 1 / 3, 1 / 2])
    assert list(generalized.data[0].y) == pytest.approx([0, 0, 1 / 4, 1 / 4, 1 / 2])
    assert (selective.data[1].x, selective.data[1].y) == ((0.5,), (0.5,)), "the threshold's place"


def test_a_score_without_a_curve_is_left_out() -> None:
    curve = Curve("MSR", 0, risk_coverage(np.full(3, np.nan), np.zeros(3, bool)))
    assert len(curves_figure([curve], "selective").data) == 0


def test_no_line_is_red_and_a_score_keeps_its_line_wherever_it_is_drawn() -> None:
    for colour in COLOURS:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert not (red > 160 and green < 110 and blue < 110), colour
    assert len({tuple(line_of(place).items()) for place in range(32)}) == 32


def test_a_histogram_counts_right_and_wrong_apart_and_the_missing_beside() -> None:
    found = histogram(np.array([0.0, 0.1, 0.9, 1.0, np.nan]), np.array([1, 0, 0, 1, 1], bool), bins=2)
    assert (found.right.tolist(), found.wrong.tolist(), found.missing) == ([1, 1], [1, 1], 1)
    assert found.edges.tolist() == [0, 0.5, 1]
    figure = histogram_figure(found, name="MSR", threshold=0.5)
    assert figure.data[0].name == "correct (2)"
    assert figure.layout.shapes[0].x0 == 0.5
    json.dumps(plain(figure))


def test_a_histogram_of_one_value_and_of_none_can_be_drawn() -> None:
    assert histogram(np.full(3, 0.5), np.zeros(3, bool), bins=4).right.sum() == 3
    none = histogram(np.empty(0), np.empty(0, bool))
    assert len(histogram_figure(none, name="MSR", threshold=None).data) == 2


def test_a_reliability_diagram_draws_a_point_per_bin_and_the_diagonal() -> None:
    found = reliability(np.array([0.25, 0.25, 0.75, 0.75]), np.array([1, 0, 0, 0], bool), bins=2)
    points = reliability_figure(found).data[1]
    assert (list(points.x), list(points.y)) == ([0.25, 0.75], [0.5, 1.0])
    assert list(points.customdata) == [0.5, 0.5]


def test_a_confusion_matrix_shades_the_share_of_a_true_class() -> None:
    counts = np.array([[3, 1], [0, 2]])
    drawn = confusion_figure(counts, truths=["a", "b"], predictions=["a", "b"]).data[0]
    assert [list(row) for row in drawn.z] == [[0.75, 0.25], [0, 1]]
    assert [list(row) for row in drawn.text] == [["3", "1"], ["", "2"]]


def test_severity_begins_with_the_clean_study() -> None:
    figure = severity_figure({"blur": [(1, 0.8), (2, None)]}, name="accuracy", percent=True, clean=0.9)
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([0, 1, 2], [0.9, 0.8, None])


def test_only_what_all_scores_miss_is_red() -> None:
    pieces = [Intersection(("a", "b"), 5), Intersection(("a",), 2)]
    figure = upset_figure(pieces, labels={"a": "A", "b": "B"}, sizes={"a": 7, "b": 5})
    assert list(figure.data[0].y) == [5, 2]
    assert figure.data[0].marker.color[0] != figure.data[0].marker.color[1]
    assert figure.layout.yaxis2.ticktext == ("A  7", "B  5")
    json.dumps(plain(figure))
