"""`methods` of sfvisuals.yaml: rows of the benchmark that a person states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sfvisuals.benchmark.records import Experiment, Method
from sfvisuals.errors import RunFormatError, SettingsError
from sfvisuals.scores import SCORES
from sfvisuals.scores.catalogue import EXTERNAL_LABELS, EXTERNAL_NAME

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

# what a person reads -> the score, for a row that names no score
BY_LABEL: Final[Mapping[str, str]] = {
    **{score.label.casefold(): score.name for score in SCORES},
    **{label.casefold(): name for name, label in EXTERNAL_LABELS.items()},
    "dg-mcd-msr": "mcd_mcp",
}


def stated_methods(workspace: Workspace, found: Sequence[Experiment]) -> tuple[Method, ...]:
    """The rows that sidecars state, for the data sets that they are about.

    A sidecar is about the data sets whose runs it describes; one given by hand is about all. A row that
    matches no run of any of these data sets is there for each of them and says so.

    Raises SettingsError where a sidecar given by hand cannot be read.
    """
    methods = []
    for folder, rows, described in _sidecars(workspace, found):
        for label, entry in rows.items():
            methods += _method(label, entry, folder, described)
    return tuple(methods)


def _sidecars(
    workspace: Workspace, found: Sequence[Experiment]
) -> list[tuple[str, Mapping[str, Any], list[Experiment]]]:
    """Folder of each sidecar below the root ("" for the root), its `methods`, and what it describes."""
    from sfvisuals.io.sidecar import find_sidecar, read_sidecar

    by_path: dict[Path, list[Experiment]] = {}
    for one in found:
        path = workspace.describe or find_sidecar(one.path, root=workspace.root)
        if path is not None:
            by_path.setdefault(path, []).append(one)
    sidecars: list[tuple[str, Mapping[str, Any], list[Experiment]]] = []
    for path, described in by_path.items():
        try:
            rows = read_sidecar(path).methods
        except RunFormatError as error:
            if workspace.describe is not None:
                raise SettingsError(error.title, detail=error.detail, hint=error.hint) from error
            continue  # the run's own problem, which `check` shows
        if rows:
            sidecars.append((_below(path.parent, workspace.root), rows, described))
    return sidecars


def _below(folder: Path, root: Path) -> str:
    folder, root = folder.absolute(), root.absolute()
    return folder.relative_to(root).as_posix().removeprefix(".") if folder.is_relative_to(root) else ""


def _method(
    label: str, entry: Mapping[str, Any], folder: str, described: Sequence[Experiment]
) -> list[Method]:
    patterns = [entry["run"]] if isinstance(entry["run"], str) else list(entry["run"])
    score = entry.get("score") or BY_LABEL.get(label.casefold(), EXTERNAL_NAME)
    methods = []
    for dataset in dict.fromkeys(one.dataset for one in described):
        here = [one for one in described if one.dataset == dataset]
        runs = tuple(run for one in here for run in one.runs if _matches(run, patterns, folder))
        if runs:
            methods.append(Method(label, dataset, runs, _own(score, here, runs), stated=True))
    if methods:
        return methods
    why = f"no run matches {', '.join(patterns)}"
    return [
        Method(label, d, (), score, why, stated=True) for d in dict.fromkeys(one.dataset for one in described)
    ]


def _matches(run: str, patterns: Sequence[str], folder: str) -> bool:
    """True where the run's name, below the root or below the sidecar's folder, is one of these."""
    below = run.removeprefix(f"{folder}/") if folder else run
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in (run, below))


def _own(score: str, here: Sequence[Experiment], runs: Sequence[str]) -> str:
    """The score's name in these runs: `ext` goes by its real name."""
    if score != EXTERNAL_NAME:
        return score
    head = next((one.head for one in here if set(one.runs) & set(runs)), None)
    return head if head in EXTERNAL_LABELS else EXTERNAL_NAME
