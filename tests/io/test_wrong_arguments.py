"""Every argument of `write_run` and `read_run` that is of the wrong kind is named, with the line to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from own_runs import opened, parts
from sfvisuals import ScoreColumn, read_run, write_run
from sfvisuals.errors import RunFormatError
from sfvisuals.types import Study, StudyKind

VALUES = np.linspace(0, 1, 12)

# argument, what is wrong, a wrong value, words of the message
FAULTS: tuple[tuple[str, str, Any, tuple[str, ...]], ...] = (
    (
        "scores",
        "an array",
        {"x": VALUES},
        ("Score 'x' is no ScoreColumn", "shape (12,)", "ScoreColumn(values"),
    ),
    ("scores", "a list", {"x": [1, 2]}, ("Score 'x'", "scores={'x': sfvisuals.ScoreColumn(values")),
    ("scores", "a mapping inside", {"x": {"values": VALUES}}, ("Score 'x' is no ScoreColumn", "dict")),
    ("scores", "None inside", {"x": None}, ("Score 'x' is no ScoreColumn",)),
    (
        "scores",
        "an array alone",
        VALUES,
        ("scores is not a mapping", "ndarray of shape (12,)", "ScoreColumn"),
    ),
    ("scores", "a table", pd.DataFrame({"x": VALUES}), ("scores is not a mapping", "DataFrame of shape")),
    ("scores", "a list of columns", [ScoreColumn(VALUES, "high")], ("scores is not a mapping",)),
    ("scores", "a number as name", {1: ScoreColumn(VALUES, "high")}, ("Something in scores is not a name",)),
    ("scores", "another end", {"x": ScoreColumn(VALUES, "up")}, ("'up'", "'high', 'low'")),  # type: ignore[arg-type]
    ("scores", "another judge", {"x": ScoreColumn(VALUES, "high", judge="mean")}, ("'mean'", "'plain'")),  # type: ignore[arg-type]
    ("scores", "one number", {"x": ScoreColumn(0.5, "high")}, ("Score 'x' has the wrong shape", "()")),
    ("scores", "words", {"x": ScoreColumn(["a"] * 12, "high")}, ("Score 'x'", "not numeric")),
    ("scores", "complex", {"x": ScoreColumn(VALUES + 0j, "high")}, ("Score 'x'", "complex128")),
    ("classes", "None", None, ("classes is not one name per class", 'classes=["benign", "malignant"]')),
    ("classes", "a number", 3, ("classes is not one name per class", "3 (int)")),
    ("classes", "one text", "abc", ("classes is not one name per class", "'abc' (str)")),
    ("classes", "without order", {"a", "b", "c"}, ("classes is not one name per class", "(set)")),
    ("classes", "None inside", ["a", None, "c"], ("Something in classes is not a name", "None (NoneType)")),
    ("classes", "NaN inside", ["a", np.nan, "c"], ("Something in classes is not a name", "nan (float)")),
    ("classes", "an empty name", ["a", " ", "c"], ("Something in classes is not a name",)),
    ("classes", "one name twice", ["a", "b", "a"], ("Two classes have the same name", "'a'")),
    ("studies", "None", None, ("studies is not a mapping of name to kind", 'studies={"validation"')),
    ("studies", "one text", "iid", ("studies is not a mapping of name to kind", "'iid' (str)")),
    ("studies", "names alone", ["iid"], ("Something in studies is not a record of the type Study",)),
    ("studies", "pairs", [("iid", "iid")], ("Something in studies is not a record", 'studies={"validation"')),
    ("studies", "no kind", {"iid": None}, ("The study 'iid' is not described well", "None", "'new_class'")),
    ("studies", "a tuple as kind", {"iid": ("iid",)}, ("The study 'iid' is not described well", "('iid',)")),
    ("studies", "a number as name", {1: "iid"}, ("Something in studies is not a name",)),
    (
        "studies",
        "one study twice",
        [Study("iid", StudyKind.IID, "iid")] * 2,
        ("names a study twice", "'iid'"),
    ),
    (
        "samples",
        "an array",
        np.zeros((12, 3)),
        ("samples is not a DataFrame", "(12, 3)", "pandas.DataFrame("),
    ),
    ("samples", "None", None, ("samples is not a DataFrame",)),
    ("last_layer", "a number", 3, ("last_layer is not a pair", "last_layer=(weights, biases)")),
    ("last_layer", "weights alone", (np.zeros((3, 5)),), ("last_layer is not a pair",)),
    ("last_layer", "a mapping", {"w": 1, "b": 2}, ("last_layer is not a pair", "(dict)")),
    ("last_layer", "None inside", (None, None), ("last_layer is not a pair",)),
    ("provenance", "a text", "resnet", ("provenance is not a mapping", 'provenance={"model"')),
    ("provenance", "a number inside", {"epochs": 3}, ("provenance.epochs", "3", "string")),
    ("corruption_parameters", "a list", [{"length": 1}], ("corruption_parameters is not a mapping",)),
    (
        "corruption_parameters",
        "a number",
        {"fog": 3},
        ("Something in corruption_parameters", "a mapping per severity"),
    ),
    ("corruption_parameters", "no list", {"fog": {"a": 1}}, ("Something in corruption_parameters",)),
    ("group", "a list", ["patient"], ("run.json at group", "['patient']")),
    ("source", "a number", 3, ("run.json at source", "3", "string")),
    ("name", "a path", Path("a"), ("run.json at name",)),
    (
        "logits",
        "too large",
        np.full((12, 3), 1e300),
        ("logits.npy holds numbers that float32", "lossless=True"),
    ),
    ("logits", "masked", np.ma.masked_equal(np.eye(12, 3), 1), ("logits.npy is a masked array", "filled(")),
    ("logits", "words", [["a"] * 3] * 12, ("logits.npy.dtype", "astype('float32')")),
    ("logits", "empty", np.zeros((0, 3)), ("logits.npy.shape[0]", "empty")),
    ("train_labels", "floats", np.zeros(7), ("train_labels.npy.dtype", "float64", "astype('int64')")),
    ("external", "a column", np.zeros((12, 1)), ("external.npy has 2 dimensions", "(12, 1)", "(N)")),
)


@pytest.mark.parametrize(
    ("argument", "value", "words"),
    [(argument, value, words) for argument, _, value, words in FAULTS],
    ids=[f"{argument}: {wrong}" for argument, wrong, _, _ in FAULTS],
)
def test_a_wrong_argument_is_named_with_what_to_write(
    argument: str, value: Any, words: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(RunFormatError) as caught:
        write_run(tmp_path / "run", **parts() | {argument: value})
    for word in words:
        assert word in str(caught.value)
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", [3, None, "", b"run", "a\0b", ["run"]])
def test_something_that_is_no_path_is_not_written_to(out: Any) -> None:
    with pytest.raises(RunFormatError, match="out is not the path of a folder"):
        write_run(out, **parts())


def test_a_path_that_no_disk_takes_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(RunFormatError, match="cannot be written") as caught:
        write_run(tmp_path / ("x" * 300), **parts())
    assert "Choose a folder" in caught.value.hint


def test_what_means_the_same_is_taken(tmp_path: Path) -> None:
    given = parts()
    given["samples"]["rare"] = pd.arrays.SparseArray([0] * 11 + [5])
    given["studies"]["fog"]["severity"] = np.int64(2)
    run = opened(
        write_run(
            tmp_path / "run",
            **given | {"classes": np.array(["a", "b", "c"]), "logits": given["logits"].astype(np.longdouble)},
            scores={"long": ScoreColumn(VALUES.astype(np.longdouble), "high")},
        )
    )
    assert run.classes == ("a", "b", "c")
    assert run.metadata["rare"].tolist() == [0] * 11 + [5]
    assert run.studies[2].severity == 2
    np.testing.assert_array_equal(run.logits, parts()["logits"])
    assert run.given_scores[0].values.tolist() == VALUES.tolist()


@pytest.mark.parametrize("ref", ["my-run", Path("my-run"), None, 3])
def test_reading_a_path_says_how_runs_are_found(ref: Any) -> None:
    with pytest.raises(RunFormatError, match="read_run was given no run") as caught:
        read_run(ref)
    assert f"sfvisuals.discover({str(ref)!r})" in caught.value.hint
