"""Every fault of a run folder of our own format is named: file, what was found, what was expected."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from own_runs import edited, opened, parts, softmax
from sfvisuals import write_run
from sfvisuals.errors import RunFormatError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A valid run folder with every part."""
    return write_run(tmp_path / "run", **parts())


def without_key(key: str) -> Callable[[Path], None]:
    return lambda folder: edited(folder, lambda document: document.pop(key))


def with_key(key: str, value: object) -> Callable[[Path], None]:
    return lambda folder: edited(folder, lambda document: document.update({key: value}))


def shortened(folder: Path) -> None:
    os.truncate(folder / "latents.npy", 200)


def pickled(folder: Path) -> None:
    np.save(folder / "latents.npy", np.array([{"a": 1}] * 12, dtype=object), allow_pickle=True)


def archived(folder: Path) -> None:
    with (folder / "latents.npy").open("wb") as stream:
        np.savez(stream, np.ones((12, 5)))


def only_pickled(folder: Path) -> None:
    (folder / "latents.npy").write_bytes(pickle.dumps([1, 2, 3]))


def with_study(folder: Path) -> None:
    edited(folder, lambda document: document["studies"].append({"name": "iid", "kind": "train"}))


def with_kind(folder: Path) -> None:
    edited(folder, lambda document: document["studies"][1].update(kind="normal"))


def with_scores(folder: Path) -> None:
    pd.DataFrame({"mine": np.ones(12)}).to_parquet(folder / "scores.parquet")


def with_worded_scores(folder: Path) -> None:
    pd.DataFrame({"mine": ["much"] * 12}).to_parquet(folder / "scores.parquet")
    edited(folder, lambda document: document.update(scores=[{"name": "mine", "orientation": "high"}]))


def with_odd_orientation(folder: Path) -> None:
    with_scores(folder)
    edited(folder, lambda document: document.update(scores=[{"name": "mine", "orientation": "up"}]))


def with_shape(shape: str) -> Callable[[Path], None]:
    """latents.npy with a header that announces that shape."""

    def plant(folder: Path) -> None:
        header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        head = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
        (folder / "latents.npy").write_bytes(head + bytes(240))

    return plant


def with_json_text(text: str) -> Callable[[Path], None]:
    """The metadata column `patient`, declared as JSON, with that text in row 2."""

    def plant(folder: Path) -> None:
        samples = pd.read_parquet(folder / "samples.parquet")
        samples["patient"] = ["1", "2", text, *["3"] * 9]
        samples.to_parquet(folder / "samples.parquet")
        with_key("json_columns", ["patient"])(folder)

    return plant


def as_probabilities(folder: Path) -> None:
    (folder / "logits.npy").rename(folder / "probabilities.npy")


