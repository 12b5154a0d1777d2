"""Names of the files in a run folder of fd-shifts: both spellings and both places of formats in the wild.

Where several spellings of one file lie side by side the first in the tuple is read.
"""

from __future__ import annotations

import re
from pathlib import Path

RESULTS = "test_results"
LOGITS = ("raw_logits.npz",)
PROBABILITIES = ("raw_output.npz", "raw_outputs.npz")
MC = ("raw_logits_dist.npz", "raw_output_dist.npz", "raw_outputs_dist.npz")
EXTERNAL = ("external_confids.npz", "external_confid.npz")
EXTERNAL_MC = ("external_confids_dist.npz", "external_confid_dist.npz")
LATENTS = ("encoded_output.npz", "encoded_outputs.npz")
TRAIN_FEATURES = ("train_features.npz", "encoded_train.npz")
LAST_LAYER = ("last_layer.npz",)
CONFIGS = ("hydra/config.yaml", "config.yaml", f"{RESULTS}/config.yaml", f"{RESULTS}/hydra/config.yaml")
SIDECAR = "sfvisuals.yaml"
ATTRIBUTIONS = re.compile(r"attributions(\d*)\.csv")


def first_file(folder: Path, spellings: tuple[str, ...]) -> Path | None:
    """The first of the spellings that is a file in `folder`."""
    for spelling in spellings:
        path = folder / spelling
        try:
            if path.is_file():
                return path
        except OSError:
            continue
    return None


def config_file(folder: Path) -> Path | None:
    """The run's config, or None."""
    return first_file(folder, CONFIGS)


def attribution_files(folder: Path) -> dict[int | None, Path]:
    """Number -> csv of `attributions<number>.csv`; None -> `attributions.csv`."""
    found: dict[int | None, Path] = {}
    results = folder / RESULTS
    for path in sorted(results.glob("attributions*.csv")):
        match = ATTRIBUTIONS.fullmatch(path.name)
        if match and path.is_file():
            found[int(match[1]) if match[1] else None] = path
    return found
