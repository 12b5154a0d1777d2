"""Two classes in two dimensions, placed by hand: a source, and targets that stayed, moved and left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sfvisuals import write_run
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

CROSS = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])


def around(centre: tuple[float, float], *, radius: float, n: int) -> np.ndarray:
    """(n, 2) points at this distance to the left, the right, above and below."""
    return np.array(centre) + radius * CROSS[np.arange(n) % 4]


def clinics(folder: Path) -> tuple[Workspace, Run]:
    """Benign around (0, 0) and malignant around (3, 3) in clinic A, all at distance 1, 20 of each.

    All others are malignant at distance 0.3: clinic B has 12 around (0, 0), the first 8 of which are silent
    failures and the rest rejected ones; clinic C 8 around (3, 3), all correct; clinic D 4 around (20, -20),
    called benign and accepted.
    """
    parts = [
        ("clinic_a", 0, around((0, 0), radius=1, n=20), [5.0, 0.0]),
        ("clinic_a", 1, around((3, 3), radius=1, n=20), [0.0, 5.0]),
        ("clinic_b", 1, around((0, 0), radius=0.3, n=8), [6.0, 0.0]),
        ("clinic_b", 1, around((0, 0), radius=0.3, n=4), [1.0, 0.0]),
        ("clinic_c", 1, around((3, 3), radius=0.3, n=8), [0.0, 5.0]),
        ("clinic_d", 1, around((20, -20), radius=0.3, n=4), [5.0, 0.0]),
    ]
    return written(folder, parts)


def written(folder: Path, parts: list[tuple[str, int, np.ndarray, list[float]]]) -> tuple[Workspace, Run]:
    """A run of these (study, label, latents, logits of each), and a workspace over it.

    Two neighbouring rows are a patient, and what is in clinic B was taken with device two.
    """
    sizes = [len(points) for _, _, points, _ in parts]
    studies = np.repeat([study for study, *_ in parts], sizes)
    samples = pd.DataFrame(
        {
            "study": studies,
            "label": np.repeat([label for _, label, *_ in parts], sizes),
            "device": np.where(studies == "clinic_b", "two", "one"),
            "patient": [f"P{row // 2}" for row in range(sum(sizes))],
        }
    )
    write_run(
        folder / "runs" / "clinics",
        samples=samples,
        classes=["benign", "malignant"],
        studies={
            "clinic_a": {"kind": "iid", "label": "Clinic A"},
            "clinic_b": {"kind": "acquisition", "label": "Clinic B"},
            "clinic_c": {"kind": "acquisition", "label": "Clinic C"},
            "clinic_d": {"kind": "acquisition", "label": "Clinic D"},
        },
        logits=np.repeat(np.array([logits for *_, logits in parts], np.float32), sizes, axis=0),
        latents=np.concatenate([points for _, _, points, _ in parts]).astype(np.float32),
        group="patient",
    )
    workspace = Workspace(folder / "runs", cache_dir=folder / "cache")
    return workspace, workspace.run(workspace.run_names()[0])
