"""The page "Concepts and slices": its frame. assets/causes.mjs fills each part when it is scrolled to."""

from __future__ import annotations

from dash import html

from app import ids
from app.parts import Part, page_of_parts, setting
from app.state import METHODS

BASES = (("label", "true class"), ("prediction", "predicted class"))
CLUSTERS = (("auto", "chosen by the data"), *((str(k), str(k)) for k in range(1, 13)))
OUTCOMES = (("silent", "silent failures"), ("failure", "all failures"))
POOLS = (("shown", "the studies shown"), ("tests", "all test studies"))
FOUND = (("half", "one half; the other tests"), ("all", "all samples"))
# as the rooms explain and slices have them, and a test compares: importing those would delay the first page
FINDERS_OFFERED = (
    ("all", "all methods"),
    ("rules", "rules over metadata and image attributes"),
    ("failures", "clusters of the failures"),
    ("mixture", "error-aware mixture"),
)
REFERENCES = (
    ("true_class", "correct, of the same true class"),
    ("predicted_class", "correct, of the predicted class"),
    ("rest", "the rest of the same studies"),
)


def layout() -> html.Main:
    """Contents on the left with the state of the images' attributes, the parts one below the other."""
    return page_of_parts(
        _parts(),
        component=ids.CAUSES,
        title="Concepts and slices",
        title_id=ids.CAUSES_SAYS,
        beside=(_attributes(),),
    )


def _attributes() -> html.Div:
    return html.Div(
        id=ids.CAUSE_ATTRIBUTES,
        className="attributes-state",
        role="status",
        children=[
            html.B("Image attributes"),
            html.Span("", **{"data-says": "1"}),
            html.Progress(max="1", value="0", hidden=True, **{"aria-label": "Images measured"}),
            html.Button("Measure", className="link", hidden=True, **{"data-attributes": "start"}),
            html.Button("Cancel", className="link", hidden=True, **{"data-attributes": "cancel"}),
        ],
    )


def _parts() -> tuple[Part, ...]:
    """In the order of the page: where things lie, which fail, why."""
    return (*_concepts(), *_slices(), *_selection())


def _concepts() -> tuple[Part, ...]:
    clusters = (
        setting("basis", "clusters of each", BASES),
        setting("method", "found by", METHODS),
        setting("k", "how many", CLUSTERS),
    )
    return (
        Part(
            ids.CAUSE_MATCHES,
            "matches",
            "Source and target",
            "Each concept of the shifted studies beside the concepts of the source that it lies nearest to.",
            clusters,
        ),
        Part(
            ids.CAUSE_CONCEPTS,
            "concepts",
            "Concepts",
            "What one study holds: its clusters, what is in them, and how they fail.",
            (setting("study", "study"), setting("category", "class")),
        ),
    )


def _slices() -> tuple[Part, ...]:
    return (
        Part(
            ids.CAUSE_SLICES,
            "slices",
            "Slices",
            "Groups of failures with a shared cause: found on one half of the samples, tested on the other.",
            (
                setting("outcome", "of", OUTCOMES),
                setting("finder", "found by", FINDERS_OFFERED),
                setting("pool", "in", POOLS),
            ),
        ),
    )


def _selection() -> tuple[Part, ...]:
    return (
        Part(
            ids.CAUSE_EXPLAIN,
            "explain",
            "Explain the selection",
            "What tells the selected samples from others.",
            (setting("reference", "compared with", REFERENCES), setting("found", "on", FOUND)),
        ),
        Part(
            ids.CAUSE_HYPOTHESIS,
            "hypothesis",
            "Test a hypothesis",
            "One rule on the samples that did not suggest it: how often do they fail with it and without it?",
        ),
        Part(
            ids.CAUSE_TRIAGE,
            "triage",
            "Causes",
            "What each selected failure looks like: label, shift, shortcut, ambiguity, unseen concept.",
        ),
    )
