"""Reading a run folder of our own format: faults are named, large arrays stay on disk, sidecars are heard."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
from numpy.lib import format as npy

from own_runs import assert_same_run, edited, opened, parts, reference
from sfvisuals import write_run
from sfvisuals.errors import SettingsError
from sfvisuals.io import read_run
from sfvisuals.types import StudyKind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A valid run folder with every part."""
    return write_run(tmp_path / "run", **parts())


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


def test_an_empty_cell_of_a_json_column_is_none_in_a_csv_too(tmp_path: Path) -> None:
    given = parts()
    given["samples"]["mixed"] = [1, "two", None, True, *[3] * 8]
    folder = write_run(tmp_path / "run", **given)
    as_csv(folder)
    assert opened(folder).metadata["mixed"].tolist() == [1, "two", None, True, *[3] * 8]


def test_a_given_score_of_nullable_integers_is_undefined_where_it_is_empty(folder: Path) -> None:
    column = pd.Series([None, *range(11)], dtype="Int64")
    pd.DataFrame({"mine": column}).to_parquet(folder / "scores.parquet")
    edited(folder, lambda document: document.update(scores=[{"name": "mine", "orientation": "high"}]))
    np.testing.assert_array_equal(opened(folder).given_scores[0].values, [np.nan, *range(11)])


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
