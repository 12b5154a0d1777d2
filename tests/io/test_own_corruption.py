"""Samples that name their clean image, a corruption and a seed: written, read, converted, refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from corrupted_runs import CLEAN, IID, corrupted_parts, corrupted_run, recipe_at
from own_runs import assert_same_run, edited, opened, parts
from sfvisuals import write_run
from sfvisuals.corruptions import CATALOGUE, seed_of
from sfvisuals.errors import RunFormatError
from sfvisuals.io.convert import convert
from sfvisuals.io.corrupted import clean_pixels, pixels_of, recipe_of
from sfvisuals.io.doctor import check
from sfvisuals.io.pixels import display
from sfvisuals.types import Level

FIRST = 2 * IID


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run whose rows from 24 on are corrupted when they are shown."""
    return write_run(tmp_path / "run", **corrupted_parts())


def with_cell(column: str, value: object, *, row: int = FIRST + 3) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        samples = pd.read_parquet(folder / "samples.parquet")
        samples[column] = samples[column].astype(object)
        samples.loc[row, column] = value
        samples.to_csv(folder / "samples.csv", index=False)
        (folder / "samples.parquet").unlink()

    return plant


def without_column(column: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        samples = pd.read_parquet(folder / "samples.parquet")
        samples.drop(columns=column).to_parquet(folder / "samples.parquet")

    return plant


def with_parameter(value: object, *, corruption: str = "motion_blur", at: int = 2) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        edited(folder, lambda d: d["corruption_parameters"][corruption][at].update(length=value))

    return plant


def test_seeds_and_parameters_are_read_as_they_were_written(folder: Path) -> None:
    run = opened(folder)
    assert run.corruption_seed.dtype == np.int64
    assert not run.corruption_seed.flags.writeable
    assert run.corruption_seed[:FIRST].tolist() == [-1] * FIRST
    assert run.corruption_seed[FIRST : FIRST + 6].tolist() == [
        seed_of(0, n, "brightness_down") for n in range(6)
    ]
    assert run.corruption_parameters == {c.name: c.severities for c in CATALOGUE}
    assert run.problems == ()


def test_the_recipe_of_a_row_is_what_the_table_says(folder: Path) -> None:
    run, samples = opened(folder), pd.read_parquet(folder / "samples.parquet")
    for row in range(run.n):
        assert recipe_of(run, row) == recipe_at(samples, row)


def test_a_run_without_seeds_has_none(tmp_path: Path) -> None:
    run = opened(write_run(tmp_path / "run", **parts()))
    assert run.corruption_seed.tolist() == [-1] * 12
    assert run.corruption_parameters == {}
    assert recipe_of(run, 7) is None


def test_parameters_may_be_recorded_for_images_that_are_stored(tmp_path: Path) -> None:
    run = opened(
        write_run(tmp_path / "run", **parts(), corruption_parameters={"fog": [{"density": np.float32(0.5)}]})
    )
    assert run.corruption_parameters == {"fog": ({"density": 0.5},)}
    assert recipe_of(run, 7) is None


@pytest.mark.parametrize("table", ["parquet", "csv"])
def test_a_converted_run_keeps_seeds_and_parameters(folder: Path, tmp_path: Path, table: str) -> None:
    if table == "csv":
        pd.read_parquet(folder / "samples.parquet").to_csv(folder / "samples.csv", index=False)
        (folder / "samples.parquet").unlink()
    run = opened(folder)
    copy = opened(convert(run, tmp_path / "copy"))
    assert_same_run(run, copy)
    assert copy.corruption_seed.max() > 0


def test_a_metadata_column_of_that_name_is_kept_beside_it(tmp_path: Path) -> None:
    given = corrupted_parts()
    given["samples"]["metadata.corruption_seed"] = "mine"
    run = opened(write_run(tmp_path / "run", **given))
    assert list(run.metadata.columns) == ["metadata.corruption_seed"]
    assert_same_run(run, opened(convert(run, tmp_path / "copy")))


NAN = float("nan")
FAULTS: tuple[tuple[str, Callable[[Path], object], tuple[str, ...]], ...] = (
    (
        "no corruption",
        with_cell("corruption", None),
        ("samples.csv", "Row 27 has a corruption_seed and no corruption", "leave the seed empty"),
    ),
    (
        "unrecorded corruption",
        with_cell("corruption", "fog"),
        ("Row 27", "'fog'", "run.json does not record", '"corruption_parameters"'),
    ),
    ("severity 0", with_cell("severity", 0), ("Row 27", "severity 0 of brightness_down")),
    ("severity 6", with_cell("severity", 6), ("Row 27", "severity 6 of brightness_down", "does not record")),
    ("no severity", with_cell("severity", None), ("Row 27", "severity 0 of brightness_down")),
    ("no image", with_cell("image", None), ("Row 27", "no image", "clean image")),
    ("seed too large", with_cell("corruption_seed", 2**31), ("'corruption_seed'", "Row 27 is", "2147483647")),
    (
        "seed too small",
        with_cell("corruption_seed", -2),
        ("'corruption_seed'", "Row 27 is -2", "at least -1"),
    ),
    ("half a seed", with_cell("corruption_seed", 1.5), ("'corruption_seed'", "Row 27 is 1.5", "integer")),
    ("a word as seed", with_cell("corruption_seed", "x"), ("'corruption_seed'", "Row 27 is 'x'")),
    *(
        (
            f"no column {name}",
            without_column(name),
            (f"lacks the column '{name}'", "Row 24", "corruption_seed"),
        )
        for name in ("image", "corruption", "severity")
    ),
    (
        "no parameters at all",
        lambda f: edited(f, lambda d: d.pop("corruption_parameters")),
        ("Row 24", "'brightness_down'", "does not record"),
    ),
    (
        "not a number",
        with_parameter(NAN),
        ("corruption_parameters.motion_blur[2]", "length is nan", "0 to 0.5"),
    ),
    ("infinite", with_parameter(math.inf), ("motion_blur[2]", "length is inf", "0 to 0.5")),
    ("huge", with_parameter(1e12), ("motion_blur[2]", "1000000000000.0", "0 to 0.5")),
    ("endless", with_parameter(10**400), ("motion_blur[2]", "length is 1000", "0 to 0.5")),
    ("negative", with_parameter(-0.1), ("motion_blur[2]", "length is -0.1")),
    ("text", with_parameter("0.1"), ("motion_blur[2].length", "Found '0.1'; expected number")),
    ("truth", with_parameter(True), ("motion_blur[2].length", "Found True; expected number")),
    ("list", with_parameter([0.1]), ("motion_blur[2].length", "expected number")),
    ("surplus", with_parameter(0.1, corruption="brightness_up"), ("brightness_up[2]", "'length', 'shift'")),
    (
        "missing",
        lambda f: edited(f, lambda d: d["corruption_parameters"]["motion_blur"][0].clear()),
        ("motion_blur[0]", "Found the parameters none; expected 'length'", "docs/corruptions.md"),
    ),
    (
        "no severities",
        lambda f: edited(f, lambda d: d["corruption_parameters"].update(motion_blur=[])),
        ("corruption_parameters.motion_blur",),
    ),
    (
        "a number for a list",
        lambda f: edited(f, lambda d: d["corruption_parameters"].update(motion_blur=3)),
        ("corruption_parameters.motion_blur", "Found 3; expected array"),
    ),
    (
        "a list for the whole",
        lambda f: edited(f, lambda d: d.update(corruption_parameters=[])),
        ("run.json at corruption_parameters", "expected object"),
    ),
    (
        "not a number, of an unknown corruption",
        lambda f: edited(f, lambda d: d["corruption_parameters"].update(fog=[{"density": NAN}])),
        ("corruption_parameters.fog[0]", "density is nan", "finite"),
    ),
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


def test_nothing_is_written_where_a_corruption_is_not_recorded(tmp_path: Path) -> None:
    with pytest.raises(RunFormatError, match="does not record"):
        write_run(tmp_path / "run", **(corrupted_parts() | {"corruption_parameters": None}))
    assert list(tmp_path.iterdir()) == []


def test_a_seed_of_minus_one_asks_for_nothing(tmp_path: Path) -> None:
    given = parts()
    given["samples"]["corruption_seed"] = -1
    assert opened(write_run(tmp_path / "run", **given)).corruption_seed.tolist() == [-1] * 12


def test_the_doctor_counts_the_clean_images_and_says_what_is_made_when_shown(tmp_path: Path) -> None:
    corrupted_run(tmp_path)
    (report,) = check(tmp_path / "run").runs
    assert (report.images.found, report.images.missing) == (204, 0)  # 24 clean and 180 made from six of them
    (problem,) = report.problems
    assert (problem.level, problem.title) == (
        Level.INFO,
        "Images of corrupted samples are made when they are shown",
    )
    assert "180 samples" in problem.detail


def test_the_doctor_names_a_corruption_that_this_version_does_not_know(tmp_path: Path) -> None:
    given = corrupted_parts()
    given["samples"]["corruption"] = given["samples"]["corruption"].replace("motion_blur", "fog")
    given["corruption_parameters"]["fog"] = [{"density": 0.1 * severity} for severity in range(1, 6)]
    corrupted_run(tmp_path, **given)
    (report,) = check(tmp_path / "run").runs
    warning = report.problems[0]
    assert (warning.level, warning.title) == (Level.WARNING, "Corruptions that this version does not know")
    assert warning.detail == "fog: the images of 30 samples cannot be shown."
    assert "motion_blur" in warning.hint


@pytest.mark.parametrize("name", CLEAN)
def test_clean_pixels_are_those_of_the_page_without_transparency(tmp_path: Path, name: str) -> None:
    path = corrupted_run(tmp_path) / "images" / name
    pixels = clean_pixels(path)
    grey = name in ("grey.png", "sixteen.png")
    assert pixels.dtype == np.uint8
    assert pixels.ndim == (2 if grey else 3)
    if name == "sixteen.png":  # shown through a window
        assert np.array_equal(pixels, np.asarray(display(path).image))
    else:
        with Image.open(path) as image:
            stored = np.asarray(image)
        assert np.array_equal(pixels, stored if grey else stored[:, :, :3])
    assert np.array_equal(pixels_of(path, None), pixels)
