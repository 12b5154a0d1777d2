"""docs/corruptions.md says what the catalogue says, and its example works."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sfvisuals.corruptions import CATALOGUE, Corruption


@pytest.fixture
def text(repository: Path) -> str:
    """The whole page."""
    return (repository / "docs" / "corruptions.md").read_text(encoding="utf-8")


def table(*rows: tuple[object, ...]) -> str:
    """A Markdown table; numbers in their shortest form."""
    head, *body = [f"| {' | '.join(spelled(cell) for cell in row)} |" for row in rows]
    return "\n".join([head, f"|{'---|' * len(rows[0])}", *body])


def spelled(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, int | float) else str(cell)


@pytest.mark.parametrize("corruption", CATALOGUE, ids=lambda corruption: corruption.name)
def test_heading_formula_and_parameters_are_those_of_the_catalogue(text: str, corruption: Corruption) -> None:
    heading = f"## {corruption.label}: `{corruption.name}`\n"
    assert heading in text
    section = text.partition(heading)[2].partition("\n## ")[0]
    assert f"`{corruption.formula}`" in section
    names = tuple(corruption.limits)
    rows = [(k, *(entry[n] for n in names)) for k, entry in enumerate(corruption.severities, start=1)]
    assert table(("severity", *names), *rows) in section


def test_the_page_has_no_other_corruption(text: str) -> None:
    assert re.findall(r"^## .*: `(\w+)`$", text, re.MULTILINE) == [c.name for c in CATALOGUE]


def test_the_limits_are_those_of_the_catalogue(text: str) -> None:
    rows = [(f"`{c.name}`", name, low, high) for c in CATALOGUE for name, (low, high) in c.limits.items()]
    assert table(("corruption", "parameter", "from", "to"), *rows) in text


def test_the_example_runs(text: str) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {"pixels": np.zeros((20, 30, 3), np.uint8)}
    exec(compile(code, "docs/corruptions.md", "exec"), names)
    assert names["blurred"].shape == (20, 30, 3)
