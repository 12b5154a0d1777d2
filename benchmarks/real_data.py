"""Two packed sets of real medical images as image files and a manifest, split by patient or lesion."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

DERMOSCOPY, CHEST_XRAY = "dermoscopy_small", "chest_xray_small"
PACKED = {DERMOSCOPY: "ham10000_64.npz", CHEST_XRAY: "chestxray_multisite_96.npz"}
MALIGNANT = ("mel", "bcc", "akiec")
SHARES = (("train", 0.6), ("validation", 0.2))


def unpack(name: str, data: Path, out: Path) -> Path:
    """Write images and OUT/NAME.csv; returns the csv.

    Args:
        name: dermoscopy_small or chest_xray_small, as in examples/.
        data: folder of the packed files.
        out: folder to fill.
    """
    with np.load(data / PACKED[name], allow_pickle=False) as packed:
        content = {key: packed[key] for key in packed.files}
    table = _dermoscopy(content) if name == DERMOSCOPY else _chest_xray(content)
    images = out / "images"
    images.mkdir(parents=True, exist_ok=True)
    for row, image in zip(table.index, table["image"], strict=True):
        Image.fromarray(content["images"][row]).save(images / image)
    csv = out / f"{name}.csv"
    table.to_csv(csv, index=False)
    return csv


def _dermoscopy(content: dict[str, Any]) -> pd.DataFrame:
    """HAM10000 and the ISIC 2018 test set; two sites are the source domain."""
    diagnosis = content["class_names"][content["labels"]]
    site = content["site"]
    table = pd.DataFrame(
        {
            "image": [Path(file).with_suffix(".png").name for file in content["filename"]],
            "label": np.where(np.isin(diagnosis, MALIGNANT), "malignant", "benign"),
            "study": _studies(site, ("rosendahl", "vidir_modern"), content["lesion_id"], source="source"),
            "lesion_id": content["lesion_id"],
            "diagnosis": diagnosis,
            "site": site,
            "sex": content["sex"],
            "localization": content["localization"],
        }
    )
    return table[table["site"] != "unknown"]


def _chest_xray(content: dict[str, Any]) -> pd.DataFrame:
    """Children of one hospital are the source domain, two collections of adults the targets."""
    names = {"nih_chestxray14": "nih", "ieee8023_multi": "ieee8023"}
    site = pd.Series(content["site"]).replace(names).to_numpy(str)
    patient = np.array([f"{s} {patient_of(f)}" for s, f in zip(site, content["filename"], strict=True)])
    table = pd.DataFrame(
        {
            "image": [f"{row:05d}.png" for row in range(len(site))],
            "label": content["class_names"][content["labels"]],
            "study": _studies(site, ("guangzhou_paediatric",), patient, source="guangzhou"),
            "patient_id": patient,
            "site": site,
            "view": content["view"],
            "finding": content["finding"],
            "file": content["filename"],
        }
    )
    return table[table["site"] != "actualmed_spain"]


def patient_of(file: str) -> str:
    """The patient as the file name tells it: personN, (NORMAL2-)IM-N, the NIH number, else the file."""
    stem = Path(file).stem
    found = re.match(r"person\d+|(?:NORMAL2-)?IM-\d+|\d{8}(?=_\d{3}$)", stem)
    return found[0] if found else stem


def _studies(site: Any, sources: tuple[str, ...], group: Any, *, source: str) -> list[str]:
    """Study of each image: source sites are split by the hash of the group, all other sites are targets."""
    return [
        _part(str(g), otherwise=source) if s in sources else str(s) for s, g in zip(site, group, strict=True)
    ]


def _part(group: str, *, otherwise: str) -> str:
    drawn = int.from_bytes(hashlib.sha256(group.encode()).digest()[:4], "big") / 2**32
    for study, share in SHARES:
        if drawn < share:
            return study
        drawn -= share
    return otherwise
