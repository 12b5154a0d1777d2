"""The planted run with names that a table, an address, a style sheet or a page could mistake."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from planted_run import planted_run
from sfvisuals import ScoreColumn, write_run

RUN = 'odd, "run" #1 & 100%/ü <i>x'
STUDIES = {
    "validation": "validation, too",
    "clinic": 'clinic, "north" / A & B',
    "elsewhere": "<script>document.title = 1</script> elsewhere",
    "forms": "it's 50 % #1; a=b?",
    "fog": "fog [1,2] \\ é",
    "foreign": "診療所 ,",
}
CLASSES = ('benign, "sure" <b>x</b>', "mal/ignant & %{x} #2")
SCORE = 'margin, 5 % / "x" #2 & <i>y</i>'
GROUP = "patient, 'id' / #"


def odd_run(folder: Path) -> Path:
    """Write it as `folder/RUN`; the rows are those of the planted run, two of each patient."""
    plain = planted_run(folder / "plain") / "run"
    document = json.loads((plain / "run.json").read_text(encoding="utf-8"))
    samples = pd.read_parquet(plain / "samples.parquet")
    logits = np.load(plain / "logits.npy")
    studies = {
        STUDIES[entry["name"]]: {
            key: entry[key] for key in ("kind", "corruption", "severity") if key in entry
        }
        for entry in document["studies"]
    }
    for entry in studies.values():
        if "corruption" in entry:
            entry["corruption"] = 'fog, "thick" <u>'
    rows = np.arange(len(samples))
    out = write_run(
        folder / RUN,
        samples=samples.assign(study=samples["study"].map(STUDIES)).assign(
            **{
                GROUP: [f'p, "{row // 2}" <i>' for row in rows],
                "scanner & %": np.where(rows % 3, "A, <b>", 'B "/"'),
            }
        ),
        classes=CLASSES,
        studies=studies,
        logits=logits,
        latents=np.load(plain / "latents.npy"),
        scores={SCORE: ScoreColumn(np.abs(logits[:, 0] - logits[:, 1]), "high")},
        group=GROUP,
        source=STUDIES["clinic"],
    )
    shutil.rmtree(folder / "plain")
    return out
