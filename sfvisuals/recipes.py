"""A selection is a recipe: a few words that say which samples are meant, resolved to rows by the server.

Recipes travel in URLs and requests, so whatever arrives is parsed as hostile: unknown kinds, wrong types and
overlong lists are refused with a NotFoundError that says what was expected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeAlias

from sfvisuals.errors import NotFoundError
from sfvisuals.types import ClusterMethod, Judge

MAX_VERTICES = 512
MAX_ROWS = 2_000
MAX_DEPTH = 24
MAX_CONCEPTS = 12
NEW_CLASS = "new"


@dataclass(frozen=True, slots=True)
class Lasso:
    """Samples inside a polygon in the coordinates of a projection (even-odd rule)."""

    projection: str
    polygon: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class ConceptMembers:
    """Samples of one concept: cluster `index` of class `category` (a class position or "new") in `study`.

    `basis` is None for classes by true label, else the prediction that says the class; `method` is how the
    clusters are found.
    """

    study: str
    category: int | str
    index: int
    k: int | None = None
    basis: Judge | None = None
    method: ClusterMethod = ClusterMethod.KMEANS


@dataclass(frozen=True, slots=True)
class Attributes:
    """Samples of these studies and true classes (empty: any)."""

    studies: tuple[str, ...] = ()
    categories: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnValue:
    """Samples whose column (metadata, corruption or severity) has this value, as the legend spells it.

    `value` None means that a sample has none.
    """

    column: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A sample and its k nearest neighbours in the latents."""

    row: int
    k: int = 5


