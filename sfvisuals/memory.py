"""A small memory of derived values within one process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields
from typing import Any, TypeVar

T = TypeVar("T")
LOOKED_AT = 1000


class LeastRecentlyUsed:
    """A small thread-safe memory of made values; one maker per key at a time.

    Args:
        size: so many values are kept at most.
        weigh: bytes of a value; without it only `size` counts.
        budget: what all of them together may weigh.
        sure: so many are kept whatever they weigh.
    """

    def __init__(
        self, size: int, *, weigh: Callable[[Any], int] | None = None, budget: int = 0, sure: int = 1
    ) -> None:
        self._size = size
        self._sure = sure
        self._weigh = weigh
        self._budget = budget
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._bytes: dict[Hashable, int] = {}
        self._lock = threading.Lock()
        self._makers: dict[Hashable, threading.Lock] = {}

    def __contains__(self, key: Hashable) -> bool:
        """Whether the value of that key is made and kept."""
        with self._lock:
            return key in self._values

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of that key, made once."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]  # type: ignore[no-any-return]
            maker = self._makers.setdefault(key, threading.Lock())
        with maker:
            with self._lock:
                if key in self._values:
                    return self._values[key]  # type: ignore[no-any-return]
            value = make()
            weight = 0 if self._weigh is None else self._weigh(value)
            with self._lock:
                self._values[key] = value
                self._bytes[key] = weight
                self._makers.pop(key, None)
                while self._crowded():
                    gone, _ = self._values.popitem(last=False)
                    del self._bytes[gone]
            return value

    def _crowded(self) -> bool:
        kept, weight = len(self._values), sum(self._bytes.values())
        return kept > self._size or (kept > self._sure and weight > self._budget)


def held_bytes(record: Any) -> int:
    """Bytes that a dataclass's arrays and tables take in memory; memory-mapped ones take none.

    Tables are weighed by their first rows, since looking at every text of a million costs a second.
    """
    import numpy as np
    import pandas as pd

    total = 0.0
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, np.ndarray) and not any(isinstance(v, np.memmap) for v in (value, value.base)):
            total += value.nbytes
        elif isinstance(value, pd.Series | pd.DataFrame) and len(value):
            looked = value.iloc[:LOOKED_AT]
            total += np.sum(looked.memory_usage(deep=True)) * len(value) / len(looked)
    return int(total)
