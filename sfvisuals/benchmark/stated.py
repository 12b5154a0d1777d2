"""`methods` of sfvisuals.yaml: rows of the benchmark that a person states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from sfvisuals.benchmark.records import Method
from sfvisuals.scores import ScoreInfo

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace


class Grouped(Protocol):
    """One method on one data set, as the folders tell it."""

    @property
    def dataset(self) -> str: ...
    @property
    def runs(self) -> tuple[str, ...]: ...
    @property
    def scores(self) -> tuple[ScoreInfo, ...]: ...
    @property
    def head(self) -> str | None: ...


def stated_methods(workspace: Workspace, found: Sequence[Grouped]) -> tuple[Method, ...]:
    """The rows that sidecars state, for the data sets that they are about.

    A sidecar is about the data sets of the runs that it lies beside or above; one given by hand is about all.
    """
    return ()
