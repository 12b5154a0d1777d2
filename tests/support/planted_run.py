"""A small run in which every kind of cause of failure is planted; the true cause is known of every sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sfvisuals import write_run

KINDS = {
    "validation": "validation",
    "clinic": "iid",
    "elsewhere": "acquisition",
    "forms": "manifestation",
    "fog": {"kind": "corruption", "corruption": "fog", "severity": 3},
    "foreign": "new_class",
}
L = 6
BETWEEN = 3.0


class _Table:
    """Rows of the run as they are planted."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.rows: list[dict[str, object]] = []
        self.latents: list[np.ndarray] = []

    def add(
        self,
        n: int,
        study: str,
        label: int,
        *,
        at: float,
        cause: str = "",
        ruler: float | None = None,
        spread: float = 0.7,
        off: float = 0.0,
    ) -> None:
        """n samples of a study around `at` on the axis that divides the classes, moved sideways by `off`."""
        place = self.random.normal(0, 1, (n, L)).astype(np.float32)
        place[:, 0] = at + self.random.normal(0, spread, n)
        place[:, 1] += off
        share = (0.05 if label == 0 else 0.6) if ruler is None else ruler
        has = self.random.random(n) < share
        for position in range(n):
            row = {"study": study, "label": label, "cause": cause, "ruler": bool(has[position]), "source": -1}
            self.rows.append(row)
            self.latents.append(place[position])


def planted_run(folder: Path, *, seed: int = 0, train: bool = True, column: bool = True) -> Path:
    """A written run of 2 classes at -3 and 3; its column `cause` is left out by the sidecar beside it.

    Args:
        folder: where the run is written, as `folder/run`.
        seed: of what is drawn.
        train: with latents and labels of training samples.
        column: with the metadata columns.
    """
    table = _Table(seed)
    for study, n in (("validation", 150), ("clinic", 200), ("elsewhere", 100)):
        for label, at in ((0, -BETWEEN), (1, BETWEEN)):
            table.add(n, study, label, at=at)
    table.add(60, "forms", 1, at=BETWEEN)
    table.add(12, "clinic", 1, at=-BETWEEN, cause="label_suspect", ruler=0.0, spread=0.2)
    table.add(12, "clinic", 1, at=-0.2, cause="ambiguous", ruler=0.6, spread=0.05)
    table.add(40, "elsewhere", 0, at=BETWEEN, cause="shortcut", ruler=1.0)
    table.add(25, "elsewhere", 1, at=-BETWEEN, cause="shift", ruler=0.0, off=25.0)
    table.add(40, "forms", 1, at=-BETWEEN, cause="unseen", ruler=0.0, off=2.5)
    table.add(30, "foreign", 7, at=BETWEEN, cause="unseen")
    clinic = [row for row, one in enumerate(table.rows) if one["study"] == "clinic" and not one["cause"]]
    for row in clinic[:30]:
        wrong = -BETWEEN if table.rows[row]["label"] == 1 else BETWEEN
        table.add(1, "fog", int(str(table.rows[row]["label"])), at=wrong, cause="shift")
        table.rows[-1]["source"] = row
    samples, latents = pd.DataFrame(table.rows), np.array(table.latents, np.float32)
    if not column:
        samples = samples.drop(columns=["cause", "ruler"])
    logit = 2.0 * latents[:, 0]
    parts: dict[str, object] = {}
    if train:
        labels = np.repeat([0, 1], 400)
        bank = table.random.normal(0, 1, (800, L)).astype(np.float32)
        bank[:, 0] = np.where(labels == 1, BETWEEN, -BETWEEN) + table.random.normal(0, 0.7, 800)
        parts = {"train_latents": bank, "train_labels": labels}
    write_run(
        folder / "run",
        samples=samples,
        classes=["benign", "malignant"],
        studies=KINDS,
        logits=np.stack((-logit, logit), axis=1).astype(np.float32),
        latents=latents,
        **parts,  # type: ignore[arg-type]
    )
    if column:
        (folder / "sfvisuals.yaml").write_text("leave_out: [cause]\n", encoding="utf-8")
    return folder
