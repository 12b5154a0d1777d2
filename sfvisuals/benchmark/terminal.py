"""The table for a terminal: as wide as that is, coloured by rank where asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sfvisuals.benchmark.records import Cell, Table
from sfvisuals.benchmark.rendering import BETTER, WORSE, caption, legend, plain, spans_of
from sfvisuals.columns_of_text import cells, left, right

# from the best to the worst of a column: 256 terminal colours, green over yellow to red
COLOURS: Final = (40, 76, 112, 148, 184, 220, 214, 208, 202)
GAP: Final = 2


def as_text(tables: Sequence[Table], *, colour: bool, weights: str = "", width: int | None = None) -> str:
    """The best of each column is marked with *, and all are coloured by rank where asked.

    What is significantly better or worse than MSR has ^ or v. Where the columns do not fit into `width`
    characters they are told in several blocks.
    """
    return "\n\n".join(_whole(table, colour, weights, width) for table in tables) + "\n"


def _whole(table: Table, colour: bool, weights: str, width: int | None) -> str:
    head = caption(table, weights)
    if not table.columns:
        return "\n".join([head, "(no values)", *table.left_out])
    blocks = [_block(part, colour) for part in _parts(table, width)]
    told = legend(table, {BETTER: BETTER, WORSE: WORSE}).strip()
    return "\n".join([head, "\n\n".join(blocks), *([told] if told else []), *_reasons(table)])


def _parts(table: Table, width: int | None) -> list[Table]:
    """The table in pieces of neighbouring columns, each as wide as there is room for."""
    if width is None:
        return [table]
    parts: list[Table] = []
    start = 0
    for end in range(1, len(table.columns) + 1):
        if end - start > 1 and _width(_columns(table, start, end)) > width:
            parts.append(_columns(table, start, end - 1))
            start = end - 1
    return [*parts, _columns(table, start, len(table.columns))]


def _columns(table: Table, start: int, end: int) -> Table:
    rows = tuple(replace(row, cells=row.cells[start:end]) for row in table.rows)
    return replace(table, columns=table.columns[start:end], rows=rows)


def _width(table: Table) -> int:
    return max(cells(line) for line in _block(table, False).split("\n"))


def _block(table: Table, colour: bool) -> str:
    compared = any(cell and cell.against for row in table.rows for cell in row.cells)
    body = [
        [row.label, *(plain(cell, table.metric, any_against=compared) for cell in row.cells)]
        for row in table.rows
    ]
    studies = ["", *(column.study for column in table.columns)]
    widths = [max(cells(line[j]) for line in [studies, *body]) for j in range(len(studies))]
    spans = spans_of(table)
    for name, start, count in spans:
        room = sum(widths[1 + start : 1 + start + count]) + 2 * (count - 1)
        widths[start + count] += max(0, cells(name) - room)
    told = [_line([" " * widths[0], *_headings(spans, widths)]), _line(_aligned(studies, widths))]
    for row, texts in zip(table.rows, body, strict=True):
        padded = _aligned(texts, widths)
        if colour:
            worst = [_worst(table, j) for j in range(len(table.columns))]
            padded[1:] = [_coloured(*one) for one in zip(padded[1:], row.cells, worst, strict=True)]
        told.append(_line(padded))
    return "\n".join(told)


def _reasons(table: Table) -> list[str]:
    """Why cells are empty, have no interval or are not compared with MSR, each reason once."""
    found: dict[str, str] = {}
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            where = f"{row.label}, {column.dataset} {column.study}"
            if cell is not None and cell.value is None:
                found.setdefault(cell.why, f"{where}: {cell.why}")
            elif cell is not None and cell.no_interval:
                found.setdefault(cell.no_interval, f"{where}: {cell.no_interval}")
            elif cell is not None and cell.against is not None and cell.against.why:
                found.setdefault(cell.against.why, f"{where}: not compared, since {cell.against.why}")
    return list(found.values())


def _headings(spans: Sequence[tuple[str, int, int]], widths: Sequence[int]) -> list[str]:
    return [
        left(name, sum(widths[1 + start : 1 + start + count]) + 2 * (count - 1))
        for name, start, count in spans
    ]


def _aligned(texts: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        right(text, width) if j else left(text, width)
        for j, (text, width) in enumerate(zip(texts, widths, strict=True))
    ]


def _line(parts: Sequence[str]) -> str:
    return "  ".join(parts).rstrip()


def _worst(table: Table, position: int) -> int:
    ranks = [cell.rank for row in table.rows if (cell := row.cells[position]) and cell.rank is not None]
    return max(ranks, default=1)


def _coloured(text: str, cell: Cell | None, worst: int) -> str:
    if cell is None or cell.rank is None:
        return text
    place = round((cell.rank - 1) / max(1, worst - 1) * (len(COLOURS) - 1))
    bold = "1;" if cell.best else ""
    return f"\x1b[{bold}38;5;{COLOURS[place]}m{text}\x1b[0m"
