"""The focused case: one sample, large, with everything known about it."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, html

from app import ids
from app.addresses import image_url
from app.state import View, view_from
from sfvisuals.case import UNFITTED, Case, Neighbour, ScoreAtRow, Version, describe_case
from sfvisuals.failures import reference_rows
from sfvisuals.types import Judge, Run
from sfvisuals.workspace import Workspace

BARS = 6
OUTCOMES = {
    (True, True): "silent failure",
    (True, False): "failure, rejected",
    (False, True): "correct, accepted",
    (False, False): "correct, but rejected",
}


def register(app: Dash, workspace: Workspace) -> None:
    """Focus and view -> the case, as a tree that assets/plain.mjs draws."""

    @app.callback(Output(ids.CASE_TREE, "data"), Input(ids.FOCUS, "data"), Input(ids.VIEW, "data"))
    def show(focus: dict[str, Any] | None, store: dict[str, Any] | None) -> dict[str, Any]:
        return answer(workspace, focus, store)


def answer(
    workspace: Workspace, focus: dict[str, Any] | None, store: dict[str, Any] | None
) -> dict[str, Any]:
    """{"row", "tree"}: the row lets the page drop an answer that came after the focus had moved on."""
    row = focused_row(focus, store)
    if row is None or not store:
        return {"row": None, "tree": nobody()}
    return {"row": row, "tree": show_case(workspace, view_from(store), row)}


def focused_row(focus: dict[str, Any] | None, store: dict[str, Any] | None) -> int | None:
    """The row in focus, if it is one of the run that is looked at."""
    if not focus or not store or focus.get("run") != store.get("run"):
        return None
    row = focus.get("row")
    return row if isinstance(row, int) and not isinstance(row, bool) else None


def show_case(workspace: Workspace, view: View, row: int) -> list[Any]:
    """The case of that row under the view's score, for the page."""
    run = workspace.run(view.run, version=view.version)
    accepted = bool(workspace.accepted(run, view.score, target=view.target / 1000)[row])
    return render(run, view, describe_case(workspace, run, row, score=view.score), accepted=accepted)


def nobody() -> list[Any]:
    """What stands there while no case is in focus."""
    words = [
        html.P("No case in focus"),
        html.P("Click an image or a point. Arrow keys go through the cases.", className="quiet-text"),
    ]
    return [html.Div(words, className="empty-inline")]


def render(run: Run, view: View, case: Case, *, accepted: bool) -> list[Any]:
    """Image, verdict, probabilities, scores, neighbours, metadata."""
    return [
        _picture(run, view, case),
        _verdict(run, case, accepted),
        _block("Class probabilities", _bars(run, case), note=_whose(case.judge)),
        _block("Scores", _scores(case, view.score), note="percentile on " + _reference(run)),
        *_same_image(run, view, case),
        _block("Nearest in the latents", _neighbours(run, view, case)),
        _block("Facts", _facts(case)),
    ]


def _picture(run: Run, view: View, case: Case) -> html.Figure:
    return html.Figure(
        className="case-picture",
        children=[
            html.Button(
                "‹",
                className="step",
                title="Previous case (←)",
                **{"data-step": "-1", "aria-label": "Previous case"},
            ),
            html.Img(
                src=image_url(view.run, case.row, version=run.fingerprint),
                alt=f"Sample {case.row}: {case.truth}",
                **{"data-case-row": str(case.row)},
            ),
            html.Button(
                "›", className="step", title="Next case (→)", **{"data-step": "1", "aria-label": "Next case"}
            ),
        ],
    )


def _verdict(run: Run, case: Case, accepted: bool) -> html.Div:
    own = case.plain if case.judge is Judge.PLAIN or case.mc_mean is None else case.mc_mean
    outcome = html.B(OUTCOMES[case.wrong, accepted], className="is-silent" if case.wrong and accepted else "")
    lines: list[Any] = [
        html.Div([html.Span("outcome"), outcome]),
        html.Div([html.Span("predicted"), html.B(run.classes[own])]),
        html.Div([html.Span("truth"), html.B(case.truth)]),
    ]
    if case.mc_mean is not None and case.mc_mean != case.plain:
        lines.append(
            html.Div(
                [
                    html.Span("predictions"),
                    html.B(f"plain {run.classes[case.plain]}, MC mean {run.classes[case.mc_mean]}"),
                ]
            )
        )
    lines.append(html.Div([html.Span("study"), html.B(case.study)]))
    if case.wrong:
        lines.append(html.Div([html.Span("why"), _why(case.row)]))
    return html.Div(
        lines, className="verdict" + (" wrong" if case.wrong else ""), **{"data-verdict": str(case.row)}
    )


def _why(row: int) -> html.Button:
    return html.Button(
        "what this failure looks like",
        className="link",
        title="Label, shift, shortcut, ambiguity or unseen concept, with the evidence for each",
        **{"data-why": str(row)},
    )


