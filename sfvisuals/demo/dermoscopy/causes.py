"""The causes of failure that are planted in the test studies, and the rows that have them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.random import Generator

from sfvisuals.types import BoolArray

CAUSES: Final = {
    "cause_acquisition": "acquisition shift",
    "cause_ruler": "ruler",
    "cause_amelanotic": "amelanotic",
    "cause_wrong_label": "wrong label",
}
SHIFTING_DEVICE: Final = "device 2"
WRONG_LABELS: Final = 0.02
CLEAR_BENIGN, CLEAR_MALIGNANT = 0.3, 0.65


def some(among: BoolArray, share: float, chance: Generator, *, least: int = 1) -> BoolArray:
    """A share of the True entries drawn by lot, rounded, at least `least` of them if there are so many."""
    rows = np.flatnonzero(among)
    count = min(len(rows), max(least, round(share * len(rows))))
    found = np.zeros(len(among), np.bool_)
    found[chance.choice(rows, count, replace=False)] = True
    return found


def marked(table: pd.DataFrame, chance: Generator) -> pd.DataFrame:
    """The table with wrong labels planted and with the columns `cause` and `cause_...` added."""
    table = table.copy()
    wrong = _wrong_labels(table, chance)
    table["label"] = np.where(wrong, 1 - table["true_label"], table["true_label"])
    malignant = (table["true_label"] == 1).to_numpy()
    study = table["study"].to_numpy()
    masks = {
        "cause_acquisition": (study == "clinic_b") & malignant & (table["device"] == SHIFTING_DEVICE),
        "cause_ruler": (study == "clinic_c") & ~malignant & table["ruler"],
        "cause_amelanotic": (table["subclass"] == "amelanotic melanoma"),
        "cause_wrong_label": wrong,
    }
    table["cause"] = ""
    for column, mask in masks.items():
        table[column] = np.asarray(mask, np.bool_)
        table.loc[table[column], "cause"] = CAUSES[column]
    return table


def _wrong_labels(table: pd.DataFrame, chance: Generator) -> BoolArray:
    """Which images of the iid study get the wrong label: clear cases, one image each, half of each class."""
    alone = table.groupby("lesion")["lesion"].transform("size") == 1
    eligible = (table["study"] == "clinic_a") & alone & ~table["ruler"]
    quota = max(2, round(WRONG_LABELS * int((table["study"] == "clinic_a").sum())))
    found = np.zeros(len(table), np.bool_)
    for label, count in ((0, quota - quota // 2), (1, quota // 2)):
        mine = (eligible & (table["true_label"] == label)).to_numpy()
        clear = (table["atypia"] < CLEAR_BENIGN) if label == 0 else (table["atypia"] > CLEAR_MALIGNANT)
        clearest = mine & clear.to_numpy()
        found |= some(clearest if clearest.sum() >= count else mine, 0.0, chance, least=count)
    return found
