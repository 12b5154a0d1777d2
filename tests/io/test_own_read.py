"""Reading a run folder of our own format: faults are named, large arrays stay on disk, sidecars are heard."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
from numpy.lib import format as npy

from own_runs import assert_same_run, opened, parts, reference, softmax
from sfvisuals import write_run
from sfvisuals.errors import RunFormatError, SettingsError
from sfvisuals.io import read_run
from sfvisuals.types import StudyKind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A valid run folder with every part."""
    return write_run(tmp_path / "run", **parts())


def edited(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change run.json."""
    document = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    change(document)
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")


def as_csv(folder: Path) -> None:
    """The table as csv instead of parquet."""
    pd.read_parquet(folder / "samples.parquet").to_csv(folder / "samples.csv", index=False)
    (folder / "samples.parquet").unlink()


def test_a_table_as_csv_gives_the_same_run(folder: Path) -> None:
    before = opened(folder)
    as_csv(folder)
    assert_same_run(before, opened(folder))


def test_names_in_a_csv_stay_text(tmp_path: Path) -> None:
    given = parts()
    names = {"validation": "001", "iid": "NA", "fog": "nan", "digits": "1.0"}
    given["samples"]["study"] = given["samples"]["study"].map(names)
    given["samples"]["patient"] = [f"{row:03d}" for row in range(12)]
    given["studies"] = {names[name]: facts for name, facts in given["studies"].items()}
    folder = write_run(tmp_path / "run", **given)
    before = opened(folder)
    as_csv(folder)
    assert_same_run(before, opened(folder))
    assert opened(folder).metadata["patient"][7] == "007"


def test_arrays_cannot_be_written_to(folder: Path) -> None:
    run = opened(folder)
    assert run.logits is not None
    with pytest.raises(ValueError, match="read-only"):
        run.logits[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        run.label[0] = 1


def test_absence_has_a_reason(tmp_path: Path) -> None:
    given = {key: part for key, part in parts().items() if key in ("samples", "classes", "studies", "logits")}
    given["samples"] = given["samples"].drop(columns="image")
    run = opened(write_run(tmp_path / "run", **given))
    assert run.absent["latents"] == "needs latents.npy, which this run lacks"
    assert run.absent["mc_logits"] == "needs mc_logits.npy, which this run lacks"
    assert run.absent["image"] == "needs the column image in samples.parquet, which this run lacks"
    for feature in ("external", "external_mc", "train_latents", "last_layer"):
        assert getattr(run, feature) is None
        assert "which this run lacks" in run.absent[feature]


def test_a_sidecar_goes_before_run_json(folder: Path) -> None:
    (folder / "sfvisuals.yaml").write_text(
        "classes: [A, B, C]\nsource: fog\ngroup: age\nstudies: {iid: {kind: acquisition, label: Hospital}}\n",
        encoding="utf-8",
    )
    run = opened(folder)
    assert run.classes == ("A", "B", "C")
    assert run.source == "fog"
    assert run.group_column == "age"
    assert (run.studies[1].kind, run.studies[1].label) == (StudyKind.ACQUISITION, "Hospital")


def test_a_sidecar_that_does_not_fit_is_a_warning(folder: Path) -> None:
    (folder / "sfvisuals.yaml").write_text("classes: [A]\ngroup: lesion\nsource: rain\n", encoding="utf-8")
    run = opened(folder)
    assert run.classes == ("benign", "malignant", "other")
    assert (run.group_column, run.source) == ("patient", "iid")
    assert [problem.level for problem in run.problems] == ["warning"] * 3


def test_a_sidecar_changes_the_content_key(folder: Path) -> None:
    before = opened(folder).fingerprint
    (folder / "sfvisuals.yaml").write_text("classes: [A, B, C]\n", encoding="utf-8")
    assert opened(folder).fingerprint != before


def test_a_broken_description_given_by_hand_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("clases: [A]\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="clases"):
        read_run(reference(folder), describe=tmp_path / "mine.yaml")


def test_a_million_latents_are_not_read_into_memory(tmp_path: Path) -> None:
    n, width = 1_000_000, 512
    folder = tmp_path / "large"
    folder.mkdir()
    sparse(folder / "latents.npy", (n, width))
    sparse(folder / "logits.npy", (n, 2))
    study = pd.Categorical.from_codes(np.arange(n) % 2, ["iid", "shift"])
    pd.DataFrame({"study": study, "label": np.zeros(n, np.int8)}).to_parquet(folder / "samples.parquet")
    document = {
        "format": "sfvisuals-run",
        "version": 1,
        "classes": ["a", "b"],
        "studies": [{"name": "iid", "kind": "iid"}, {"name": "shift", "kind": "acquisition"}],
    }
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
    process = psutil.Process()
    before = process.memory_info().rss
    run = opened(folder)
    grown = process.memory_info().rss - before
    assert run.latents is not None
    assert run.latents.shape == (n, width)
    assert run.latents.nbytes == 2_048_000_000
    assert grown < 300_000_000


def sparse(path: Path, shape: tuple[int, ...]) -> None:
    """An array file of zeros that takes no room on disk."""
    with path.open("wb") as stream:
        npy.write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": shape})
        start = stream.tell()
    os.truncate(path, start + 4 * int(np.prod(shape)))


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
