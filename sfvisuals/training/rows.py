"""Which run and score give each row of the benchmark: the part `methods` of a sidecar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from sfvisuals.io import names
from sfvisuals.io.config import read_yaml
from sfvisuals.io.sidecar import read_sidecar
from sfvisuals.training.methods import Method

PLAIN: Final = (Method.CROSS_ENTROPY, Method.CONFIDNET)
ROWS: Final[tuple[tuple[str, tuple[Method, ...], str], ...]] = (
    ("MSR", PLAIN, "det_mcp"),
    ("PE", PLAIN, "det_pe"),
    ("MCD-MSR", PLAIN, "mcd_mcp"),
    ("MCD-PE", PLAIN, "mcd_pe"),
    ("MCD-EE", PLAIN, "mcd_ee"),
    ("ConfidNet", (Method.CONFIDNET,), "tcp"),
    ("DG-MCD-MSR", (Method.DEEP_GAMBLERS,), "mcd_mcp"),
    ("DG-RES", (Method.DEEP_GAMBLERS,), "dg"),
    ("Devries et al.", (Method.DEVRIES,), "devries"),
)
"""Row of the benchmark, the methods whose run gives it (the first that is there), and the score."""

RUN: Final = re.compile(f"({'|'.join(Method)})_seed([0-9]+)")

Entry = Mapping[str, str]


def rows_of(runs: Mapping[tuple[Method, int], str]) -> dict[str, Entry]:
    """Row -> run and score. The first seed has the rows' plain names, others are told by their number.

    Args:
        runs: (method, seed) -> path of its run below the root, in the order of the seeds.
    """
    seeds = list(dict.fromkeys(seed for _, seed in runs))
    rows: dict[str, Entry] = {}
    for seed in seeds:
        for row, methods, score in ROWS:
            run = next((runs[method, seed] for method in methods if (method, seed) in runs), None)
            if run is not None:
                name = row if seed == seeds[0] else f"{row}, seed {seed}"
                rows[name] = {"run": run, "score": score}
    return rows


def merged(content: Mapping[str, Any], rows: Mapping[str, Entry], *, experiment: str) -> dict[str, Any]:
    """A sidecar with these rows of an experiment: its old rows go, those of others stay.

    A row whose name another experiment has already gets the experiment's name before its own.
    """

    def is_ours(entry: str | Entry) -> bool:
        run = entry if isinstance(entry, str) else entry["run"]
        return run.startswith(f"{experiment}/")

    kept = {row: entry for row, entry in (content.get("methods") or {}).items() if not is_ours(entry)}
    added = {f"{experiment}: {row}" if row in kept else row: dict(entry) for row, entry in rows.items()}
    return {**content, "methods": {**kept, **added}}


def write_rows(folder: Path) -> Path:
    """Name the rows that the runs in `folder` give in the sidecar beside it; returns the sidecar.

    What else the sidecar says stays. Raises RunFormatError where it is broken.
    """
    sidecar = folder.parent / names.SIDECAR
    content: dict[str, Any] = {}
    if sidecar.is_file():
        read_sidecar(sidecar)
        content = read_yaml(sidecar) or {}
    whole = merged(content, rows_of_folder(folder), experiment=folder.name)
    if whole != content:
        draft = sidecar.with_name(f".{sidecar.name}.draft")
        draft.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True), encoding="utf-8")
        draft.replace(sidecar)
    return sidecar


def rows_of_folder(folder: Path) -> dict[str, Entry]:
    """Row -> run and score for the runs in the folder of an experiment.

    Rows under Monte-Carlo dropout are left out where a run was captured without it.
    """
    return {
        row: entry
        for row, entry in rows_of(_runs(folder)).items()
        if not entry["score"].startswith("mcd_") or (folder.parent / entry["run"] / "mc_logits.npy").is_file()
    }


def _runs(folder: Path) -> dict[tuple[Method, int], str]:
    """(method, seed) -> path of the run below the sidecar's folder, seeds ascending."""
    found = [RUN.fullmatch(place.parent.name) for place in folder.glob("*/run.json")]
    keys = sorted((int(match[2]), match[1], match[0]) for match in found if match)
    return {(Method(method), seed): f"{folder.name}/{run}" for seed, method, run in keys}
