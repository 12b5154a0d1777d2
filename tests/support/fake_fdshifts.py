"""Small synthetic run folders in every layout of fd-shifts, with their parts open to be spoilt.

`write(folder)` writes a complete run and returns it as a `FakeRun`; its arrays and config can be changed and
saved again. Two classes; sets: validation (6), iid (8), two corruptions of the iid images (8 each), an
acquisition shift (5), a new class (4). Latents are 3 wide, 4 MC passes.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml

Array = npt.NDArray[Any]
CURRENT, V0_1_1, Y2022 = LAYOUTS = "current", "v0.1.1", "2022"
SIZES = {"validation": 6, "toy": 8, "toycorrbrlow": 8, "toycorrbrlowlow": 8, "toyelsewhere": 5, "digits": 4}
NAMES = tuple(SIZES)
CORRUPTION = {"toycorrbrlow": "brlow", "toycorrbrlowlow": "brlowlow"}
D, L, M = 2, 3, 4


@dataclass
class FakeRun:
    """A run folder in the making: change what lies here, then `save`.

    Attributes:
        folder: the run's folder; the outputs lie in its `test_results`.
        layout: CURRENT, V0_1_1 or Y2022.
        config: the config as a mapping, without the `config:` level.
        arrays: file name -> array (a dict of arrays for last_layer.npz).
        csvs: file name -> table.
    """

    folder: Path
    layout: str
    config: dict[str, Any]
    arrays: dict[str, Any] = field(default_factory=dict)
    csvs: dict[str, pd.DataFrame] = field(default_factory=dict)
    config_place: str = "hydra/config.yaml"
    compressed: bool = True

    @property
    def results(self) -> Path:
        """The folder of the outputs."""
        return self.folder / "test_results"

    @property
    def outputs_name(self) -> str:
        """Name of the file of the outputs."""
        return "raw_output.npz" if self.layout == Y2022 else "raw_logits.npz"

    @property
    def mc_name(self) -> str:
        """Name of the file of the MC passes."""
        return self.outputs_name.replace(".npz", "_dist.npz")

    @property
    def outputs(self) -> Array:
        """The N x (d + 2) table."""
        table: Array = self.arrays[self.outputs_name]
        return table

    def save(self) -> FakeRun:
        """Write all of it, replacing what is there."""
        self.results.mkdir(parents=True, exist_ok=True)
        for old in self.results.iterdir():
            old.unlink()
        place = self.folder / self.config_place
        place.parent.mkdir(parents=True, exist_ok=True)
        content = {"experiment": "toy", "config": self.config} if self.layout == CURRENT else self.config
        place.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        save = np.savez_compressed if self.compressed else np.savez
        for name, array in self.arrays.items():
            if isinstance(array, dict):
                save(self.results / name, **array)
            else:
                save(self.results / name, array)
        for name, table in self.csvs.items():
            table.to_csv(self.results / name)
        return self

    def without(self, *names: str) -> FakeRun:
        """A copy that lacks these files, saved in the same place."""
        lacking = copy.deepcopy(self)
        for name in names:
            lacking.arrays.pop(name, None)
            lacking.csvs.pop(name, None)
        return lacking.save()


def write(folder: Path, *, layout: str = CURRENT, encodings: bool = True, seed: int = 0) -> FakeRun:
    """A complete, faultless run in `folder`.

    Args:
        folder: made if needed.
        layout: CURRENT (float16 logits, `config:` on top), V0_1_1 (float64 logits), Y2022 (softmax).
        encodings: whether the training set was encoded, which shifts the csvs by one (only CURRENT can).
        seed: of the numbers.
    """
    rng = np.random.default_rng(seed)
    n = sum(SIZES.values())
    index = np.repeat(np.arange(len(SIZES)), list(SIZES.values()))
    label = np.tile([0, 1], n)[:n]
    iid_label = np.array([0, 1, 1, 0, 1, 0, 0, 1])
    for position, name in enumerate(NAMES):
        if name == "toy" or name in CORRUPTION:
            label[index == position] = iid_label
    label[index == NAMES.index("digits")] = [3, 7, 5, 9]
    logits = rng.normal(0, 1, (n, D)) + 2.0 * np.eye(D)[label % D]
    mc = logits[:, :, None] + rng.normal(0, 0.3, (n, D, M))
    external = rng.uniform(0.05, 0.95, n)
    encodings = encodings and layout == CURRENT
    run = FakeRun(folder=folder, layout=layout, config=config(layout, encodings=encodings))
    half = np.float16 if layout == CURRENT else np.float64
    values, passes = (softmax(logits), softmax(mc)) if layout == Y2022 else (logits, mc)
    run.arrays = {
        run.outputs_name: np.column_stack([values, label, index]).astype(half),
        run.mc_name: passes.astype(half),
        "external_confids.npz": external.astype(half),
        "external_confids_dist.npz": (external[:, None] + rng.normal(0, 0.01, (n, M))).astype(half),
        "encoded_output.npz": np.column_stack([rng.normal(0, 1, (n, L)), index]).astype(np.float16),
    }
    if encodings:
        train = np.column_stack([rng.normal(0, 1, (10, L)), np.tile([0, 1], 5)])
        run.arrays["train_features.npz"] = train.astype(np.float16)
        run.arrays["last_layer.npz"] = {"w": rng.normal(0, 1, (D, L)), "b": np.zeros(D)}
        run.csvs["attributions0.csv"] = csv("train", np.tile([0, 1], 5))
    for position, name in enumerate(NAMES):
        run.csvs[f"attributions{position + encodings}.csv"] = csv(name, label[index == position])
    return run.save()


def config(layout: str, *, encodings: bool) -> dict[str, Any]:
    """The part of a config that says something about the outputs."""
    new = [{"dataset": "digits"}] if layout == CURRENT else ["digits"]
    return {
        "pkgversion": "0.1.1",
        "exp": {"group_name": "toy", "name": "run_1"},
        "data": {"dataset": "toy", "num_classes": D},
        "eval": {
            "val_tuning": True,
            "ext_confid_name": "tcp",
            "query_studies": {
                "iid_study": "toy" if layout == CURRENT else "${data.dataset}",
                "noise_study": {} if layout == CURRENT else [],
                "in_class_study": ["toycorrbrlow", "toycorrbrlowlow", "toyelsewhere"],
                "new_class_study": new,
            },
        },
        "test": {"compute_train_encodings": True} if encodings else {},
    }


def csv(name: str, label: Array) -> pd.DataFrame:
    """The attributions of one set: corrupted images are `<stem>_<suffix>` of the iid ones."""
    suffix = CORRUPTION.get(name)
    stem, end = ("toy", f"_{suffix}") if suffix else (name, "")
    return pd.DataFrame(
        {
            "filepath": [f"toy/{stem}{row:02d}{end}.png" for row in range(len(label))],
            "target": label,
            "patient_id": [f"P{row // 2:03d}" for row in range(len(label))],
            "age": [50 + row for row in range(len(label))],
            "corruption": [suffix] * len(label),
        }
    )


def softmax(logits: Array) -> Array:
    """Softmax along axis 1."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Array = shifted / shifted.sum(axis=1, keepdims=True)
    return probabilities
