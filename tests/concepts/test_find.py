"""Concepts partition the rows, find planted clusters, and cope with any class size."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sfvisuals.concepts import Concept, find_concepts, from_arrays, to_arrays
from sfvisuals.errors import SfvisualsError, UnavailableError
from sfvisuals.types import ClusterMethod, FloatArray, IntArray

GRID = st.integers(1, 40).flatmap(
    lambda n: arrays(np.float32, (n, 2), elements=st.sampled_from([0.0, 1.0, 2.0]))
)


def planted(
    *, clusters: int, each: int, width: int, noise: float = 0.05, seed: int = 0
) -> tuple[FloatArray, IntArray]:
    """Balls around the unit vectors, shuffled, and the ball of each row."""
    generator = np.random.default_rng(seed)
    ball = generator.permutation(np.repeat(np.arange(clusters), each))
    centres = np.eye(clusters, width)
    latents = centres[ball] + noise / np.sqrt(width) * generator.normal(size=(len(ball), width))
    return latents.astype(np.float32), ball


def equal(left: tuple[Concept, ...], right: tuple[Concept, ...]) -> bool:
    """Same members, representatives, centres and spread."""
    return len(left) == len(right) and all(
        np.array_equal(a.rows, b.rows)
        and np.array_equal(a.representatives, b.representatives)
        and (a.centre_row, a.spread) == (b.centre_row, b.spread)
        for a, b in zip(left, right, strict=True)
    )


@settings(max_examples=60, deadline=None)
@given(latents=GRID, k=st.none() | st.integers(1, 14), offset=st.integers(0, 3))
def test_concepts_partition_the_rows_and_show_distinct_members(
    latents: FloatArray, k: int | None, offset: int
) -> None:
    rows = np.arange(offset, len(latents))
    found = find_concepts(latents, rows[::-1], k=k).concepts
    assert np.array_equal(np.sort(np.concatenate([rows[:0], *(c.rows for c in found)])), rows)
    assert [(-c.size, c.rows[0]) for c in found] == sorted((-c.size, c.rows[0]) for c in found)
    for concept in found:
        assert (np.diff(concept.rows) > 0).all()
        assert np.isin(concept.representatives, concept.rows).all()
        assert concept.representatives[0] == concept.centre_row
        shown = np.unique(latents[concept.representatives], axis=0)
        members = np.unique(latents[concept.rows], axis=0)
        assert len(shown) == len(concept.representatives) == min(6, len(members))
    if k is not None and rows.size:
        assert len(found) <= min(k, len(np.unique(latents[rows], axis=0)))


@pytest.mark.parametrize("clusters", [2, 3, 5, 8, 12])
def test_planted_clusters_are_found_and_counted(clusters: int) -> None:
    latents, ball = planted(clusters=clusters, each=40, width=48)
    found = find_concepts(latents, np.arange(len(latents))).concepts
    assert {tuple(c.rows) for c in found} == {tuple(np.flatnonzero(ball == b)) for b in range(clusters)}


def test_planted_clusters_are_found_in_a_large_class_too() -> None:
    latents, ball = planted(clusters=4, each=6_000, width=16)
    found = find_concepts(latents, np.arange(len(latents))).concepts
    assert {tuple(c.rows) for c in found} == {tuple(np.flatnonzero(ball == b)) for b in range(4)}


def test_concepts_are_rows_of_the_run_not_positions_in_the_class() -> None:
    latents, ball = planted(clusters=4, each=50, width=8)
    rows = np.flatnonzero(ball >= 2)
    found = find_concepts(latents, rows, k=2).concepts
    assert {tuple(c.rows) for c in found} == {tuple(np.flatnonzero(ball == b)) for b in (2, 3)}


def test_the_user_sets_the_number_of_concepts() -> None:
    latents, _ = planted(clusters=3, each=40, width=8)
    found = [find_concepts(latents, np.arange(120), k=k).concepts for k in (1, 2, 5, 12)]
    assert [len(concepts) for concepts in found] == [1, 2, 5, 12]


def test_the_largest_number_chosen_is_bounded() -> None:
    latents, _ = planted(clusters=8, each=30, width=8)
    assert len(find_concepts(latents, np.arange(240), max_k=4).concepts) <= 4


def test_a_class_without_samples_has_no_concepts() -> None:
    assert find_concepts(np.ones((3, 2)), np.array([], np.int64)).concepts == ()


@pytest.mark.parametrize("k", [None, 1, 5])
def test_one_sample_is_one_concept_shown_by_itself(k: int | None) -> None:
    (only,) = find_concepts(np.ones((3, 2)), np.array([2]), k=k).concepts
    assert (only.rows.tolist(), only.centre_row, only.representatives.tolist()) == ([2], 2, [2])
    assert only.spread == 0


def test_two_samples_are_one_concept_shown_by_both() -> None:
    (only,) = find_concepts(np.array([[0.0], [2.0]]), np.array([0, 1])).concepts
    assert only.representatives.tolist() == [0, 1]
    assert only.spread == 1.0  # each lies 1 from the middle


@pytest.mark.parametrize("k", [None, 4])
def test_identical_samples_are_one_concept_shown_once(k: int | None) -> None:
    (only,) = find_concepts(np.full((50, 3), 7.0, np.float32), np.arange(50), k=k).concepts
    assert (only.size, only.representatives.tolist()) == (50, [0])


def test_asking_for_more_concepts_than_distinct_samples_gives_one_for_each() -> None:
    latents = np.repeat(np.eye(3), 10, axis=0)
    found = find_concepts(latents, np.arange(30), k=12).concepts
    assert [c.rows.tolist() for c in found] == [[*range(10)], [*range(10, 20)], [*range(20, 30)]]


def test_copies_of_the_central_sample_are_shown_once_even_by_the_thousand() -> None:
    latents = np.concatenate([np.zeros((3000, 2)), [[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]])
    (only,) = find_concepts(latents, np.arange(3003), k=1).concepts
    assert only.representatives[0] == 0
    assert sorted(only.representatives) == [0, 3000, 3001, 3002]


@pytest.mark.parametrize("constant", [0.0, 5.0])
def test_constant_latent_dimensions_do_no_harm(constant: float) -> None:
    latents, _ = planted(clusters=3, each=20, width=8)
    padded = np.concatenate([latents, np.full((60, 4), constant, np.float32)], axis=1)
    assert len(find_concepts(padded, np.arange(60)).concepts) == 3


def test_a_single_latent_dimension_is_enough() -> None:
    latents = np.repeat([0.0, 10.0], 20)[:, None] + np.tile(np.linspace(0, 1, 20), 2)[:, None]
    found = find_concepts(latents, np.arange(40)).concepts
    assert [c.rows.tolist() for c in found] == [[*range(20)], [*range(20, 40)]]


def test_float16_latents_are_widened_before_they_can_overflow() -> None:
    latents = np.array([[60_000.0]] * 5 + [[-60_000.0]] * 5, np.float16)
    assert [c.size for c in find_concepts(latents, np.arange(10), k=2).concepts] == [5, 5]


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_latents_that_are_not_finite_are_refused_by_name(broken: float) -> None:
    latents = np.zeros((9_000, 2))
    latents[7_777] = broken
    with pytest.raises(UnavailableError, match="row 7777"):
        find_concepts(latents, np.arange(9_000))


def test_a_broken_row_of_another_class_does_not_matter() -> None:
    assert len(find_concepts(np.array([[0.0], [np.nan]]), np.array([0])).concepts) == 1


def test_less_than_one_concept_is_refused() -> None:
    with pytest.raises(SfvisualsError, match="at least one"):
        find_concepts(np.ones((3, 2)), np.arange(3), k=0)


@pytest.mark.parametrize("method", ClusterMethod)
def test_the_same_arguments_give_the_same_concepts_in_another_process(
    tmp_path: Path, method: ClusterMethod
) -> None:
    latents = np.random.default_rng(0).normal(size=(3_000, 40)).astype(np.float32)
    np.save(tmp_path / "latents.npy", latents)
    program = (
        "import sys, numpy as np; from sfvisuals.concepts import find_concepts, to_arrays\n"
        "from sfvisuals.types import ClusterMethod\n"
        "latents = np.load(sys.argv[1], mmap_mode='r')\n"
        "found = find_concepts(latents, np.arange(3000), k=4, seed=3, method=ClusterMethod(sys.argv[3]))\n"
        "np.savez(sys.argv[2], **to_arrays(found)[0])\n"
    )
    result = tmp_path / "concepts.npz"
    subprocess.run([sys.executable, "-c", program, tmp_path / "latents.npy", result, method], check=True)
    here = find_concepts(latents, np.arange(3_000), k=4, seed=3, method=method)
    there = from_arrays(dict(np.load(result)), to_arrays(here)[1])
    assert equal(here.concepts, there.concepts)


@pytest.mark.parametrize("n", [0, 1, 60])
@pytest.mark.parametrize("k", [None, 3])
def test_concepts_come_back_from_their_arrays(n: int, k: int | None) -> None:
    latents, _ = planted(clusters=3, each=20, width=4)
    found = find_concepts(latents, np.arange(n), k=k)
    again = from_arrays(to_arrays(found)[0], json.loads(json.dumps(to_arrays(found)[1])))
    assert equal(found.concepts, again.concepts)
    assert (again.asked, again.criterion, again.stability) == (k, found.criterion, found.stability)


@pytest.mark.parametrize("method", ClusterMethod)
def test_planted_clusters_are_found_by_both_methods_and_found_again(method: ClusterMethod) -> None:
    latents, ball = planted(clusters=4, each=60, width=12)
    found = find_concepts(latents, np.arange(240), method=method)
    assert {tuple(c.rows) for c in found.concepts} == {tuple(np.flatnonzero(ball == b)) for b in range(4)}
    assert found.stability is not None
    assert found.stability > 0.8
    best = min if method is ClusterMethod.GAUSSIAN else max
    assert best(found.criterion, key=lambda tried: tried[1])[0] == 4


def test_a_mixture_follows_long_clusters_that_k_means_cuts() -> None:
    # two parallel cigars, 16 long and 4 apart
    generator = np.random.default_rng(0)
    cigar = np.repeat([0, 1], 300)
    latents = np.stack([generator.normal(0, 4, 600), 4 * cigar + generator.normal(0, 0.3, 600)], axis=1)
    # units that repeat the first make the second a small part of the variance, as in real latents
    latents = np.concatenate([latents, latents[:, :1], latents[:, :1]], axis=1)
    truth = {tuple(np.flatnonzero(cigar == c)) for c in (0, 1)}
    gaussian = find_concepts(latents, np.arange(600), k=2, method=ClusterMethod.GAUSSIAN).concepts
    assert {tuple(c.rows) for c in gaussian} == truth
    assert {tuple(c.rows) for c in find_concepts(latents, np.arange(600), k=2).concepts} != truth


def test_the_stability_of_clusters_that_are_not_there_is_low() -> None:
    cloud = np.random.default_rng(0).normal(size=(800, 10))
    found = find_concepts(cloud, np.arange(800), k=8)
    assert found.stability is not None
    assert found.stability < 0.5


def test_representatives_do_not_repeat_a_patient_nor_does_the_border() -> None:
    latents, _ = planted(clusters=2, each=30, width=8)
    patient = np.arange(60) // 4
    for concept in find_concepts(latents, np.arange(60), k=2, units=patient).concepts:
        for shown in (concept.representatives, concept.boundary):
            assert len(set(patient[shown])) == len(shown) == 6


def test_the_border_is_where_two_clusters_meet() -> None:
    # two lines of samples that meet around 5: the nearest pair of the two comes first
    latents = np.array([0.0, 1, 2, 3, 4, 6, 7, 8, 9, 10])[:, None]
    low, high = find_concepts(latents, np.arange(10), k=2).concepts
    assert low.boundary[:2].tolist() == [4, 3]
    assert high.boundary[:2].tolist() == [5, 6]


def test_a_single_concept_has_no_border_and_no_stability() -> None:
    found = find_concepts(np.arange(8.0)[:, None], np.arange(8), k=1)
    assert found.concepts[0].boundary.size == 0
    assert found.stability is None
