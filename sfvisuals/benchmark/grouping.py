"""Which runs are seeds of one method, which methods share a data set, and which run gives which row.

From the folders: `<group>/<experiment>`, where `run_1`, `run1`, `seed0` or `fold2` in either name tells a
seed. Runs below one folder that were tested on the same iid study share a table. As on the poster, a Deep
Gamblers run gives DG-MCD-MSR and DG-RES, a DeVries run its own score, a ConfidNet run ConfidNet, and the
plain run (else the ConfidNet run) all the rest. `methods` in sfvisuals.yaml goes before all this.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sfvisuals.benchmark.columns import iid_study
from sfvisuals.benchmark.records import Experiment, Method, Report, silent
from sfvisuals.benchmark.stated import stated_methods
from sfvisuals.errors import RunFormatError
from sfvisuals.scores import SCORES, score_list

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace

_SEED: Final = re.compile(r"(?<![A-Za-z0-9])(?:run|seed|fold)[_-]?\d+(?![A-Za-z0-9])")
# head -> the scores that its runs give where another run gives the rest
OWN: Final = {"dg": ("mcd_mcp", "dg"), "devries": ("devries",), "tcp": ("tcp",)}


def methods_of(
    workspace: Workspace,
    *,
    runs: Sequence[str] | None = None,
    scores: Sequence[str] | None = None,
    report: Report = silent,
) -> tuple[Method, ...]:
    """The rows of the table, data set by data set; runs that cannot be read give none.

    Args:
        workspace: where the runs are.
        runs: only these.
        scores: only these; by default those of the poster and, of the run that gives them, all others that
            it has.
        report: told the share of the runs that are read.
    """
    found = experiments(workspace, runs=runs, report=report)
    stated = stated_methods(workspace, found)
    taken = {method.dataset for method in stated}
    datasets = tuple(dict.fromkeys(experiment.dataset for experiment in found))
    methods = list(stated)
    for dataset in datasets:
        if dataset not in taken:
            methods += _poster([one for one in found if one.dataset == dataset])
    if scores is not None:
        methods = [method for method in methods if _asked(method.score, scores)]
    return tuple(sorted(methods, key=lambda method: datasets.index(method.dataset)))


def experiments(
    workspace: Workspace, *, runs: Sequence[str] | None = None, report: Report = silent
) -> tuple[Experiment, ...]:
    """The runs grouped by data set and method, in the order of their names."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    facts = {}
    names = tuple(dict.fromkeys(workspace.run_names() if runs is None else runs))
    for number, name in enumerate(names):
        report(number / len(names), f"reading {name}")
        try:
            run = workspace.run(name)
        except RunFormatError:
            continue
        folder, method = split_name(name, root=workspace.root.name)
        iid = iid_study(run)
        grouped.setdefault((folder, "" if iid is None else iid.name, method), []).append(name)
        facts[name] = (run.external_name, score_list(run), run.path)
    studies: dict[str, set[str]] = {}
    for folder, study, _ in grouped:
        studies.setdefault(folder, set()).add(study)
    return tuple(
        Experiment(
            dataset=folder if len(studies[folder]) == 1 else f"{folder}/{study}".rstrip("/"),
            name=method,
            runs=tuple(names),
            head=facts[names[0]][0],
            scores=facts[names[0]][1],
            path=facts[names[0]][2],
        )
        for (folder, study, method), names in grouped.items()
    )


def split_name(name: str, *, root: str) -> tuple[str, str]:
    """Data set and method that a run's name tells, without seeds; the root's name where it has no folder."""
    parts = [kept for part in name.split("/") if (kept := _unseeded(part))]
    if not parts:
        return root, name
    return "/".join(parts[:-1]) or _unseeded(root) or root, parts[-1]


def _unseeded(part: str) -> str:
    # what the seed leaves behind is one separator, not two
    return re.sub(r"([_.-])[_.-]+", r"\1", _SEED.sub("", part)).strip("_-.")


def _poster(found: Sequence[Experiment]) -> list[Method]:
    """The poster's rows for one data set: scores in its order, then the rest as the catalogue has them."""
    plain = [one for one in found if one.head not in OWN]
    base = plain or [one for one in found if one.head == "tcp"] or list(found)
    methods = []
    for one in found:
        own = None if one in base else OWN[one.head or ""]
        rivals = base if one in base else [other for other in found if other.head == one.head]
        for info in one.scores:
            if own is None or info.name in own:
                label = f"{info.label} ({one.name})" if len(rivals) > 1 else info.label
                methods.append(
                    Method(label, one.dataset, one.runs, info.name, "" if info.available else info.why)
                )
    order = {name: i for i, name in enumerate(ORDER)}
    heads = {one.runs: one.head for one in found}
    return sorted(methods, key=lambda method: order.get(_place(method, heads.get(method.runs)), len(order)))


ORDER: Final = (
    *("det_mcp", "det_pe", "mcd_mcp", "mcd_pe", "mcd_ee", "tcp", "dg mcd_mcp", "dg", "devries", "ext"),
    *(
        score.name
        for score in SCORES
        if score.name not in ("det_mcp", "det_pe", "mcd_mcp", "mcd_pe", "mcd_ee", "ext")
    ),
)


def _place(method: Method, head: str | None) -> str:
    return f"dg {method.score}" if head == "dg" and method.score == "mcd_mcp" else method.score


def _asked(score: str, scores: Sequence[str]) -> bool:
    return score in scores or (score in ("tcp", "dg", "devries") and "ext" in scores)
