"""The ways to find slices, in the order in which they are run."""

from __future__ import annotations

from typing import Final

from sfvisuals.errors import NotFoundError
from sfvisuals.slices.records import Finder, Method
from sfvisuals.slices.regions import find_among_failures, find_in_mixture
from sfvisuals.slices.rules import find_rules

FINDERS: Final[tuple[Finder, ...]] = (
    Finder(
        name=Method.RULES,
        label="rules over metadata and image attributes",
        source="weighted relative accuracy, Lavrač et al. 1999; weighted covering, Lavrač et al. 2004",
        needs="features",
        find=find_rules,
    ),
    Finder(
        name=Method.FAILURES,
        label="clusters of the failures",
        source="Gaussian mixture over failures alone, number of clusters by BIC (Schwarz 1978)",
        needs="latents",
        find=find_among_failures,
    ),
    Finder(
        name=Method.MIXTURE,
        label="error-aware mixture",
        source="Domino, Eyuboglu et al., ICLR 2022",
        needs="latents",
        find=find_in_mixture,
    ),
)
ALL_METHODS: Final = tuple(finder.name for finder in FINDERS)


def finders_of(methods: tuple[str, ...]) -> tuple[Finder, ...]:
    """The finders of these names, in the catalogue's order; NotFoundError that lists the known ones."""
    unknown = sorted(set(methods) - set(ALL_METHODS))
    if unknown:
        raise NotFoundError(
            f"There is no way {unknown[0][:40]!r} to find slices", detail=f"Known: {', '.join(ALL_METHODS)}."
        )
    return tuple(finder for finder in FINDERS if finder.name in methods)
