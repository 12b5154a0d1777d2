"""What the page's stores and its address hold, parsed from JSON. The server keeps nothing of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from sfvisuals.errors import NotFoundError
from sfvisuals.recipes import NEW_CLASS
from sfvisuals.types import ClusterMethod, Judge, Run, StudyKind

DEFAULT_SCORE = "det_mcp"
DEFAULT_TARGET = 950
PROJECTIONS = ("pca", "umap", "umap3")
UNASKED_UMAP = 50_000
CLASS_ROWS = 8
MOST_CLASS_ROWS = 10_000
COLUMNS = 4
LONGEST_PHRASE = 60
METHODS = (("kmeans", "k-means"), ("gaussian", "Gaussian mixture"))


@dataclass(frozen=True, slots=True)
class View:
    """What a person looks at.

    Attributes:
        run: name of the run.
        source: name of the source study.
        studies: names of the chosen studies, the source among them.
        classes: chosen classes (positions or "new"); empty means all.
        score: name of the confidence score.
        target: target coverage in 1/1000.
        colour: what colours the points; "column:NAME" for a metadata column.
        pair: the (label, prediction) pair that the confusion colouring singles out.
        projection: which projection the map shows.
        basis: None for concepts by true label, True for concepts by the score's own prediction.
        method: how concepts are found.
        k: number of concepts per class, None lets the data choose.
        columns: studies shown beside the source in the concept grid; empty takes the first targets.
        class_rows: at most so many classes in the concept grid, the largest first.
        version: fingerprint of the run as the page opened it; empty for whatever it is now.
    """

    run: str
    source: str
    studies: tuple[str, ...]
    classes: tuple[int | str, ...] = ()
    score: str = DEFAULT_SCORE
    target: int = DEFAULT_TARGET
    colour: str = "silence"
    pair: tuple[int, int] = (0, 1)
    projection: str = "pca"
    by_prediction: bool = False
    method: ClusterMethod = ClusterMethod.KMEANS
    k: int | None = None
    columns: tuple[str, ...] = ()
    class_rows: int = CLASS_ROWS
    version: str = ""


def default_studies(run: Run, source: str) -> tuple[str, ...]:
    """The source and the shifts asked about first: acquisition, manifestation, new class; else all."""
    first = {StudyKind.ACQUISITION, StudyKind.MANIFESTATION, StudyKind.NEW_CLASS}
    aside = {StudyKind.VALIDATION, StudyKind.TRAIN}
    others = [s for s in run.studies if s.name != source and s.kind not in aside]
    chosen = [s.name for s in others if s.kind in first] or [s.name for s in others]
    return (source, *chosen)


def default_source(run: Run) -> str:
    """The run's stated source, else its iid study, else its first study."""
    names = [s.name for s in run.studies]
    if run.source in names and run.source is not None:
        return run.source
    return next((s.name for s in run.studies if s.kind is StudyKind.IID), names[0])


def query_of(search: str) -> dict[str, Any]:
    """The state in a URL: `?s=` holds JSON; anything unreadable counts as absent (see is_readable)."""
    state = _state_in(search)
    return state if isinstance(state, dict) else {}


def is_readable(search: str) -> bool:
    """False where the URL has a state that is not a JSON object."""
    return isinstance(_state_in(search), dict)


def _state_in(search: str) -> object:
    raw = parse_qs((search or "").removeprefix("?")).get("s", ["{}"])[0]
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def view_for(run: Run, query: Mapping[str, Any], *, scores: Sequence[str], colours: Sequence[str]) -> View:
    """The view a URL asks for on this run; what does not exist here falls back to the default."""
    names = [s.name for s in run.studies]
    source = query.get("source") if query.get("source") in names else default_source(run)
    assert isinstance(source, str)
    asked = [s for s in _strings(query.get("studies")) if s in names]
    studies = {source, *(asked or default_studies(run, source))}
    asked_score = query.get("score")
    score = asked_score if asked_score in scores else _default_score(scores)
    pair = _pair(query.get("pair"), run.n_classes)
    return View(
        run=run.name,
        source=source,
        studies=tuple(n for n in names if n in studies),
        classes=tuple(c for c in _categories(query.get("classes"), run.n_classes) if _has(run, c)),
        score=str(score),
        target=_integer(query.get("target"), 0, 1000, DEFAULT_TARGET),
        colour=str(query["colour"]) if query.get("colour") in colours else "silence",
        pair=pair,
        projection=str(query["projection"])
        if query.get("projection") in PROJECTIONS
        else first_projection(run),
        by_prediction=query.get("byPrediction") is True,
        method=_method(query.get("method")),
        k=_integer(query.get("k"), 1, 12, 0) or None,
        columns=tuple(s for s in _strings(query.get("columns")) if s in studies and s != source)[
            : COLUMNS - 1
        ],
        class_rows=_class_rows(query.get("classRows")),
    )


