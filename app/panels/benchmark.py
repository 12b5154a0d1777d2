"""The page "Benchmark": its frame. assets/benchmark.mjs fills each part when it is scrolled to."""

from __future__ import annotations

from typing import Any

from dash import html

from app import ids
from app.benchmark_rows import RISKS
from app.parts import Part, page_of_parts
from sfvisuals.metrics import METRICS

DELTAS = (("0.01", "99 %"), ("0.05", "95 %"), ("0.1", "90 %"))
SCOPES = (("run", "this run"), ("methods", "all methods"))
COLUMNS = (("few", "without corruption levels"), ("all", "all"))
SHADES = (("rank", "rank in column"), ("value", "value in column"), ("none", "nothing"))
MODES = (
    ("coverage", "coverage on validation"),
    ("guarantee", "a guaranteed risk"),
    ("cost", "least cost"),
    ("hand", "by hand"),
)


def layout() -> html.Main:
    """Contents on the left, the parts one below the other."""
    return page_of_parts(_parts(), component=ids.BENCHMARK, title="Benchmark", title_id=ids.BENCHMARK_SAYS)


def _parts() -> tuple[Part, ...]:
    """In the order of the page: numbers, pictures, what to doubt."""
    return (*_numbers(), *_pictures(), *_doubts())


def _numbers() -> tuple[Part, ...]:
    return (
        Part(
            ids.BENCH_TABLE,
            "table",
            "Scores × shifts",
            "Every confidence score under every kind of shift. A cell leads to the failures behind it.",
            (
                choice("metric", "metric", [(m.key, m.label) for m in METRICS]),
                choice("scope", "runs", SCOPES),
                choice("columns", "columns", COLUMNS),
                choice("shade", "shade by", SHADES),
                choice("group", "resample", ()),
                weights(),
                _button("Intervals", "data-intervals", "Bootstrap intervals, 1,000 resamples"),
                _csv(),
            ),
        ),
        Part(
            ids.BENCH_COCKPIT,
            "cockpit",
            "Operating point",
            "One threshold of the chosen score, the same in the whole app, and what it does to every study.",
            (
                choice("by", "chosen by", MODES),
                _only("guarantee", choice("risk", "risk at most", RISKS)),
                _only("guarantee", choice("delta", "confidence", DELTAS)),
                _only("cost", number("silentCost", "a silent failure costs", "10")),
                _only("cost", number("referralCost", "a referral costs", "1")),
                _only("hand", number("hand", "threshold", "")),
                weights(),
                _csv(),
            ),
        ),
    )


def _pictures() -> tuple[Part, ...]:
    return (
        Part(
            ids.BENCH_CURVES,
            "curves",
            "Risk and coverage",
            "Failures among the accepted (selective risk) and among all (generalized risk).",
            (choice("study", "study", ()), choice("scores", "scores", (), multiple=True), weights()),
        ),
        Part(
            ids.BENCH_CALIBRATION,
            "calibration",
            "Confidence",
            "The chosen score of correct and of wrong predictions, and whether it means what it says.",
            (choice("study", "study", ()),),
        ),
        Part(
            ids.BENCH_CONFUSION,
            "confusion",
            "Confusion",
            "True against predicted class. A cell leads to its samples.",
            (choice("study", "study", ()),),
        ),
        Part(
            ids.BENCH_SEVERITY,
            "severity",
            "Severity",
            "What stronger corruption does to accuracy, AUGRC and silent failures.",
        ),
    )


def _doubts() -> tuple[Part, ...]:
    return (
        Part(
            ids.BENCH_AUDIT,
            "audit",
            "Threshold transfer",
            "A threshold that guarantees a risk where it was chosen: does it under shift?",
            (
                choice("risk", "risk at most", RISKS),
                choice("delta", "confidence", DELTAS),
                choice("on", "chosen on", (("validation", "validation"), ("iid", "iid"))),
                _csv(),
            ),
        ),
        Part(
            ids.BENCH_MISSED,
            "missed",
            "Missed by every score",
            "Silent failures of each score at its own threshold for one coverage, and who shares them.",
            (choice("where", "study", ()), choice("among", "scores", (), multiple=True)),
        ),
        Part(
            ids.BENCH_FORENSICS,
            "forensics",
            "Score forensics",
            "Whether a score can be trusted as a number: ties, saturation, rounding, sign, level.",
            (choice("study", "study", ()), _csv()),
        ),
        Part(
            ids.BENCH_COMPARE,
            "compare",
            "Compare two runs",
            "Differences with intervals, and the samples whose fate changed.",
            (choice("other", "with", ()), _csv()),
        ),
    )


def choice(name: str, label: str, options: Any, *, multiple: bool = False) -> Any:
    """A plain select whose value is the setting `name`; what depends on the run comes from the browser."""
    listed = [html.Option(words, value=value) for value, words in options]
    if multiple:
        picker: Any = html.Details(
            [html.Summary("", className="bench-select"), html.Div(className="bench-checks")],
            className="bench-menu",
            **{"data-checks": name},
        )
        return html.Div([html.Span(label), picker], className="bench-choice")
    picker = html.Select(listed, className="bench-select", **{"data-bench": name, "aria-label": label})
    return html.Label([html.Span(label), picker], className="bench-choice")


def weights() -> html.Div:
    """What a mistake on each class costs and how frequent it is; its lines come from the browser."""
    find = html.Span(className="weight-find-place")
    menu = html.Details(
        [
            html.Summary("", className="bench-select", **{"aria-label": "Weights of the classes"}),
            html.Div(
                [
                    html.P(
                        "A mistake on a class of cost 5 counts like five. A prevalence is the share in % "
                        "where the model is used; classes left empty share the rest as in the iid study.",
                        className="quiet-text",
                    ),
                    find,
                    html.Div(
                        [html.Span("class"), html.Span("cost"), html.Span("prevalence %")],
                        className="weight-head",
                    ),
                    html.Div(className="weight-lines"),
                    html.Button("All alike again", className="quiet", **{"data-weights-reset": "1"}),
                ],
                className="bench-weights",
            ),
        ],
        className="bench-menu",
        **{"data-weights": "1"},
    )
    return html.Div([html.Span("weights"), menu], className="bench-choice")


def _csv() -> html.Button:
    return _button("CSV", "data-table-csv", "Save this table as CSV")


def _button(label: str, attribute: str, title: str) -> html.Button:
    return html.Button(label, className="quiet", title=title, **{attribute: "1"})


def number(name: str, label: str, value: str) -> html.Label:
    """A number field whose value is the setting `name`."""
    field = html.Span(
        className="bench-number",
        **{"data-number": name, "data-value": value, "data-label": label},
    )
    return html.Label([html.Span(label), field], className="bench-choice")


def _only(mode: str, control: Any) -> html.Span:
    return html.Span(control, className="bench-only", **{"data-only": mode})
