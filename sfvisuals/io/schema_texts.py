"""The words and examples between the tables of docs/data-format.md; a test proves the examples."""

from __future__ import annotations

from typing import Final

from sfvisuals.io import names

INTRODUCTION: Final = """\
<!-- Written by `python -m sfvisuals.io.schema_docs` from data_schema/; do not edit by hand. -->

# Data format

sfvisuals opens folders of experiments. An experiment, a run, is one trained model with its outputs on
several test sets, called studies. Two kinds of run folder are understood, at any depth below the folder
that is opened: our own format, for everybody, and what fd-shifts writes. `sfvisuals check FOLDER` says what
it finds in each run, what is missing, and how to mend it; `sfvisuals convert RUN OUT` turns any run into
our own format without loss.

Throughout: N samples, d classes, l latent dimensions, M Monte-Carlo dropout passes. Every array of a run is
in one order, and the row number in that order is a sample's identity.
"""

OWN_FORMAT: Final = """\
## Our own format

A folder with `run.json`, a table of samples, and NumPy arrays:

```
my-run/
  run.json              what everything means
  samples.parquet       one row per sample (or samples.csv)
  logits.npy            (or probabilities.npy)
  latents.npy           for the map and the concepts
  ...                   whatever else there is
```

The JSON Schemas in `data_schema/` are the only truth about it; the tables below are made from them.
"""

CORRUPTED: Final = """\
A sample that is corrupted need not have an image file of its own. With a `corruption_seed`, its `image` is
the clean one, and its corruption is applied again whenever it is shown: with the parameters that `run.json`
records for its severity, and with this seed. It is then, pixel for pixel, what the model saw.
[corruptions.md](corruptions.md) has the formulas. Since the parameters are recorded with the run, no later
change of the catalogue changes an old run.
"""

WRITING: Final = """\
### Writing it

`sfvisuals.write_run` writes the whole folder from arrays and a DataFrame. It checks everything first and
says what does not fit; the folder appears complete or not at all. Numbers wider than float32 are stored as
float32 unless `lossless=True`. Scores that mean the opposite (low = confident) are described as such and
turned when they are read, nowhere else.
"""

EXAMPLE_CALL: Final = """\
import numpy as np
import pandas as pd

import sfvisuals

random = np.random.default_rng(0)
study = ["validation"] * 40 + ["clinic A"] * 60 + ["clinic B"] * 60 + ["other disease"] * 20
samples = pd.DataFrame(
    {
        "study": study,
        "label": [3 if name == "other disease" else int(random.integers(2)) for name in study],
        "image": [f"images/{row:04d}.png" for row in range(180)],
        "patient": [f"P{row // 2:03d}" for row in range(180)],
        "age": random.integers(20, 90, 180),
    }
)
folder = sfvisuals.write_run(
    "my-run",
    samples=samples,
    classes=["benign", "malignant"],
    studies={
        "validation": "validation",
        "clinic A": "iid",
        "clinic B": {"kind": "acquisition", "label": "Clinic B, other scanner"},
        "other disease": "new_class",
    },
    logits=random.normal(size=(180, 2)),
    latents=random.normal(size=(180, 64)),
    scores={"distance": sfvisuals.ScoreColumn(random.uniform(size=180), orientation="low")},
    group="patient",
)
"""

EXAMPLE_DOCUMENT: Final = {
    "format": "sfvisuals-run",
    "version": 1,
    "name": "skin lesions, first seed",
    "classes": ["benign", "malignant"],
    "studies": [
        {"name": "val", "kind": "validation"},
        {"name": "clinic A", "kind": "iid"},
        {"name": "clinic A, blurred", "kind": "corruption", "corruption": "motion_blur", "severity": 2},
        {"name": "clinic B", "kind": "acquisition", "label": "Clinic B, other scanner"},
        {"name": "other disease", "kind": "new_class"},
    ],
    "source": "clinic A",
    "group": "patient",
    "external_name": "tcp",
    "corruption_parameters": {"motion_blur": [{"length": 0.025}, {"length": 0.05}]},
    "scores": [{"name": "distance", "label": "Distance", "orientation": "low", "judge": "plain"}],
    "provenance": {"model": "ResNet-50", "trained on": "clinic A, 2019 to 2021"},
}

FD_SHIFTS: Final = """\
## Folders of fd-shifts

A folder with a child `test_results/` is a run of fd-shifts: of its current version, of release v0.1.1, or
of the
2022 version that wrote softmax values. Only the outputs are needed; whatever else is missing makes a feature
unavailable, with the reason shown.
"""

FD_SHIFTS_FILES: Final[tuple[tuple[tuple[str, ...], str, str], ...]] = (
    (names.LOGITS, "(N, d+2)", "logits, label, dataset_idx"),
    (names.PROBABILITIES, "(N, d+2)", "softmax, label, dataset_idx (2022)"),
    (names.MC, "(N, d, M)", "the outputs of every Monte-Carlo pass; may have more rows than the outputs"),
    (names.EXTERNAL, "(N,) or (N, 1)", "the model's own confidence"),
    (names.EXTERNAL_MC, "(N, M)", "the same in every Monte-Carlo pass"),
    (names.LATENTS, "(N, l+1)", "features before the last layer, dataset_idx"),
    (names.TRAIN_FEATURES, "(T, l+1)", "features of the training samples, label"),
    (names.LAST_LAYER, "w (d, l), b (d,)", "the last linear layer; Deep Gamblers has d+1 rows"),
    (("attributions.csv", "attributions<i>.csv"), "at least the rows of the set", "image paths and metadata"),
)

SIDECAR: Final = """\
## What a folder does not say: `sfvisuals.yaml`

Folders of fd-shifts name neither their classes nor the kind of each shift. A file `sfvisuals.yaml` in the
run's folder, or in any folder above it up to the one that is opened, adds this; the nearest one counts.
`--describe FILE` goes before all of them. It also overrides what `run.json` says. Everything in it is
optional; without it the kinds are inferred from the names of the sets, and `sfvisuals check` lists each
assumption.
"""

EXAMPLE_SIDECAR: Final = """\
classes: [benign, malignant]
group: lesion_id
source: dermoscopyall
leave_out: [panel_diagnosis, reviewed_*]
studies:
  dermoscopyallexternal:
    kind: manifestation
    label: Other clinics
  dermoscopyallcorrbrlow:
    kind: corruption
    corruption: darker
    severity: 1
"""