def _bars(run: Run, case: Case) -> html.Div:
    order = sorted(range(case.probabilities.size), key=lambda c: (-float(case.probabilities[c]), c))[:BARS]
    if (
        case.truth_class is not None
        and 0 <= case.truth_class < case.probabilities.size
        and case.truth_class not in order
    ):
        order[-1] = case.truth_class
    return html.Div(
        className="bars",
        children=[
            html.Div(
                className="bar" + (" truth" if c == case.truth_class else ""),
                children=[
                    html.Span(run.classes[c], className="bar-name"),
                    html.Span(
                        className="bar-track",
                        children=html.Span(style={"width": f"{100 * float(case.probabilities[c]):.2f}%"}),
                    ),
                    html.Span(f"{float(case.probabilities[c]):.3f}", className="number"),
                ],
            )
            for c in order
        ],
    )


def _scores(case: Case, chosen: str) -> html.Table:
    return html.Table(
        className="score-table",
        children=html.Tbody(
            [_score(entry, entry.name == chosen) for entry in case.scores if entry.why != UNFITTED]
            + _unfitted(sum(entry.why == UNFITTED for entry in case.scores))
        ),
    )


def _unfitted(count: int) -> list[html.Tr]:
    if not count:
        return []
    words = f"{count} more on latents: choose one in the header, and it is fitted"
    return [html.Tr(html.Td(words, colSpan=4), className="unavailable")]


def _score(entry: ScoreAtRow, chosen: bool) -> html.Tr:
    if entry.value is None:
        return html.Tr(
            [html.Th(entry.label, scope="row"), html.Td(entry.why, colSpan=3)], className="unavailable"
        )
    share = entry.percentile
    return html.Tr(
        className="chosen" if chosen else "",
        children=[
            html.Th(entry.label, scope="row", title=entry.name),
            html.Td(_number(entry.value), className="number"),
            html.Td(
                html.Span(
                    className="track", children=html.Span(style={"width": f"{100 * (share or 0):.1f}%"})
                )
            ),
            html.Td("NaN" if share is None else f"{100 * share:.1f} %", className="number"),
        ],
    )


def _neighbours(run: Run, view: View, case: Case) -> html.Div:
    if not case.neighbours:
        return html.Div(html.P(case.no_neighbours_why, className="quiet-text"))
    return html.Div([_neighbour(run, view, n) for n in case.neighbours], className="neighbours")


def _neighbour(run: Run, view: View, neighbour: Neighbour) -> html.Button:
    words = f"{neighbour.truth}, {neighbour.study}, distance {neighbour.distance:.3g}" + (
        ", wrong" if neighbour.wrong else ""
    )
    return html.Button(
        className="neighbour" + (" wrong" if neighbour.wrong else ""),
        title=words,
        **{"data-row": str(neighbour.row), "aria-label": words},
        children=[
            html.Img(
                src=image_url(view.run, neighbour.row, size=96, version=run.fingerprint),
                alt="",
            ),
            html.Span(neighbour.truth),
            html.Small(neighbour.study),
        ],
    )


def _same_image(run: Run, view: View, case: Case) -> list[Any]:
    """The clean image and its corrupted copies, where there are any: where does the prediction flip?"""
    if not case.versions:
        return []
    thumbs = [_version(run, view, version, case) for version in case.versions]
    grid = html.Div(thumbs, className="neighbours versions")
    return [_block("The same image", grid, note=f"{_trail(run, case)}prediction, confidence")]


def _trail(run: Run, case: Case) -> str:
    """The corruption that all copies share, before the note; empty beside a clean image."""
    name = run.corruptions[int(run.corruption[case.row])] if case.source_row is not None else ""
    return f"{name.replace('_', ' ')}; " if name else ""


def _version(run: Run, view: View, version: Version, case: Case) -> html.Button:
    outcome = "wrong" if version.wrong else "correct"
    words = f"{version.name}: {version.prediction}, {outcome}, confidence {_number(version.confidence)}"
    current = {"aria-current": "true"} if version.row == case.row else {}
    step = case.source_row is not None and version.severity > 0
    return html.Button(
        className="neighbour" + (" wrong" if version.wrong else ""),
        title=words,
        **{"data-row": str(version.row), "aria-label": words, **current},
        children=[
            html.Img(src=image_url(view.run, version.row, size=96, version=run.fingerprint), alt=""),
            html.Small(f"severity {version.severity}" if step else version.name.replace("_", " ")),
            html.Span(version.prediction),
            html.Small(_number(version.confidence)),
        ],
    )


def _facts(case: Case) -> html.Dl:
    facts = [("row", str(case.row)), *case.metadata, ("path", case.path or "no image path in the folder")]
    return html.Dl(
        [part for name, value in facts for part in (html.Dt(name), html.Dd(value))], className="facts"
    )


def _block(title: str, content: Any, *, note: str = "") -> html.Section:
    return html.Section([html.H3([title, html.Small(note)] if note else title), content], className="block")


def _whose(judge: Judge) -> str:
    return "mean over the MC-dropout passes" if judge is Judge.MC_MEAN else "plain softmax"


def _reference(run: Run) -> str:
    reference = reference_rows(run)
    study = reference.study or "all samples"
    return f"{study} (in-sample)" if reference.in_sample else study


def _number(value: float) -> str:
    return "NaN" if value != value else f"{value:.4g}"