def adrift(run: Run, query: Mapping[str, Any], *, scores: Sequence[str], colours: Sequence[str]) -> list[str]:
    """What a URL asks for and this run has not, in short phrases ("study foo"); view_for falls back there."""
    names = [s.name for s in run.studies]
    known = set(map(str, _categories(query.get("classes"), run.n_classes)))
    lone: list[tuple[str, str, Sequence[str]]] = [
        ("source", "source", names),
        ("score", "score", scores),
        ("colour", "colour", colours),
        ("projection", "projection", PROJECTIONS),
        ("method", "clusters by", tuple(ClusterMethod)),
    ]
    found = [
        phrase(word, query[key])
        for key, word, those in lone
        if query.get(key) is not None and query[key] not in those
    ]
    found += [
        phrase("study", entry)
        for key in ("studies", "columns")
        for entry in _listed(query.get(key))
        if entry not in names
    ]
    found += [
        phrase("class", entry)
        for entry in _listed(query.get("classes"))
        if str(entry) not in known or not _has(run, entry)
    ]
    return list(dict.fromkeys(found))


def phrase(word: str, value: object) -> str:
    """`word value`, short and printable whatever a URL holds."""
    text = f"{word} {str(value).removeprefix('column:')}".encode(errors="replace").decode()
    return text if len(text) <= LONGEST_PHRASE else text[: LONGEST_PHRASE - 1] + "…"


def _listed(raw: object) -> list[object]:
    if raw is None:
        return []
    return list(raw) if isinstance(raw, list) else [raw]


def _has(run: Run, category: object) -> bool:
    return category != NEW_CLASS or bool(run.new_class.any())


def first_projection(run: Run) -> str:
    """UMAP where it is made in a minute or so without being asked for, else PCA."""
    return "umap" if run.latents is not None and 3 <= run.n <= UNASKED_UMAP else "pca"


def _default_score(scores: Sequence[str]) -> str:
    return DEFAULT_SCORE if DEFAULT_SCORE in scores else scores[0]


def view_from(store: Mapping[str, Any]) -> View:
    """The view as the page's store holds it."""
    if not store or "run" not in store:
        raise NotFoundError("The page sent no view", hint="Reload the page.")
    pair = _strings(store.get("pair")) or store.get("pair") or (0, 1)
    return View(
        run=str(store["run"]),
        source=str(store["source"]),
        studies=tuple(_strings(store.get("studies"))),
        classes=_categories(store.get("classes"), 1 << 30),
        score=str(store.get("score", DEFAULT_SCORE)),
        target=_integer(store.get("target"), 0, 1000, DEFAULT_TARGET),
        colour=str(store.get("colour", "silence")),
        pair=(int(pair[0]), int(pair[1])),
        projection=str(store.get("projection", "pca")),
        by_prediction=store.get("byPrediction") is True,
        method=_method(store.get("method")),
        k=_integer(store.get("k"), 1, 12, 0) or None,
        columns=tuple(_strings(store.get("columns"))[:COLUMNS]),
        class_rows=_class_rows(store.get("classRows")),
        version=str(store.get("version") or ""),
    )


def concept_basis(view: View, judge: Judge) -> Judge | None:
    """Concepts by true label (None) or by the prediction that the view's score is judged against."""
    return judge if view.by_prediction else None


def _method(raw: object) -> ClusterMethod:
    return next((one for one in ClusterMethod if one == raw), ClusterMethod.KMEANS)


def _strings(raw: object) -> list[str]:
    return [s for s in raw if isinstance(s, str)] if isinstance(raw, (list, tuple)) else []


def _categories(raw: object, n_classes: int) -> tuple[int | str, ...]:
    if not isinstance(raw, (list, tuple)):
        return ()
    found: list[int | str] = []
    for entry in raw:
        if entry == NEW_CLASS:
            found.append(NEW_CLASS)
        elif len(str(entry)) < 10 and str(entry).isdecimal() and int(str(entry)) < n_classes:
            found.append(int(str(entry)))
    return tuple(found)


def _class_rows(raw: object) -> int:
    return _integer(raw, CLASS_ROWS, MOST_CLASS_ROWS, CLASS_ROWS)


def _pair(raw: object, n_classes: int) -> tuple[int, int]:
    default = (min(1, n_classes - 1), 0)
    if not isinstance(raw, (list, tuple)) or len(raw) != 2:
        return default
    inside = all(isinstance(c, int) and 0 <= c < n_classes for c in raw)
    return (raw[0], raw[1]) if inside else default


def _integer(raw: object, low: int, high: int, default: int) -> int:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and low <= raw <= high else default
