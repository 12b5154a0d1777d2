"""The table as CSV, Markdown or LaTeX, and what these share with the terminal.

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
BEST: Final = "*"
BETTER: Final = "^"
WORSE: Final = "v"
# what each format has instead of these two
MARKS: Final = {
    "markdown": {BETTER: " ▲", WORSE: " ▼"},
    "latex": {BETTER: r"$^\uparrow$", WORSE: r"$^\downarrow$"},
}
NONE: Final = "-"
ROUNDING: Final = 1e-9
# column of the CSV -> attribute of the difference to MSR
AGAINST: Final = {"against": "value", "against_low": "low", "against_high": "high"}
_MARKDOWN: Final = frozenset("|\\`*<>[]~")
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
    """Three significant digits without an exponent, as on the poster: 15.3, 0.544, 49.3.

    What is 0 but for rounding is told as 0.
    """
    from decimal import Decimal

    if abs(value) < ROUNDING:
        value = 0.0
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


def as_markdown(tables: Sequence[Table], *, weights: str = "") -> str:
    """Pipe tables; the best of each column is bold."""
    parts = []
    for table in tables:
        head = ["score", *(_marked(f"{column.dataset} {column.study}") for column in table.columns)]
        lines = [head, ["---", *("--:" for _ in table.columns)]]
        lines += [
            [_marked(row.label), *(_bold(cell, table, "markdown", "**{}**") for cell in row.cells)]
            for row in table.rows
        ]
        told = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        parts.append(f"{caption(table, weights)}\n\n{told}\n{legend(table, MARKS['markdown'])}")
    return "\n".join(parts)


def _marked(name: str) -> str:
    """A name as Markdown shows it, whatever it holds."""
    return "".join(f"&#{ord(c)};" if c in _MARKDOWN else c for c in name)


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


def legend(table: Table, marks: Mapping[str, str]) -> str:
    """What the marks mean, where there are any that could be."""
    if not any(cell and cell.against for row in table.rows for cell in row.cells):
        return ""
    better, worse = marks[BETTER].strip(), marks[WORSE].strip()
    return f"\n{better} better, {worse} worse than MSR in paired resamples (the interval excludes 0)\n"


def spans_of(table: Table) -> list[tuple[str, int, int]]:
    """Data sets in order, each with its first column and how many it has."""
    names = [column.dataset for column in table.columns]
    return [(name, names.index(name), names.count(name)) for name in dict.fromkeys(names)]


def plain(
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


def _bold(cell: Cell | None, table: Table, form: str, style: str, between: str = " ± ") -> str:
    text = plain(cell, table.metric, between=between, mark=False)
    mark = MARKS[form].get(mark_of(cell, table.metric), "")
    return (style.format(text) if cell is not None and cell.best else text) + mark


def _latex(table: Table, weights: str) -> str:
    heads = [rf"\multicolumn{{{count}}}{{c}}{{{_escaped(name)}}}" for name, _, count in spans_of(table)]
    lines = [
        f"% {caption(table, weights)}",
        *(f"% {line}" for line in legend(table, MARKS["latex"]).split("\n") if line),
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