@dataclass(frozen=True, slots=True)
class RowList:
    """An explicit short list."""

    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Samples that came out so under a score at a target coverage (in 1/1000).

    `outcome` is "silent" (wrong and accepted), "caught" (wrong and rejected), "failure" or "correct". With
    `run` it is that run's outcome which counts, on the same samples.
    """

    outcome: str
    score: str
    target: int
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Predicted:
    """Samples that this prediction puts into this class (its position)."""

    category: int
    judge: Judge = Judge.PLAIN


@dataclass(frozen=True, slots=True)
class FeatureRange:
    """Samples whose feature (see explain.Feature) is a number of at least `low` and at most `high`.

    One of the two may be None, which sets no bound on that side.
    """

    feature: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class FeatureLevel:
    """Samples whose feature (see explain.Feature) has this level, as it is spelled; None: has no value.

    A feature is not its column: it may pool rare levels, and counts what is no number as missing.
    """

    feature: str
    level: str | None


@dataclass(frozen=True, slots=True)
class SliceMembers:
    """Samples of slice `index` among those found in `studies` for this outcome, score and target (in 1/1000).

    `outcome` is "silent" or "failure", `finder` the name of one, or "all". With `half` "tested" the samples
    of the half on which it was tested, with "both" those of the half in which it was found as well. `n` is
    how many samples it had on the first of these when it was chosen: which slices there are depends on what
    is known of the samples, and that grows when their images are measured.
    """

    index: int
    studies: tuple[str, ...]
    score: str
    target: int
    outcome: str = "silent"
    finder: str = "all"
    half: str = "tested"
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Combined:
    """`of[0]` with the rest: all of them (and), any of them (or), or the first without the rest (minus)."""

    operator: str
    of: tuple[Recipe, ...]


Recipe: TypeAlias = (
    Lasso
    | ConceptMembers
    | Attributes
    | ColumnValue
    | Neighbours
    | RowList
    | Outcome
    | Predicted
    | FeatureRange
    | FeatureLevel
    | SliceMembers
    | Combined
)
OUTCOMES = ("silent", "caught", "failure", "correct")
SLICED = ("silent", "failure")
HALVES = ("tested", "both")
OPERATORS = ("and", "or", "minus")
KINDS = (
    "lasso",
    "concept",
    "attributes",
    "value",
    "neighbours",
    "rows",
    "outcome",
    "predicted",
    "range",
    "level",
    "slice",
    *OPERATORS,
)


def parse_recipe(raw: object, *, depth: int = 0) -> Recipe:
    """Recipe from decoded JSON; raises NotFoundError where it is not one."""
    if not isinstance(raw, Mapping) or depth > MAX_DEPTH:
        raise _refused(raw)
    try:
        return _parse(raw, depth)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _refused(raw) from error


def _parse(raw: Mapping[str, Any], depth: int) -> Recipe:
    match raw["kind"]:
        case "lasso":
            return Lasso(str(raw["projection"]), _polygon(raw["polygon"]))
        case "concept":
            k, basis = raw.get("k"), raw.get("basis")
            return ConceptMembers(
                str(raw["study"]),
                _category(raw["category"]),
                _whole(raw["index"]),
                None if k is None else _whole(k, 1, MAX_CONCEPTS),
                None if basis is None else Judge(basis),
                ClusterMethod(raw.get("method", ClusterMethod.KMEANS)),
            )
        case "attributes":
            return Attributes(
                _names(raw.get("studies", ())),
                tuple(_category(c) for c in _at_most(raw.get("categories", ()), MAX_ROWS)),
            )
        case "value":
            value = raw["value"]
            return ColumnValue(str(raw["column"]), None if value is None else str(value))
        case "neighbours":
            return Neighbours(int(raw["row"]), min(_whole(raw.get("k", 5)), MAX_ROWS))
        case "rows":
            return RowList(tuple(int(r) for r in _at_most(raw["rows"], MAX_ROWS)))
        case "outcome":
            run = raw.get("run")
            return Outcome(
                _one_of(raw["outcome"], OUTCOMES),
                str(raw["score"]),
                _target(raw["target"]),
                None if run is None else str(run),
            )
        case "predicted":
            return Predicted(int(raw["category"]), Judge(raw.get("judge", Judge.PLAIN)))
        case "range":
            return _range(raw)
        case "level":
            level = raw["level"]
            return FeatureLevel(str(raw["feature"]), None if level is None else str(level))
        case "slice":
            return SliceMembers(
                _whole(raw["index"]),
                _names(raw["studies"]),
                str(raw["score"]),
                _target(raw["target"]),
                _one_of(raw.get("outcome", "silent"), SLICED),
                str(raw.get("finder", "all")),
                _one_of(raw.get("half", "tested"), HALVES),
                None if raw.get("n") is None else _whole(raw["n"]),
            )
        case operator if operator in OPERATORS:
            parts = tuple(parse_recipe(part, depth=depth + 1) for part in _at_most(raw["of"], MAX_DEPTH))
            if not parts:
                raise ValueError("nothing to combine")
            return Combined(operator, parts)
    raise ValueError("unknown kind")


def _range(raw: Mapping[str, Any]) -> FeatureRange:
    low, high = (None if raw.get(end) is None else float(raw[end]) for end in ("low", "high"))
    if (low is None and high is None) or any(end is not None and not isfinite(end) for end in (low, high)):
        raise ValueError("a range has a finite bound")
    return FeatureRange(str(raw["feature"]), low, high)


def _polygon(raw: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    points = tuple((float(x), float(y)) for x, y in _at_most(raw, MAX_VERTICES))
    if len(points) < 3:
        raise ValueError("a polygon has three corners or more")
    return points


def _at_most(raw: Sequence[Any], limit: int) -> Sequence[Any]:
    if isinstance(raw, (str, bytes)) or len(raw) > limit:
        raise ValueError(f"at most {limit} entries")
    return raw


def _names(raw: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(name) for name in _at_most(raw, MAX_ROWS))


def _whole(raw: object, least: int = 0, most: int = 1_000_000_000) -> int:
    number = int(str(raw))
    if not least <= number <= most:
        raise ValueError(f"a whole number from {least} to {most}")
    return number


def _one_of(raw: object, known: Sequence[str]) -> str:
    if raw not in known:
        raise ValueError(f"one of {', '.join(known)}")
    return str(raw)


def _target(raw: object) -> int:
    target = int(str(raw))
    if not 0 <= target <= 1000:
        raise ValueError("a target is 0 to 1000")
    return target


def _category(raw: object) -> int | str:
    if raw == NEW_CLASS:
        return NEW_CLASS
    return int(str(raw))


def _refused(raw: object) -> NotFoundError:
    return NotFoundError(
        "This selection cannot be read",
        detail=f"Found {str(raw)[:200]!r}.",
        hint=f"A selection is an object with a `kind`, one of: {', '.join(KINDS)}.",
    )
