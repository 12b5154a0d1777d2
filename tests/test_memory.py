"""What stays in memory: by number, and by weight where small values may be many."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sfvisuals.memory import LeastRecentlyUsed, held_bytes


def test_of_values_without_weight_the_latest_stay() -> None:
    memory = LeastRecentlyUsed(2)
    for key in ("a", "b", "a", "c"):
        memory.get(key, lambda: 0)
    assert [key in memory for key in "abc"] == [True, False, True]


def test_heavy_values_stay_as_few_as_are_sure_and_light_ones_up_to_the_budget() -> None:
    memory = LeastRecentlyUsed(6, weigh=lambda value: value, budget=10, sure=2)
    for key in "abcd":
        memory.get(key, lambda: 2)
    assert all(key in memory for key in "abcd"), "8 of 10"
    memory.get("e", lambda: 100)
    assert [key in memory for key in "abcde"] == [False, False, False, True, True]
    for key in "fghijkl":
        memory.get(key, lambda: 1)
    assert [key in memory for key in "defghijkl"] == [False] * 3 + [True] * 6, "never more than 6"


@dataclass(frozen=True, eq=False)
class Record:
    inside: np.ndarray
    mapped: np.ndarray
    images: pd.Series
    table: pd.DataFrame
    name: str = "one"


def test_what_is_mapped_from_the_disk_weighs_nothing(tmp_path: Path) -> None:
    np.save(tmp_path / "latents.npy", np.zeros((1000, 8)))
    mapped = np.load(tmp_path / "latents.npy", mmap_mode="r")
    images = pd.Series(["0123456789.png"] * 5000, dtype=object)
    record = Record(np.zeros(500), np.asarray(mapped), images, pd.DataFrame({"age": np.zeros(5000)}))
    tables = images.memory_usage(deep=True) + record.table.memory_usage(deep=True).sum()
    assert abs(held_bytes(record) - (4000 + tables)) < 2000, "an index is counted for each 1,000 rows"