FAULTS: tuple[tuple[str, Callable[[Path], object], tuple[str, ...]], ...] = (
    ("no classes key", without_key("classes"), ("run.json is not valid", "'classes' is a required property")),
    ("no studies key", without_key("studies"), ("run.json is not valid", "'studies' is a required property")),
    ("no format key", without_key("format"), ("run.json is not valid", "'format' is a required property")),
    ("later version", with_key("version", 2), ("run.json at version", "Found 2; expected 1")),
    ("misspelt key", with_key("clases", []), ("run.json is not valid", "clases", "'classes'")),
    ("classes as text", with_key("classes", "a"), ("run.json at classes", "Found 'a'; expected array")),
    ("null", lambda f: (f / "run.json").write_text("null"), ("run.json is not valid", "expected object")),
    (
        "no JSON",
        lambda f: (f / "run.json").write_text('{"a": '),
        ("run.json is not JSON", "Line 1, column 7"),
    ),
    ("no UTF-8", lambda f: (f / "run.json").write_bytes(b"\xff"), ("run.json cannot be read",)),
    ("unknown kind", with_kind, ("run.json at studies[1].kind", "'normal'", "'new_class'")),
    ("repeated study", with_study, ("names a study twice", "'iid'")),
    ("unknown source", with_key("source", "rain"), ("unknown source study", "'rain'", "'fog'")),
    ("unknown group", with_key("group", "lesion"), ("lacks the column 'lesion'", "'patient'")),
    ("no table", lambda f: (f / "samples.parquet").unlink(), ("lacks samples.parquet", "samples.csv")),
    (
        "cut table",
        lambda f: os.truncate(f / "samples.parquet", 50),
        ("samples.parquet cannot be read", "50 bytes"),
    ),
    ("no outputs", lambda f: (f / "logits.npy").unlink(), ("Exactly one of", "'logits.npy'")),
    ("cut array", shortened, ("latents.npy cannot be read", "200 bytes", "truncated")),
    (
        "empty array",
        lambda f: (f / "latents.npy").write_bytes(b""),
        ("latents.npy cannot be read", "0 bytes"),
    ),
    ("pickled array", pickled, ("latents.npy cannot be read", "pickled")),
    ("pickle", only_pickled, ("latents.npy cannot be read", "pickled")),
    ("npz as npy", archived, ("latents.npy cannot be read",)),
    ("no rows", lambda f: np.save(f / "latents.npy", np.ones((0, 5))), ("latents.npy",)),
    (
        "rows differ",
        lambda f: np.save(f / "latents.npy", np.ones((9, 5))),
        ("9 in latents.npy", "12 in samples"),
    ),
    (
        "integers",
        lambda f: np.save(f / "latents.npy", np.ones((12, 5), int)),
        ("latents.npy.dtype", "'int64'"),
    ),
    ("undescribed scores", with_scores, ("do not name the same scores", "'mine'")),
    ("scores as words", with_worded_scores, ("Score 'mine'", "not numeric")),
    ("odd orientation", with_odd_orientation, ("run.json at scores[0].orientation", "'high', 'low'")),
    ("negative shape", with_shape("(-12, -5)"), ("latents.npy cannot be read", "368 bytes")),
    ("endless shape", with_shape("(99999999999999999999, 5)"), ("latents.npy cannot be read",)),
    ("shape as text", with_shape("('a', 5)"), ("latents.npy cannot be read",)),
    ("header cut off", with_shape("(12, 5"), ("latents.npy cannot be read",)),
    (
        "deep",
        lambda f: (f / "run.json").write_text("[" * 100_000),
        ("run.json cannot be read", "too deep"),
    ),
    (
        "rather deep",
        lambda f: (f / "run.json").write_text("[" * 500 + "]" * 500),
        ("run.json is nested too deeply", "8 levels"),
    ),
    ("endless number", lambda f: (f / "run.json").write_text("9" * 5000), ("run.json cannot be read",)),
    ("half a pair", with_key("name", "\ud800"), ("no Unicode", "surrogate")),
    ("numbers as JSON", with_key("json_columns", ["age"]), ("no JSON in the column 'age'", "Row 0")),
    ("words as JSON", with_json_text("much"), ("no JSON in the column 'patient'", "Row 2 is 'much'")),
    ("deep JSON", with_json_text("[" * 100_000), ("no JSON in the column 'patient'", "Row 2")),
    ("label as JSON", with_key("json_columns", ["label"]), ("lacks the column 'label'", "json_columns")),
    ("study as group", with_key("group", "study"), ("lacks the column 'study'", "'patient'")),
    ("logits as probabilities", as_probabilities, ("probabilities.npy holds no probabilities", "logits.npy")),
)


@pytest.mark.parametrize(("fault", "plant", "words"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_named(
    folder: Path, fault: str, plant: Callable[[Path], object], words: tuple[str, ...]
) -> None:
    plant(folder)
    with pytest.raises(RunFormatError) as caught:
        opened(folder)
    for word in words:
        assert word in str(caught.value)


CSV_FAULTS = (
    ("unknown study", "study,label\niid,0\nrain,1\n", ("unknown study", "Row 1 says 'rain'", "'iid'")),
    ("word as label", "study,label\niid,0\niid,cat\n", ("column 'label'", "Row 1 is 'cat'", "integer")),
    (
        "label beyond 64 bits",
        "study,label\niid,0\niid,99999999999999999999\n",
        ("column 'label'", "Row 1 is", "integer"),
    ),
    ("endless label", f"study,label\niid,0\niid,{'9' * 400}\n", ("column 'label'", "Row 1 is")),
    ("no label", "study,label\niid,0\niid,\n", ("column 'label'", "Row 1 is empty")),
    ("ragged", "study,label\niid,0\niid,1,2,3\n", ("samples.csv cannot be read", "line 3")),
    ("empty", "", ("samples.csv cannot be read",)),
    ("half a row number", "study,label,source\niid,0,0.5\niid,1,\n", ("column 'source'", "Row 0 is 0.5")),
)


@pytest.mark.parametrize(("fault", "text", "words"), CSV_FAULTS, ids=[fault[0] for fault in CSV_FAULTS])
def test_a_fault_in_a_csv_is_named(tmp_path: Path, fault: str, text: str, words: tuple[str, ...]) -> None:
    samples = pd.DataFrame({"study": ["iid", "iid"], "label": [0, 1]})
    folder = write_run(
        tmp_path / "run",
        samples=samples,
        classes=["a", "b"],
        studies={"iid": "iid"},
        probabilities=softmax(np.eye(2)),
    )
    (folder / "samples.parquet").unlink()
    (folder / "samples.csv").write_text(text, encoding="utf-8")
    with pytest.raises(RunFormatError) as caught:
        opened(folder)
    for word in words:
        assert word in str(caught.value)
