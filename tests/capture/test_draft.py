"""Arrays that are filled row by row on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sfvisuals.capture.draft import Draft, Writer, row_file
from sfvisuals.errors import CaptureError


def test_rows_that_are_written_in_any_order_make_the_file_that_numpy_reads(tmp_path: Path) -> None:
    whole = np.arange(7 * 3 * 2, dtype=np.float32).reshape(7, 3, 2)
    file = row_file(tmp_path / "a.npy", np.float32, (7, 3, 2))
    writer = Writer({"a.npy": file})
    for start, stop in ((4, 7), (0, 2), (2, 4)):
        writer.write("a.npy", start, whole[start:stop])
    writer.close()
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), whole)
    np.testing.assert_array_equal(file[2:5], whole[2:5])
    assert (file.shape, file.ndim, len(file)) == ((7, 3, 2), 3, 7)


def test_rows_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    writer = Writer({"a.npy": row_file(tmp_path / "a.npy", np.float32, (4, 3))})
    for start, shape in ((0, (2, 2)), (3, (2, 3))):
        with pytest.raises(ValueError, match="do not fit"):
            writer.write("a.npy", start, np.zeros(shape, np.float32))
    writer.close()


def test_a_file_of_another_shape_is_not_continued(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    row_file(tmp_path / "run" / "a.npy", np.float32, (4, 3))
    with pytest.raises(CaptureError, match=r"does not fit: a\.npy"):
        row_file(tmp_path / "run" / "a.npy", np.float32, (4, 2))


def test_a_note_counts_for_the_same_key_alone(tmp_path: Path) -> None:
    draft = Draft(tmp_path, key="k")
    writer = Writer(draft.files({"logits.npy": (np.float32, (5, 2))}))
    draft.note(3, writer, now=True)
    writer.close()
    assert Draft(tmp_path, key="k").done == 3
    other = Draft(tmp_path, key="other")
    assert (other.done, other.began_anew) == (0, True)
    assert list(other.run.iterdir()) == []


def test_a_note_that_is_cut_off_begins_anew(tmp_path: Path) -> None:
    Draft(tmp_path, key="k")
    (tmp_path / "progress.json").write_text('{"key": "k", "do')
    assert Draft(tmp_path, key="k").done == 0


@pytest.mark.parametrize("damage", ["cut", "overwritten", "gone"])
def test_a_draft_with_a_damaged_file_begins_anew_and_names_it(tmp_path: Path, damage: str) -> None:
    shapes = {"logits.npy": (np.float32, (5, 2)), "scores/0.npy": (np.float64, (5,))}
    draft = Draft(tmp_path, key="k")
    writer = Writer(draft.files(shapes))
    writer.write("scores/0.npy", 0, np.ones(3))
    draft.note(3, writer, now=True)
    writer.close()
    file = tmp_path / "run" / "logits.npy"
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100] if damage == "cut" else b"garbage")
    again = Draft(tmp_path, key="k")
    assert again.done == 3
    files = again.files(shapes)
    assert (again.done, again.damaged) == (0, "logits.npy")
    np.testing.assert_array_equal(np.load(file), np.zeros((5, 2)))
    np.testing.assert_array_equal(files["scores/0.npy"][0:5], np.zeros(5))
    assert Draft(tmp_path, key="k").done == 0


def test_a_note_of_a_negative_number_begins_anew(tmp_path: Path) -> None:
    Draft(tmp_path, key="k")
    (tmp_path / "progress.json").write_text('{"key": "k", "done": -5}')
    assert Draft(tmp_path, key="k").done == 0
