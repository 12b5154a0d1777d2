"""Any readable run becomes a run of our own format, and reading that back gives the same run."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import fake_fdshifts
from own_runs import assert_same_run, opened, parts
from sfvisuals import write_run
from sfvisuals.errors import RunFormatError
from sfvisuals.io import discover, read_run
from sfvisuals.io.convert import convert
from sfvisuals.types import GivenScore, Judge, Run, RunFormat, Study, StudyKind

FLOATS = st.sampled_from([np.float16, np.float32, np.float64])
# Text that UTF-8 can hold; NUL is no text in any file format.
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NAMES = WORDS.filter(lambda text: text != "")
CELLS = st.one_of(st.none(), st.integers(-(2**70), 2**70), st.booleans(), WORDS, st.floats(allow_nan=False))


@st.composite
def float_arrays(draw: st.DrawFn, shape: tuple[int, ...], *, probabilities: bool = False) -> np.ndarray:
    dtype = draw(FLOATS)
    width = np.dtype(dtype).itemsize * 8
    low, high = (0.0, 1.0) if probabilities else (None, None)
    elements = st.floats(
        low, high, width=width, allow_nan=not probabilities, allow_infinity=not probabilities
    )
    return draw(arrays.arrays(dtype, shape, elements=elements, fill=elements))


@st.composite
def metadata_tables(draw: st.DrawFn, n: int) -> pd.DataFrame:
    names = draw(
        st.lists(
            st.one_of(
                NAMES,
                st.sampled_from(
                    ["study", "label", "source", "severity", "metadata.image", "__index_level_0__"]
                ),
            ),
            max_size=4,
            unique=True,
        )
    )
    columns = {name: draw(metadata_columns(n)) for name in names}
    return pd.DataFrame(columns, index=pd.RangeIndex(n))


def metadata_columns(n: int) -> st.SearchStrategy[pd.Series]:
    def listed(elements: st.SearchStrategy[object]) -> st.SearchStrategy[list[object]]:
        return st.lists(elements, min_size=n, max_size=n)

    return st.one_of(
        listed(st.integers(-(2**63), 2**63 - 1)).map(lambda v: pd.Series(v, dtype="int64")),
        listed(st.floats()).map(lambda v: pd.Series(v, dtype="float64")),
        listed(st.booleans()).map(lambda v: pd.Series(v, dtype="bool")),
        listed(st.one_of(st.none(), WORDS)).map(lambda v: pd.Series(v, dtype="str")),
        listed(st.one_of(st.none(), st.integers(-5, 5))).map(lambda v: pd.Series(v, dtype="Int64")),
        listed(st.sampled_from(["left", "right"])).map(lambda v: pd.Series(v, dtype="category")),
        listed(st.datetimes(allow_imaginary=False)).map(lambda v: pd.Series(v, dtype="datetime64[us]")),
        listed(CELLS).map(lambda v: pd.Series(v, dtype=object)),
    )


@st.composite
def studies(draw: st.DrawFn) -> tuple[Study, ...]:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    return tuple(
        Study(
            name=name,
            kind=draw(st.sampled_from(StudyKind)),
            label=draw(WORDS),
            corruption=draw(st.one_of(st.none(), WORDS)),
            severity=draw(st.one_of(st.none(), st.integers(0, 9))),
            assumed=draw(st.booleans()),
        )
        for name in names
    )


@st.composite
def runs(draw: st.DrawFn) -> Run:
    n, d, width, passes = (draw(st.integers(1, high)) for high in (6, 3, 4, 3))
    is_probability, mc_is_probability = draw(st.booleans()), draw(st.booleans())
    outputs = draw(float_arrays((n, d), probabilities=is_probability))
    mc = draw(st.none() | float_arrays((n, d, passes), probabilities=mc_is_probability))
    sets = draw(studies())
    names = draw(st.lists(WORDS, max_size=3, unique=True))
    metadata = draw(metadata_tables(n))
    training = draw(st.none() | st.integers(1, 3))
    outputs_of_layer = d + draw(st.integers(0, 1))
    scores = draw(st.lists(NAMES, max_size=2, unique=True))

    def codes(low: int, high: int, dtype: type) -> np.ndarray:
        return draw(arrays.arrays(dtype, n, elements=st.integers(low, high)))

    return Run(
        name="original",
        path=Path("original"),
        format=RunFormat.FD_SHIFTS_CURRENT,
        classes=tuple(draw(st.lists(WORDS, min_size=d, max_size=d))),
        studies=sets,
        study=codes(0, len(sets) - 1, np.int32),
        label=codes(-3, 12, np.int64),
        logits=None if is_probability else outputs,
        probabilities=outputs if is_probability else None,
        mc_logits=None if mc_is_probability else mc,
        mc_probabilities=mc if mc_is_probability else None,
        external=draw(st.none() | float_arrays((n,))),
        external_mc=draw(st.none() | float_arrays((n, passes))),
        external_name=draw(st.none() | WORDS.filter(bool)),
        latents=draw(st.none() | float_arrays((n, width))),
        train_latents=None if training is None else draw(float_arrays((training, width))),
        train_labels=None if training is None else np.arange(training, dtype=np.int64),
        last_layer=draw(
            st.none() | st.tuples(float_arrays((outputs_of_layer, width)), float_arrays((outputs_of_layer,)))
        ),
        image=draw(
            st.none()
            | st.lists(st.none() | WORDS, min_size=n, max_size=n).map(lambda v: pd.Series(v, dtype=object))
        ),
        metadata=metadata,
        group_column=draw(st.none() | st.sampled_from([*metadata.columns]))
        if len(metadata.columns)
        else None,
        corruptions=tuple(names),
        corruption=codes(-1, len(names) - 1, np.int16),
        severity=codes(0, 9, np.int16),
        source_row=codes(-1, n - 1, np.int64),
        given_scores=tuple(
            GivenScore(name, draw(WORDS), draw(float_arrays((n,))), draw(st.sampled_from(Judge)))
            for name in scores
        ),
        source=draw(st.none() | st.sampled_from([study.name for study in sets])),
        absent={"image": draw(WORDS)},
        provenance=draw(st.dictionaries(WORDS, WORDS, max_size=2)),
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(run=runs())
def test_any_run_written_and_read_back_is_the_same_run(run: Run) -> None:
    with tempfile.TemporaryDirectory() as place:
        copy = opened(convert(run, Path(place) / "copy"))
        assert_same_run(run, copy)


def test_a_run_converted_twice_has_the_same_content_key(tmp_path: Path) -> None:
    run = opened(write_run(tmp_path / "first", **parts()))
    second = opened(convert(run, tmp_path / "b" / "first"))
    third = opened(convert(second, tmp_path / "c" / "first"))
    assert second.fingerprint == third.fingerprint


def test_image_paths_keep_their_text(tmp_path: Path) -> None:
    arguments = parts()
    texts = ["/cluster/images/a..b.png", "../elsewhere/c.png", "ö/日本.png", None, *["d.png"] * 8]
    arguments["samples"]["image"] = texts
    copy = opened(convert(opened(write_run(tmp_path / "run", **arguments)), tmp_path / "copy"))
    assert copy.image is not None
    assert copy.image.isna().tolist() == [text is None for text in texts]
    assert copy.image.dropna().tolist() == [text for text in texts if text is not None]


def test_a_run_is_not_written_over_another_folder(tmp_path: Path) -> None:
    run = opened(write_run(tmp_path / "run", **parts()))
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "thesis.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(RunFormatError, match="copy exists already"):
        convert(run, tmp_path / "copy")
    with pytest.raises(RunFormatError, match=r"holds no run\.json"):
        convert(run, tmp_path / "copy", overwrite=True)
    assert [file.name for file in (tmp_path / "copy").iterdir()] == ["thesis.txt"]


def test_a_run_can_be_converted_onto_itself(tmp_path: Path) -> None:
    run = opened(write_run(tmp_path / "run", **parts()))
    copy = opened(convert(run, tmp_path / "run", overwrite=True))
    assert_same_run(run, copy)


@pytest.mark.parametrize(
    ("file", "field", "given", "stored"),
    [
        ("external_confids.npz", "external", np.bool_, np.float32),
        ("external_confids.npz", "external", np.int64, np.float32),
        ("external_confids_dist.npz", "external_mc", np.bool_, np.float32),
        ("raw_logits_dist.npz", "mc_logits", np.int16, np.float32),
        ("raw_logits_dist.npz", "mc_logits", np.longdouble, np.float64),
        ("encoded_output.npz", "latents", np.int32, np.float32),
        ("encoded_output.npz", "latents", np.longdouble, np.float64),
        ("train_features.npz", "train_latents", np.uint8, np.float32),
        ("raw_logits.npz", "logits", np.longdouble, np.float64),
    ],
)
def test_an_array_of_any_number_type_is_converted(
    tmp_path: Path, file: str, field: str, given: type, stored: type
) -> None:
    fake = fake_fdshifts.write(tmp_path / "run")
    fake.arrays[file] = np.rint(np.abs(fake.arrays[file].astype(np.float64))).astype(given)
    run = opened(fake.save().folder)
    copy = opened(convert(run, tmp_path / "copy"))
    assert getattr(copy, field).dtype == stored
    assert_same_run(run, copy)


def test_the_external_confidence_may_have_its_own_number_of_passes(tmp_path: Path) -> None:
    fake = fake_fdshifts.write(tmp_path / "run")
    fake.arrays["raw_logits_dist.npz"] = fake.arrays["raw_logits_dist.npz"][:, :, :1]
    copy = opened(convert(opened(fake.save().folder), tmp_path / "copy"))
    assert copy.mc_logits is not None
    assert copy.external_mc is not None
    assert (copy.mc_logits.shape[2], copy.external_mc.shape[1]) == (1, 4)


def test_cells_that_json_lacks_become_lists_and_text(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", **parts(4))
    samples = pd.read_parquet(folder / "samples.parquet")
    samples["box"] = [[1, 2], [3, 4], None, [[5.5], [6.0]][0]]
    samples["raw"] = [b"scan", b"\xff", None, b""]
    samples["price"] = [Decimal("1.50"), Decimal("2.00"), None, Decimal("0.10")]
    samples["day"] = [date(2019, 5, 4), None, date(2020, 1, 1), date(2021, 1, 1)]
    samples.to_parquet(folder / "samples.parquet")
    metadata = opened(convert(opened(folder), tmp_path / "copy")).metadata
    assert metadata["box"].tolist() == [[1, 2], [3, 4], None, [5.5]]
    assert metadata["raw"].fillna("none").tolist() == ["scan", "\\xff", "none", ""]
    assert metadata["price"].fillna("none").tolist() == ["1.50", "2.00", "none", "0.10"]
    assert metadata["day"].fillna("none").tolist() == ["2019-05-04", "none", "2020-01-01", "2021-01-01"]


def test_monte_carlo_probabilities_that_are_none_are_copied_as_they_are(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", **parts())
    (folder / "mc_logits.npy").rename(folder / "mc_probabilities.npy")
    run = opened(folder)
    assert_same_run(run, opened(convert(run, tmp_path / "copy")))


@pytest.mark.shared
def test_every_real_folder_written_and_read_back_is_the_same_run(shared: Path, tmp_path: Path) -> None:
    refs = discover(shared / "experiments")
    assert refs
    for ref in refs:
        run = read_run(ref, root=shared / "experiments")
        copy = opened(convert(run, tmp_path / "copy"))
        assert_same_run(run, copy)
        shutil.rmtree(tmp_path / "copy")
