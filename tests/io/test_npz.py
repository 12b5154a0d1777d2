"""Arrays come out of npz files as they were written, never unpickled; large stored ones are mapped."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from sfvisuals.errors import RunFormatError
from sfvisuals.io.fingerprint import fingerprint
from sfvisuals.io.npz import load_array, load_arrays


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4),
        np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        np.arange(24, dtype=np.float16).reshape(2, 3, 4),
        np.arange(6, dtype=">f8").reshape(2, 3),
        np.empty((0, 4)),
        np.float32(3.5),
    ],
    ids=["plain", "fortran", "half", "big endian", "empty", "scalar"],
)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_array_comes_back_equal_and_read_only(tmp_path: Path, array: np.ndarray, save: object) -> None:
    path = tmp_path / "file.npz"
    assert callable(save)
    save(path, array)
    read = load_array(path)
    np.testing.assert_array_equal(read, array)
    assert read.dtype.isnative
    assert not read.flags.writeable


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_large_stored_array_is_mapped_where_it_lies(tmp_path: Path, order: str) -> None:
    first, second = np.random.default_rng(0).normal(size=(2, 400, 700))
    path = tmp_path / "file.npz"
    np.savez(path, w=np.asarray(first, order=order), b=np.asarray(second, order=order))
    w, b = load_arrays(path, keys=("w", "b"))
    assert isinstance(w, np.memmap)
    assert isinstance(b, np.memmap)
    np.testing.assert_array_equal(w, first)
    np.testing.assert_array_equal(b, second)


def test_a_single_array_is_found_under_any_key(tmp_path: Path) -> None:
    np.savez(tmp_path / "file.npz", logits=np.arange(3.0))
    np.testing.assert_array_equal(load_array(tmp_path / "file.npz"), [0, 1, 2])


def test_a_missing_key_is_refused_and_the_present_ones_are_listed(tmp_path: Path) -> None:
    np.savez(tmp_path / "file.npz", a=np.arange(3.0), z=np.arange(3.0))
    with pytest.raises(RunFormatError, match="lacks the array arr_0") as refused:
        load_array(tmp_path / "file.npz")
    assert "a, z" in refused.value.detail


def test_a_header_that_promises_more_than_the_file_holds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.npz"
    np.savez(path, np.arange(4.0))
    with zipfile.ZipFile(path) as archive:
        content = archive.read("arr_0.npy")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("arr_0.npy", content.replace(b"(4,)", b"(9,)"))
    with pytest.raises(RunFormatError, match="cut off or damaged"):
        load_array(path)


@pytest.mark.parametrize("shape", [b"(-2, -2)", b"(10**9,)", b"(99999999999999999999,)", b"('a',)"])
def test_an_impossible_shape_is_refused(tmp_path: Path, shape: bytes) -> None:
    path = tmp_path / "file.npz"
    np.savez(path, np.arange(4.0))
    with zipfile.ZipFile(path) as archive:
        content = archive.read("arr_0.npy")
    spoilt = content.replace(b"(4,), }" + b" " * (len(shape) - 4), shape + b", }")
    assert spoilt != content
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("arr_0.npy", spoilt)
    with pytest.raises(RunFormatError, match="cut off or damaged"):
        load_array(path)


def test_a_changed_block_of_a_large_file_changes_the_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfvisuals.io.fingerprint.COMPLETE_BELOW", 1000)
    (tmp_path / "test_results").mkdir()
    large = tmp_path / "test_results" / "raw_logits.npz"
    large.write_bytes(bytes(3 * 2**20))
    before = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == before
    large.write_bytes(bytes(3 * 2**20 - 1) + b"x")
    assert fingerprint(tmp_path) != before


def test_a_name_counts_into_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1")
    before = fingerprint(tmp_path)
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    assert fingerprint(tmp_path) != before
