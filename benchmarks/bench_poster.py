"""The poster's table on two sets of real images: AURC in % of nine scores under three kinds of shift.

python -m benchmarks.bench_poster DATA [--work FOLDER] [--only NAME] [--epochs N]

DATA holds the packed images. The configs are examples/*_small.yaml; one seed, an illustration.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.real_data import PACKED, unpack
from sfvisuals.io import discover, read_run
from sfvisuals.metrics import aurc
from sfvisuals.scores import compute_score
from sfvisuals.training.config import TrainConfig, read_train_config
from sfvisuals.training.experiment import train
from sfvisuals.training.rows import Entry, rows_of_folder
from sfvisuals.types import Run, StudyKind

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
COLUMNS = {
    "iid": StudyKind.IID,
    "cor": StudyKind.CORRUPTION,
    "acq": StudyKind.ACQUISITION,
    "man": StudyKind.MANIFESTATION,
}


@dataclass(frozen=True)
class Table:
    """Row -> column -> AURC in %, and the balanced accuracies."""

    name: str
    areas: dict[str, dict[str, float]]
    accuracies: dict[str, dict[str, float]]


def config_of(name: str, data: Path, work: Path) -> TrainConfig:
    """The example's config on the unpacked images."""
    csv = unpack(name, data, work / name)
    config = read_train_config(EXAMPLES / f"{name}.yaml")
    return replace(config, manifest=csv, data_roots=(csv.parent / "images",), out=work / "runs")


def table_of(config: TrainConfig) -> Table:
    """Read the finished runs of a config and measure them."""
    folder = config.out / config.name
    runs = {f"{config.name}/{ref.path.name}": read_run(ref, root=config.out) for ref in discover(folder)}
    areas = {row: _areas(runs[entry["run"]], entry) for row, entry in rows_of_folder(folder).items()}
    accuracies = {run.path.name: _accuracies(run) for run in runs.values()}
    return Table(config.name, areas, accuracies)


def _areas(run: Run, entry: Entry) -> dict[str, float]:
    """Column -> mean AURC in % over its studies; a corruption study counts once per severity."""
    vector = compute_score(run, entry["score"])
    found: dict[str, list[float]] = {}
    for column, rows in _parts(run):
        value = aurc(vector.values[rows], vector.failure[rows]).value
        found.setdefault(column, []).append(float("nan") if value is None else 100 * value)
    return {column: float(np.mean(values)) for column, values in found.items()}


def _accuracies(run: Run) -> dict[str, float]:
    """Column -> mean balanced accuracy over its studies."""
    vector = compute_score(run, "det_mcp")
    found: dict[str, list[float]] = {}
    for column, rows in _parts(run):
        label, right = run.label[rows], ~vector.failure[rows]
        shares = [float(right[label == c].mean()) for c in np.unique(label)]
        found.setdefault(column, []).append(float(np.mean(shares)))
    return {column: float(np.mean(values)) for column, values in found.items()}


def _parts(run: Run) -> Iterable[tuple[str, np.ndarray]]:
    """(column, rows) of each study, and of each severity of a corruption."""
    for position, study in enumerate(run.studies):
        column = next((name for name, kind in COLUMNS.items() if kind is study.kind), None)
        if column is None:
            continue
        inside = run.study == position
        for severity in np.unique(run.severity[inside]) if column == "cor" else [None]:
            chosen = inside if severity is None else inside & (run.severity == severity)
            yield column, np.flatnonzero(chosen)


def render(table: Table) -> str:
    """Both tables as Markdown."""
    columns = [name for name in COLUMNS if any(name in row for row in table.areas.values())]
    head = [f"| {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    lines = [f"{table.name}: AURC in %, lower is better", "", f"| score {head[0]}", head[1]]
    lines += [_row(name, row, columns, "{:.2f}") for name, row in table.areas.items()]
    lines += ["", f"{table.name}: balanced accuracy", "", f"| run {head[0]}", head[1]]
    lines += [_row(name, row, columns, "{:.3f}") for name, row in table.accuracies.items()]
    return "\n".join(lines)


def _row(name: str, row: dict[str, float], columns: list[str], form: str) -> str:
    return f"| {name} | " + " | ".join(form.format(row[column]) for column in columns) + " |"


def main() -> None:
    """Unpack, train, capture, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bench_poster",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("data", type=Path, help="folder of the packed images")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "sfvisuals-poster")
    parser.add_argument("--only", choices=sorted(PACKED), help="one of the two")
    parser.add_argument("--epochs", type=int, help="instead of the config's")
    asked = parser.parse_args()
    for name in [asked.only] if asked.only else sorted(PACKED):
        began = time.perf_counter(), sum(os.times()[:2])
        config = config_of(name, asked.data, asked.work)
        if asked.epochs:
            fit = replace(config.options.fit, epochs=asked.epochs)
            config = replace(config, options=replace(config.options, fit=fit))
        train(config, progress=False)
        print(render(table_of(config)))
        spent = time.perf_counter() - began[0], sum(os.times()[:2]) - began[1]
        print(f"\n{spent[0]:.0f} s, of which the processor worked {spent[1]:.0f} s\n", flush=True)


if __name__ == "__main__":
    main()
