"""Which iid row a corrupted sample was made from; unknown (-1) wherever it cannot be verified."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from sfvisuals.types import Rows


class Sources:
    """Looks up source rows among the rows of the iid study.

    Args:
        image: (N,) image paths as text, or None.
        label: (N,) labels.
        iid: rows of the iid study, ascending.
    """

    def __init__(self, image: pd.Series | None, label: Rows, iid: Rows) -> None:
        self._image = image
        self._label = label
        self._iid = iid

    def by_path(self, given: pd.Series) -> Rows:
        """The iid row of each path (n,): the same path, else the only one of that file and folder name."""
        if self._image is None or not self._iid.size:
            return np.full(len(given), -1, np.int64)
        paths = _normal(self._image.iloc[self._iid])
        wanted = _normal(given)
        exact = _position(wanted, paths)
        short = _position(_tail(wanted), _tail(paths))
        return self._rows(np.where(exact >= 0, exact, short))

    def aligned(self, rows: Rows, suffixes: tuple[str, ...]) -> Rows:
        """The iid row of each sample of a set that is one corruption of the iid images."""
        same_size = rows.size == self._iid.size
        stems = self._stems(rows)
        if stems is not None and self._iid_stems is not None:
            mine, source = stems.to_numpy(object), self._iid_stems.to_numpy(object)
            if same_size and _agree(mine, source, suffixes):
                return self._iid
            found = self._by_stem(stems, suffixes)
            if found is not None:
                return found
        if same_size and np.array_equal(self._label[rows], self._label[self._iid]):
            return self._iid
        return np.full(rows.size, -1, np.int64)

    def tiled(self, rows: Rows, per_block: int) -> Rows:
        """The iid row of each sample of a set of blocks that repeat every k-th iid sample in order."""
        if per_block and self._iid.size and self._iid.size % per_block == 0:
            one = self._iid[:: self._iid.size // per_block]
            whole = np.tile(one, rows.size // per_block)
            if np.array_equal(self._label[rows], self._label[whole]):
                return whole
        return np.full(rows.size, -1, np.int64)

    @cached_property
    def _iid_stems(self) -> pd.Series | None:
        return self._stems(self._iid)

    def _stems(self, rows: Rows) -> pd.Series | None:
        """File names without folder and ending, or None where one is missing."""
        if self._image is None or not rows.size:
            return None
        paths = self._image.iloc[rows]
        if bool(paths.isna().any()):
            return None
        names = _normal(paths).str.rsplit("/", n=1).str[-1]
        return names.str.replace(r"\.[^.]*$", "", regex=True)

    def _by_stem(self, stems: pd.Series, suffixes: tuple[str, ...]) -> Rows | None:
        """By names `<stem>_<suffix>`, in any order; None unless all names are of that form."""
        assert self._iid_stems is not None
        for suffix in suffixes:
            if bool(stems.str.endswith(f"_{suffix}").all()):
                found = _position(stems.str.slice(stop=-len(suffix) - 1), self._iid_stems)
                return self._rows(found)
        return None

    def _rows(self, position: Rows) -> Rows:
        return np.where(position >= 0, self._iid[position], -1)


def _agree(mine: np.ndarray, source: np.ndarray, suffixes: tuple[str, ...]) -> bool:
    """Whether every name is that of its source, with or without one of the suffixes."""
    same = mine == source
    for suffix in suffixes:
        same |= mine == source + f"_{suffix}"
    return bool(same.all())


def _normal(paths: pd.Series) -> pd.Series:
    return paths.astype("string").str.replace("\\", "/", regex=False).str.removeprefix("./")


def _tail(paths: pd.Series) -> pd.Series:
    """The last folder and the file name."""
    return paths.str.rsplit("/", n=2).str[-2:].str.join("/")


def _position(wanted: pd.Series, among: pd.Series) -> Rows:
    """Where each wanted text stands among others, -1 if nowhere or more than once."""
    place = pd.Series(np.arange(len(among), dtype=np.int64), index=pd.Index(among.to_numpy(object)))
    place = place[~place.index.duplicated(keep=False) & place.index.notna()]
    return place.reindex(pd.Index(wanted.to_numpy(object))).fillna(-1).to_numpy(np.int64)
