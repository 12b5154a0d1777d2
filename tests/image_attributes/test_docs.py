"""docs/image-attributes.md lists every attribute as the catalogue has it."""

from __future__ import annotations

from pathlib import Path

from sfvisuals.image_attributes import IMAGE_ATTRIBUTES


def test_the_page_lists_every_attribute_and_no_other(repository: Path) -> None:
    text = (repository / "docs" / "image-attributes.md").read_text(encoding="utf-8")
    cells = [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in text.splitlines()]
    found = [row for row in cells if len(row) == 7 and row[0] != "name"]
    assert found == [
        [f"`{a.name}`", a.label, a.unit or "-", a.higher, a.lower, a.definition, a.source or "-"]
        for a in IMAGE_ATTRIBUTES
    ]
