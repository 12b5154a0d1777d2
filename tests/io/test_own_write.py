"""`write_run` writes a whole run folder or nothing, and says what is wrong before it writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sfvisuals
from own_runs import opened, parts, softmax
from sfvisuals import ScoreColumn, write_run
from sfvisuals.errors import RunFormatError
from sfvisuals.io.own_arguments import Orientation
from sfvisuals.types import Judge, RunFormat, Study, StudyKind


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    given = parts()
    run = opened(write_run(tmp_path / "run", **given))
    assert run.format is RunFormat.SFVISUALS
    assert (run.name, run.n, run.n_classes, run.latent_dim, run.mc_passes) == ("run", 12, 3, 5, 4)
    assert run.classes == ("benign", "malignant", "other")
    assert run.studies[2] == Study("fog", StudyKind.CORRUPTION, "Fog", corruption="fog", severity=2)
    assert run.study.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert run.label.tolist() == given["samples"]["label"].tolist()
    assert run.group_column == "patient"
    assert list(run.metadata.columns) == ["patient", "age"]
    assert run.source == "iid"
    assert run.provenance == {"model": "resnet"}
    for name in ("logits", "latents", "mc_logits", "external", "external_mc", "train_latents"):
        np.testing.assert_array_equal(getattr(run, name), given[name], strict=True)


def test_samples_of_a_corruption_study_are_corrupted_as_their_study_says(tmp_path: Path) -> None:
    run = opened(write_run(tmp_path / "run", **parts()))
    assert run.corruptions == ("fog",)
    assert run.corruption.tolist() == [-1] * 6 + [0] * 3 + [-1] * 3
    assert run.severity.tolist() == [0] * 6 + [2] * 3 + [0] * 3
    assert run.source_row.tolist() == [-1] * 12


def test_columns_of_the_table_decide_about_corruptions(tmp_path: Path) -> None:
    given = parts()
    given["samples"] = given["samples"].assign(
        corruption=[None] * 6 + ["fog", "rain", "fog"] + [None] * 3,
        severity=[None] * 6 + [3, 1, None] + [None] * 3,
        source=[None] * 6 + [3, 4, 5] + [None] * 3,
    )
    run = opened(write_run(tmp_path / "run", **given))
    assert run.corruptions == ("fog", "rain")
    assert run.corruption.tolist() == [-1] * 6 + [0, 1, 0] + [-1] * 3
    assert run.severity.tolist() == [0] * 6 + [3, 1, 0] + [0] * 3
    assert run.source_row.tolist() == [-1] * 6 + [3, 4, 5] + [-1] * 3


def test_a_low_score_is_turned_so_that_high_is_confident(tmp_path: Path) -> None:
    values = np.arange(12.0)
    run = opened(
        write_run(
            tmp_path / "run",
            **parts(),
            scores={
                "distance": ScoreColumn(values, Orientation.LOW, label="Distance", judge=Judge.MC_MEAN),
                "margin": ScoreColumn(values, Orientation.HIGH),
            },
        )
    )
    low, high = run.given_scores
    assert (low.name, low.label, low.judge) == ("distance", "Distance", Judge.MC_MEAN)
    assert low.values.tolist() == [-value for value in values]
    assert (high.name, high.label, high.judge) == ("margin", "margin", Judge.PLAIN)
    assert high.values.tolist() == values.tolist()


def test_numbers_are_stored_as_float32_unless_lossless(tmp_path: Path) -> None:
    given = parts() | {"latents": np.full((12, 5), 1 / 3)}
    narrow = opened(write_run(tmp_path / "narrow", **given))
    exact = opened(write_run(tmp_path / "exact", **given, lossless=True))
    assert narrow.latents is not None
    assert exact.latents is not None
    assert narrow.latents.dtype == np.float32
    assert exact.latents.dtype == np.float64
    assert exact.latents[0, 0] == 1 / 3


def test_the_index_of_the_samples_does_not_matter(tmp_path: Path) -> None:
    given = parts()
    given["samples"].index = pd.Index([f"row {k}" for k in range(12)])
    run = opened(write_run(tmp_path / "run", **given))
    assert run.metadata["age"].tolist() == given["samples"]["age"].tolist()


def test_mixed_metadata_keeps_every_cell(tmp_path: Path) -> None:
    cells = [1, "two", None, True, 4.5, "ünïcode", -7, "", False, 10**30, "null", 2]
    given = parts()
    given["samples"]["mixed"] = pd.Series(cells, dtype=object)
    run = opened(write_run(tmp_path / "run", **given))
    assert run.metadata["mixed"].tolist() == cells


def test_an_existing_folder_is_only_replaced_on_request(tmp_path: Path) -> None:
    write_run(tmp_path / "run", **parts(seed=1))
    with pytest.raises(RunFormatError, match="run exists already"):
        write_run(tmp_path / "run", **parts(seed=2))
    without = parts(seed=2)
    del without["latents"], without["train_latents"], without["train_labels"], without["last_layer"]
    write_run(tmp_path / "run", **without, overwrite=True)
    run = opened(tmp_path / "run")
    assert run.latents is None
    assert [entry.name for entry in tmp_path.iterdir()] == ["run"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    assert opened(write_run(tmp_path / "run", **parts())).n == 12


@pytest.mark.parametrize("there_already", [False, True])
def test_a_failing_disk_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there_already: bool
) -> None:
    if there_already:
        write_run(tmp_path / "run", **parts(seed=1))
    written: list[Path] = []
    save = np.save

    def full(file: Path, array: np.ndarray, **options: Any) -> None:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(file)
        save(file, array, **options)

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(RunFormatError, match="No space left"):
        write_run(tmp_path / "run", **parts(seed=2), overwrite=True)
    assert [entry.name for entry in tmp_path.iterdir()] == (["run"] if there_already else [])
    if there_already:
        np.testing.assert_array_equal(opened(tmp_path / "run").logits, parts(seed=1)["logits"])


def test_importing_sfvisuals_loads_nothing_heavy() -> None:
    code = "import sys, sfvisuals; assert not {'numpy', 'pandas', 'pyarrow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_name_in_sfvisuals_lists_the_known_ones() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'read'; it has .*write_run"):
        sfvisuals.read  # noqa: B018


Change = Callable[[dict[str, Any]], object]


def column(name: str, value: object, row: int = 5) -> Change:
    """One cell of the samples changed."""

    def change(given: dict[str, Any]) -> None:
        cells = given["samples"][name].astype(object) if name in given["samples"] else [None] * 12
        given["samples"][name] = pd.Series(list(cells), dtype=object)
        given["samples"].at[row, name] = value

    return change


def without(name: str) -> Change:
    """A column of the samples left out."""
    return lambda given: given.update(samples=given["samples"].drop(columns=name))


def spoilt(name: str, value: float) -> Change:
    """One number of an array changed."""

    def change(given: dict[str, Any]) -> None:
        given[name] = np.array(given[name])
        given[name][4] = value

    return change


FAULTS: tuple[tuple[str, Change, tuple[str, ...]], ...] = (
    (
        "no outputs",
        lambda g: g.pop("logits"),
        ("Exactly one of 'logits.npy', 'probabilities.npy'", "found: none"),
    ),
    (
        "both outputs",
        lambda g: g.update(probabilities=softmax(g["logits"])),
        ("Exactly one of", "Keep logits.npy"),
    ),
    ("both dropout outputs", lambda g: g.update(mc_probabilities=softmax(g["mc_logits"])), ("Only one of",)),
    (
        "fewer logits",
        lambda g: g.update(logits=g["logits"][:11]),
        ("logits.npy", "11 in logits.npy", "12 in samples"),
    ),
    (
        "other classes",
        lambda g: g.update(classes=["a", "b"]),
        ("Number of classes", "3 in logits.npy", "2 in run.json"),
    ),
    ("no classes", lambda g: g.update(classes=[]), ("run.json at classes",)),
    (
        "other passes",
        lambda g: g.update(external_mc=g["external_mc"][:, :3]),
        ("Number of Monte-Carlo passes",),
    ),
    (
        "flat latents",
        lambda g: g.update(latents=g["latents"][:, 0]),
        ("latents.npy has 1 dimensions", "(N, l)"),
    ),
    ("narrow training", lambda g: g.update(train_latents=g["train_latents"][:, 1:]), ("Latent width",)),
    ("training without latents", lambda g: g.pop("train_latents"), ("train_labels.npy", "train_latents.npy")),
    (
        "odd last layer",
        lambda g: g.update(last_layer=(np.ones((5, 5)), np.ones(5))),
        ("5 outputs; expected 3 (or 4",),
    ),
    ("text as logits", lambda g: g.update(logits=np.full((12, 3), "a")), ("logits.npy.dtype", "float32")),
    ("objects", lambda g: g.update(latents=np.full((12, 5), None)), ("latents.npy.dtype", "'object'")),
    ("NaN logits", spoilt("logits", np.nan), ("logits.npy is not finite", "Row 4")),
    ("inf latents", spoilt("latents", np.inf), ("latents.npy is not finite", "Row 4")),
    ("no study column", without("study"), ("lacks the column 'study'", "image, patient, age")),
    ("no label column", without("label"), ("lacks the column 'label'",)),
    ("unknown study", column("study", "fogg"), ("Row 5 says 'fogg'", "'validation', 'iid', 'fog', 'digits'")),
    ("missing study", column("study", None), ("column 'study'", "Row 5", "string")),
    ("half a label", column("label", 1.5), ("column 'label'", "Row 5 is 1.5", "integer")),
    ("missing label", column("label", None), ("column 'label'", "Row 5")),
    (
        "label without class",
        column("label", 3),
        ("A label has no class", "Row 5 of study 'iid' has the label 3"),
    ),
    ("image that is no text", column("image", 12), ("column 'image'", "Row 5 is 12", "string or null")),
    ("negative severity", column("severity", -1), ("column 'severity'", "at least 0")),
    (
        "source outside",
        column("source", 12),
        ("column 'source'", "Row 5 is 12", "below the number of rows"),
    ),
    ("list as label", column("label", [1, 2]), ("column 'label'", "Row 5 is [1, 2]")),
    ("no rows", lambda g: g.update(samples=g["samples"].iloc[:0]), ("has no rows",)),
    ("no table", lambda g: g.update(samples=g["samples"].to_dict()), ("samples is not a DataFrame", "dict")),
    ("unknown kind", lambda g: g["studies"].update(iid="normal"), ("The study 'iid'", "'new_class'")),
    ("no studies", lambda g: g.update(studies={}), ("run.json at studies",)),
    ("unknown source", lambda g: g.update(source="train"), ("unknown source study", "'train'")),
    ("unknown group", lambda g: g.update(group="lesion"), ("lacks the column 'lesion'", "'patient'")),
    (
        "odd metadata",
        lambda g: g["samples"].insert(0, "odd", [{1}] * 12),
        ("metadata column 'odd'", "astype(str)"),
    ),
    (
        "ragged logits",
        lambda g: g.update(logits=[[1.0, 2.0], [3.0]]),
        ("logits.npy is no array", "equal lengths"),
    ),
    ("half a pair", lambda g: g.update(classes=["a", "b", "\ud800"]), ("run.json holds text", "surrogate")),
    ("half a pair in a path", column("image", "\ud800"), ("The table cannot be written",)),
    ("half a pair in a cell", column("patient", "\ud800"), ("metadata column 'patient' cannot be written",)),
    (
        "infinite score",
        lambda g: g.update(scores={"x": ScoreColumn([*range(11), np.inf], Orientation.HIGH)}),
        ("Score 'x' holds infinity", "Row 11", "NaN"),
    ),
    (
        "short score",
        lambda g: g.update(scores={"x": ScoreColumn(np.ones(11), Orientation.HIGH)}),
        ("11 in scores.parquet", "12 in samples"),
    ),
    (
        "wide score",
        lambda g: g.update(scores={"x": ScoreColumn(np.ones((12, 2)), Orientation.HIGH)}),
        ("Score 'x' has the wrong shape", "(12, 2)"),
    ),
    (
        "logits as probabilities",
        lambda g: g.update(probabilities=g.pop("logits") * 9),
        ("probabilities.npy holds no probabilities", "logits.npy"),
    ),
    (
        "probabilities that do not sum to 1",
        lambda g: g.update(probabilities=softmax(g.pop("logits")) / 2),
        ("do not sum to 1", "Row 0 sums to 0.5", "external_name='dg'"),
    ),
)


@pytest.mark.parametrize(
    ("change", "words"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_fault_is_named_and_nothing_is_written(
    tmp_path: Path, change: Change, words: tuple[str, ...]
) -> None:
    given = parts()
    change(given)
    with pytest.raises(RunFormatError) as caught:
        write_run(tmp_path / "run", **given)
    for word in words:
        assert word in str(caught.value)
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_the_class_part_of_deep_gamblers_may_sum_to_less_than_1(tmp_path: Path) -> None:
    given = parts() | {"external_name": "dg"}
    given["probabilities"] = softmax(given.pop("logits")) / 2
    assert opened(write_run(tmp_path / "run", **given)).probabilities is not None
