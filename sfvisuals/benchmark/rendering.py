"""The table as text: for a terminal, as CSV, Markdown or LaTeX.

People read risks, rates and areas in percent with three digits, as on the poster; CSV has them in percent
with all digits. JSON rows are in 0..1.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

from sfvisuals.benchmark.records import Cell, Table
from sfvisuals.metrics import find_metric

PERCENT: Final = frozenset({"area", "risk", "rate"})
# from the best to the worst of a column: 256 terminal colours, green over yellow to red
COLOURS: Final = (40, 76, 112, 148, 184, 220, 214, 208, 202)
BEST: Final = "*"
BETTER: Final = "^"
WORSE: Final = "v"
# what each format has instead of these two
MARKS: Final = {
    "markdown": {BETTER: " ▲", WORSE: " ▼"},
    "latex": {BETTER: r"$^\uparrow$", WORSE: r"$^\downarrow$"},
}
NONE: Final = "-"
# column of the CSV -> attribute of the difference to MSR
AGAINST: Final = {"against": "value", "against_low": "low", "against_high": "high"}
_LATEX: Final = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    character: f"\\{character}" for character in "&%$#_{}"
}


def factor_of(metric: str) -> float:
    """What a value is multiplied by where people read it: 100 for what is a share."""
    return 100.0 if find_metric(metric).unit in PERCENT else 1.0


def unit_of(metric: str) -> str:
    """The unit that people read it in."""
    unit = find_metric(metric).unit
    return "%" if unit in PERCENT else unit


def number(value: float, digits: int = 3) -> str:
    """Three significant digits without an exponent, as on the poster: 15.3, 0.544, 49.3."""
    from decimal import Decimal

    return f"{Decimal(f'{value:#.{digits}g}'):f}".removesuffix(".")


def caption(table: Table, weights: str = "") -> str:
    """What the table shows, in one line."""
    metric = find_metric(table.metric)
    weighted = f"; weighted by {weights}" if weights else ""
    return f"{metric.label}, {unit_of(table.metric)}, {metric.better} is better{weighted}"


def mark_of(cell: Cell | None, metric: str) -> str:
    """^ where the cell is significantly better than MSR, v where it is worse, else nothing."""
    if cell is None or cell.against is None or cell.against.value is None or not cell.against.excludes_zero:
        return ""
    return BETTER if (cell.against.value < 0) == (find_metric(metric).better == "low") else WORSE


def as_text(tables: Sequence[Table], *, colour: bool, weights: str = "") -> str:
    """For a terminal: the best of each column is marked with *, and all are coloured by rank where asked.

    What is significantly better or worse than MSR has ^ or v.
    """
    return "\n\n".join(f"{caption(table, weights)}\n{_text(table, colour)}" for table in tables) + "\n"


def as_markdown(tables: Sequence[Table], *, weights: str = "") -> str:
    """Pipe tables; the best of each column is bold."""
    parts = []
    for table in tables:
        head = ["score", *(f"{column.dataset} {column.study}" for column in table.columns)]
        lines = [head, ["---", *("--:" for _ in table.columns)]]
        lines += [
            [row.label, *(_bold(cell, table, "markdown", "**{}**") for cell in row.cells)]
            for row in table.rows
        ]
        told = "\n".join(f"| {' | '.join(text.replace('|', '&#124;') for text in line)} |" for line in lines)
        parts.append(f"{caption(table, weights)}\n\n{told}\n{_legend(table, MARKS['markdown'])}")
    return "\n".join(parts)


def as_latex(tables: Sequence[Table], *, weights: str = "") -> str:
    """Tables with the rules of booktabs; the best of each column is bold."""
    return "\n".join(_latex(table, weights) for table in tables)


def as_csv(tables: Sequence[Table], *, weights: str = "") -> str:
    """One line per metric and score, one column per data set and study, shares in % with all digits.

    Where there are several runs, `<column>_spread` is their standard deviation; where there are intervals,
    `<column>_low` and `<column>_high` are their ends, and `<column>_against` with `_against_low` and
    `_against_high` the difference to MSR in the same resamples. A cell without a value is empty. A column
    `weights` says what the samples were weighted by, where they were.
    """
    columns = list(dict.fromkeys(column for table in tables for column in table.columns))
    cells = [cell for table in tables for row in table.rows for cell in row.cells if cell is not None]
    fields = ["value"]
    fields += ["spread"] if any(cell.spread is not None for cell in cells) else []
    fields += ["low", "high"] if any(cell.low is not None for cell in cells) else []
    fields += AGAINST if any(cell.against is not None for cell in cells) else []
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [f"{column.dataset}_{column.study}" for column in columns]
    ends = ["" if field == "value" else f"_{field}" for field in fields]
    said = [weights] if weights else []
    head = ["metric", "unit", *(["weights"] if weights else []), "score"]
    writer.writerow([*head, *(f"{name}{end}" for name in names for end in ends)])
    for table in tables:
        for row in table.rows:
            by_column = dict(zip(table.columns, row.cells, strict=True))
            found = [_numbers(by_column.get(column), table.metric, fields) for column in columns]
            writer.writerow(
                [table.metric, unit_of(table.metric), *said, row.label, *(n for ns in found for n in ns)]
            )
    return out.getvalue()


def _numbers(cell: Cell | None, metric: str, fields: Sequence[str]) -> list[str]:
    values = [None if cell is None else _field(cell, field) for field in fields]
    return ["" if value is None else repr(value * factor_of(metric)) for value in values]


def _field(cell: Cell, name: str) -> float | None:
    if name in AGAINST:
        return None if cell.against is None else getattr(cell.against, AGAINST[name])
    found: float | None = getattr(cell, name)
    return found


def _legend(table: Table, marks: Mapping[str, str]) -> str:
    """What the marks mean, where there are any that could be."""
    if not any(cell and cell.against for row in table.rows for cell in row.cells):
        return ""
    better, worse = marks[BETTER].strip(), marks[WORSE].strip()
    return f"\n{better} better, {worse} worse than MSR in paired resamples (the interval excludes 0)\n"


def _text(table: Table, colour: bool) -> str:
    if not table.columns:
        return "(no values)"
    compared = any(cell and cell.against for row in table.rows for cell in row.cells)
    body = [
        [row.label, *(_plain(cell, table.metric, any_against=compared) for cell in row.cells)]
        for row in table.rows
    ]
    studies = ["", *(column.study for column in table.columns)]
    widths = [max(len(line[j]) for line in [studies, *body]) for j in range(len(studies))]
    spans = _spans(table)
    for name, start, count in spans:
        room = sum(widths[1 + start : 1 + start + count]) + 2 * (count - 1)
        widths[start + count] += max(0, len(name) - room)
    told = [_line([" " * widths[0], *_headings(spans, widths)]), _line(_aligned(studies, widths))]
    for row, texts in zip(table.rows, body, strict=True):
        padded = _aligned(texts, widths)
        if colour:
            worst = [_worst(table, j) for j in range(len(table.columns))]
            padded[1:] = [_coloured(*one) for one in zip(padded[1:], row.cells, worst, strict=True)]
        told.append(_line(padded))
    legend = _legend(table, {BETTER: BETTER, WORSE: WORSE}).strip()
    return "\n".join([*told, *([legend] if legend else []), *_reasons(table)])


def _reasons(table: Table) -> list[str]:
    """Why cells of the table are empty or not compared with MSR, each reason once."""
    found: dict[str, str] = {}
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            where = f"{row.label}, {column.dataset} {column.study}"
            if cell is not None and cell.value is None:
                found.setdefault(cell.why, f"{where}: {cell.why}")
            elif cell is not None and cell.against is not None and cell.against.why:
                found.setdefault(cell.against.why, f"{where}: not compared, since {cell.against.why}")
    return list(found.values())


def _spans(table: Table) -> list[tuple[str, int, int]]:
    """Data sets in order, each with its first column and how many it has."""
    names = [column.dataset for column in table.columns]
    return [(name, names.index(name), names.count(name)) for name in dict.fromkeys(names)]


def _headings(spans: Sequence[tuple[str, int, int]], widths: Sequence[int]) -> list[str]:
    return [
        name.ljust(sum(widths[1 + start : 1 + start + count]) + 2 * (count - 1))
        for name, start, count in spans
    ]


def _aligned(texts: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        text.rjust(width) if j else text.ljust(width)
        for j, (text, width) in enumerate(zip(texts, widths, strict=True))
    ]


def _line(parts: Sequence[str]) -> str:
    return "  ".join(parts).rstrip()


def _plain(
    cell: Cell | None, metric: str, *, between: str = " +- ", mark: bool = True, any_against: bool = False
) -> str:
    if cell is None or cell.value is None:
        return NONE + " " * (mark + any_against)
    factor = factor_of(metric)
    text = number(cell.value * factor)
    if cell.spread is not None:
        text += between + number(cell.spread * factor)
    if cell.low is not None and cell.high is not None:
        text += f" [{number(cell.low * factor)}, {number(cell.high * factor)}]"
    if not mark:
        return text
    against = (mark_of(cell, metric) or " ") if any_against else ""
    return text + (BEST if cell.best else " ") + against


def _worst(table: Table, position: int) -> int:
    ranks = [cell.rank for row in table.rows if (cell := row.cells[position]) and cell.rank is not None]
    return max(ranks, default=1)


def _coloured(text: str, cell: Cell | None, worst: int) -> str:
    if cell is None or cell.rank is None:
        return text
    place = round((cell.rank - 1) / max(1, worst - 1) * (len(COLOURS) - 1))
    bold = "1;" if cell.best else ""
    return f"\x1b[{bold}38;5;{COLOURS[place]}m{text}\x1b[0m"


def _bold(cell: Cell | None, table: Table, form: str, style: str, between: str = " ± ") -> str:
    text = _plain(cell, table.metric, between=between, mark=False)
    mark = MARKS[form].get(mark_of(cell, table.metric), "")
    return (style.format(text) if cell is not None and cell.best else text) + mark


def _latex(table: Table, weights: str) -> str:
    heads = [rf"\multicolumn{{{count}}}{{c}}{{{_escaped(name)}}}" for name, _, count in _spans(table)]
    lines = [
        f"% {caption(table, weights)}",
        *(f"% {line}" for line in _legend(table, MARKS["latex"]).split("\n") if line),
        rf"\begin{{tabular}}{{l{'r' * len(table.columns)}}}",
        r"\toprule",
        " & ".join(["", *heads]) + r" \\",
        " & ".join(["", *(_escaped(column.study) for column in table.columns)]) + r" \\",
        r"\midrule",
    ]
    for row in table.rows:
        cells = [_bold(cell, table, "latex", r"\textbf{{{}}}", r" $\pm$ ") for cell in row.cells]
        lines.append(" & ".join([_escaped(row.label), *cells]) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)
