"""The table scores x shifts: shaded by rank, each cell a way to the failures behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from dash import html

from app.answers import Answer, Asked
from app.benchmark_counting import counting, spoken
from app.benchmark_rows import samples_of
from app.benchmark_shown import RESAMPLES, Head, Shown, of_methods, of_run
from app.blocks import empty, is_share, region, shown_value, view, weighted
from sfvisuals.benchmark import Cell, Column, Table
from sfvisuals.benchmark.rendering import as_csv
from sfvisuals.metrics import Interval, Metric, find_metric
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace


def answer(workspace: Workspace, run: Run, asked: Asked) -> Answer:
    """The table of this run, or of all methods joined."""
    metric, how = find_metric(asked.text("metric", "aurc")), counting(run, asked)
    resamples = RESAMPLES if asked.text("intervals") else 0
    if asked.text("scope") == "methods":
        shown = of_methods(workspace, run, metric, resamples, counting=how, report=asked.report)
    else:
        levels = asked.text("columns") == "all"
        shown = of_run(workspace, run, metric, resamples, levels=levels, counting=how, report=asked.report)
    if not shown.table.columns:
        why = spoken(_reasons(shown.table), run)
        return Answer([weighted(how.says), empty("No score has this metric on any study", why)])
    facts = {"resamples": resamples, "csv": as_csv([shown.table])}
    return Answer(render(workspace, run, shown, metric), facts=facts)


def render(workspace: Workspace, run: Run, shown: Shown, metric: Metric) -> list[Any]:
    """Legend, table, reasons, and the line that tells about the cell under the pointer."""
    reasons = list(dict.fromkeys(c.why for row in shown.table.rows for c in row.cells if c and c.why))
    shades = _shades(shown.table, metric)
    body = [
        html.Tr(
            [
                html.Th(row.label, scope="row", className="words"),
                *(
                    _cell(workspace, shown, metric, (i, j), cell, shades.get((i, j), 0.0), reasons)
                    for j, cell in enumerate(row.cells)
                ),
            ]
        )
        for i, row in enumerate(shown.table.rows)
        if any(cell is not None for cell in row.cells)
    ]
    table = html.Table(
        className="bench-table scores",
        children=[
            html.Caption(f"{metric.label} of every score under every shift", className="sr-only"),
            html.Thead([_groups(shown.heads), _heads(shown.heads)]),
            html.Tbody(body),
        ],
    )
    return [
        weighted(shown.counting.says),
        region(table, "Scores and shifts"),
        html.P(
            "Point at a number for its interval and what it is made from.",
            className="cell-says quiet-text",
            **{"data-cell-says": "1"},
        ),
        html.P(_key(shown, metric), className="quiet-text bench-key"),
        html.Ol([html.Li(spoken(why, run)) for why in reasons], className="reasons") if reasons else None,
    ]


def _key(shown: Shown, metric: Metric) -> str:
    better = "low" if metric.better == "low" else "high"
    words = (
        f"{metric.label}{unit_of(metric)}, {better} is good: {metric.formula}. The best of a column is bold."
    )
    if any(cell is not None and cell.spread is not None for row in shown.table.rows for cell in row.cells):
        words += " ± is the standard deviation over the runs of a method."
    if any(cell and cell.against and not cell.against.why for row in shown.table.rows for cell in row.cells):
        units = f" of whole {shown.counting.group_by} groups" if shown.counting.group_by else ""
        words += (
            f" ▲ better, ▼ worse than MSR with 95 % confidence ({shown.resamples:,} paired resamples{units})."
        )
    return f"{words} {shown.left_out}".rstrip()


def unit_of(metric: Metric) -> str:
    """What the numbers of the table are in."""
    return " in %" if is_share(metric) else f" in {metric.unit}" if metric.unit == "nats" else ""


def _groups(heads: Sequence[Head]) -> html.Tr:
    spans: list[list[Any]] = []
    for head in heads:
        if spans and spans[-1][0] == head.group:
            spans[-1][1] += 1
        else:
            spans.append([head.group, 1])
    cells = [html.Th(group, scope="colgroup", colSpan=str(n), className="group") for group, n in spans]
    return html.Tr([html.Td("", className="corner"), *cells])


def _heads(heads: Sequence[Head]) -> html.Tr:
    return html.Tr(
        [
            html.Th("score", scope="col", className="words"),
            *(
                html.Th(head.words, scope="col", title=head.title, className=_edge("number", heads, j))
                for j, head in enumerate(heads)
            ),
        ]
    )


def _edge(style: str, heads: Sequence[Head], j: int) -> str:
    """A column that begins a group stands apart from the one before."""
    return f"{style} first" if j and heads[j].group != heads[j - 1].group else style


def _cell(
    workspace: Workspace,
    shown: Shown,
    metric: Metric,
    place: tuple[int, int],
    cell: Cell | None,
    shade: float,
    reasons: Sequence[str],
) -> html.Td:
    row, column = shown.table.rows[place[0]], shown.table.columns[place[1]]
    style = _edge("number cell", shown.heads, place[1])
    if cell is None:
        return html.Td("", className=style)
    if cell.value is None:
        mark = html.Sup(str(reasons.index(cell.why) + 1))
        return html.Td(["–", mark], className=f"{style} undefined", title=cell.why)
    told = story(cell, metric, shown.resamples)
    says = f"{row.label}, {shown.heads[place[1]].title}: {told}"
    content = [shown_value(cell.value, metric)]
    if cell.best:
        content.append(html.Span("best of its column", className="sr-only"))
    attributes = {"data-go": json.dumps(way(workspace, cell, column)), "data-says": says}
    button = html.Button(
        [
            html.Span(content, className="value"),
            _spread(cell, metric),
            _mark(cell.against, metric),
        ],
        title=says,
        **attributes,
    )
    return html.Td(
        button,
        className=f"{style} best" if cell.best else style,
        style={"--rank": _rank(cell, shown, place[1]), "--value": f"{shade:.3f}"},
    )


def _spread(cell: Cell, metric: Metric) -> Any:
    if cell.spread is None:
        return None
    return html.Span(f"±\u202f{shown_value(cell.spread, metric)}", className="spread")


def _mark(difference: Interval | None, metric: Metric) -> Any:
    if difference is None or not difference.excludes_zero or difference.value is None:
        return html.Span("", className="against")
    better = (difference.value < 0) == (metric.better == "low")
    words = "better than MSR" if better else "worse than MSR"
    return html.Span(
        [html.Span("▲" if better else "▼", **{"aria-hidden": "true"}), html.Span(words, className="sr-only")],
        className="against better" if better else "against worse",
    )


def story(cell: Cell, metric: Metric, resamples: int) -> str:
    """All that is known of a number, in one line."""
    assert cell.value is not None

    def full(value: float) -> str:
        return f"{100 * value:.4f} %" if is_share(metric) else f"{value:.6g}"

    parts = [f"{metric.label} {full(cell.value)}"]
    if cell.low is not None and cell.high is not None:
        parts.append(f"95 % interval {full(cell.low)} to {full(cell.high)}")
    elif cell.no_interval:
        parts.append(cell.no_interval)
    if cell.spread is not None:
        parts.append(f"± {full(cell.spread)} over {len(cell.runs)} runs")
    parts.append(f"{cell.n:,} samples, {cell.failures:,} failures")
    if len(cell.runs) > 1:
        parts.append(f"opens {cell.runs[0]}")
    if cell.against is not None:
        parts.append(_difference(cell.against, full))
    elif not resamples:
        parts.append("no interval yet")
    return " · ".join(parts)


def _difference(against: Interval, full: Callable[[float], str]) -> str:
    if against.value is None:
        return f"not compared with MSR: {against.why}"
    difference = f"{full(against.value)} against MSR"
    if against.low is None or against.high is None:
        return f"{difference}, without interval: {against.why}"
    sure = "significant" if against.excludes_zero else "not significant"
    return f"{difference} ({full(against.low)} to {full(against.high)}, {sure})"


def _rank(cell: Cell, shown: Shown, column: int) -> str:
    """1 for the best of the column, 0 for the worst."""
    ranks = [c.rank for row in shown.table.rows if (c := row.cells[column]) is not None and c.rank]
    worst = max(ranks)
    return f"{(worst - (cell.rank or worst)) / max(1, worst - 1):.3f}"


def _shades(table: Table, metric: Metric) -> dict[tuple[int, int], float]:
    """Place -> 1 for the best value of its column, 0 for the worst, in proportion between."""
    found: dict[tuple[int, int], float] = {}
    for j in range(len(table.columns)):
        values = {
            i: c.value for i, row in enumerate(table.rows) if (c := row.cells[j]) and c.value is not None
        }
        if not values:
            continue
        low, high = min(values.values()), max(values.values())
        for i, value in values.items():
            share = (value - low) / ((high - low) or 1.0)
            found[i, j] = 1 - share if metric.better == "low" else share
    return found


def way(workspace: Workspace, cell: Cell, column: Column) -> dict[str, Any]:
    """The view of Explore behind a cell: its run, its score, and its samples selected."""
    run = workspace.run(cell.runs[0])
    studies, recipe = samples_of(run, column.study)
    return view(run.name, studies, recipe=recipe, score=cell.score)


def _reasons(table: Table) -> str:
    found = dict.fromkeys(c.why for row in table.rows for c in row.cells if c and c.why)
    return "; ".join(found) or "Choose another metric."
