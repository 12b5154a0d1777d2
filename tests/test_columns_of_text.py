"""Tables of a terminal stand in columns whatever script the names are written in."""

from __future__ import annotations

import pytest

from sfvisuals.columns_of_text import cells, left, right


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("nih14", 5),
        ("皮膚鏡", 6),
        ("ＡＢ", 4),  # full-width letters
        ("Größe", 5),
        ("Gro\u0308ße", 5),  # the same with the two dots as a mark of their own
        ("a\u200bb", 2),  # a blank of no width
        ("한국", 4),
    ],
)
def test_a_text_takes_as_many_columns_as_a_terminal_gives_it(text: str, columns: int) -> None:
    assert cells(text) == columns


def test_texts_of_any_script_end_and_begin_in_one_column() -> None:
    names = ["study", "皮膚鏡", "Gro\u0308ße"]
    assert {cells(left(name, 8)) for name in names} == {8}
    assert {cells(right(name, 8)) for name in names} == {8}
    assert left("皮膚鏡", 8) == "皮膚鏡  "
    assert right("皮膚鏡", 8) == "  皮膚鏡"


def test_a_text_that_is_too_long_is_not_cut() -> None:
    assert left("皮膚鏡", 3) == right("皮膚鏡", 3) == "皮膚鏡"
