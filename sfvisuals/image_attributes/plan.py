"""Which pictures a run needs measured: each image with each corruption once, whichever rows show it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sfvisuals.corruptions import VERSION as CORRUPTIONS_VERSION
from sfvisuals.corruptions import CorruptionRecipe
from sfvisuals.image_attributes.catalogue import NAMES, VERSION
from sfvisuals.io.corrupted import recipe_of
from sfvisuals.io.image_paths import base_of
from sfvisuals.io.packed import ImageFile, PackedFile
from sfvisuals.store import Store
from sfvisuals.types import Rows, Run

if TYPE_CHECKING:
    from sfvisuals.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture: a file, as it was when it was looked at, and what is done to it before it is shown.

    Attributes:
        file: where the image lies.
        stamp: size and time of change, of the zip for a file in one.
        recipe: the corruption, or None.
    """

    file: ImageFile
    stamp: tuple[int, int]
    recipe: CorruptionRecipe | None

    def as_line(self) -> str:
        """One line of JSON, the same for the same picture."""
        file = self.file
        place = [str(file.archive), file.member] if isinstance(file, PackedFile) else [str(file)]
        recipe = None if self.recipe is None else asdict(self.recipe)
        return json.dumps([place, self.stamp, recipe], sort_keys=True, default=float)

    @staticmethod
    def from_line(line: str) -> Shown:
        """The picture that `as_line` wrote."""
        place, stamp, recipe = json.loads(line)
        file = Path(place[0]) if len(place) == 1 else PackedFile(Path(place[0]), place[1])
        size, time = stamp
        return Shown(file, (int(size), int(time)), None if recipe is None else CorruptionRecipe(**recipe))


@dataclass(frozen=True, eq=False)
class MeasuringPlan:
    """The pictures of a run.

    Attributes:
        pictures: P different ones, in the order of their lines.
        of_row: (N,) position in `pictures`, -1 where a row has no image file.
        key: of these pictures under these definitions; runs over the same images share it.
    """

    pictures: tuple[Shown, ...]
    of_row: Rows
    key: str

    @property
    def missing(self) -> int:
        """How many rows have no image file."""
        return int((self.of_row < 0).sum())


def plan_of(workspace: Workspace, run: Run) -> MeasuringPlan:
    """The pictures of the run as its files now lie; the run must have image paths."""
    assert run.image is not None  # whoever plans has asked
    n = run.n
    seeds = run.corruption_seed if run.corruption_seed.size else np.full(n, -1, np.int64)
    made = seeds >= 0
    texts = run.image.fillna("").astype(str)
    facts = pd.DataFrame(
        {
            "text": pd.factorize(texts)[0],
            "seed": np.where(made, seeds, -1),
            "corruption": np.where(made, run.corruption, -1) if made.any() else -1,
            "severity": np.where(made, run.severity, 0) if made.any() else 0,
        }
    )
    group = facts.groupby(list(facts.columns), sort=False).ngroup().to_numpy()
    first = np.unique(group, return_index=True)[1]
    shown = _looked_up(workspace, run, [str(texts.iloc[row]) for row in first.tolist()], first.tolist())
    lines = ["" if picture is None else picture.as_line() for picture in shown]
    ordered, position = np.unique(np.array(lines, dtype=object), return_inverse=True)
    absent = int(ordered.size > 0 and ordered[0] == "")
    by_line = dict(zip(lines, shown, strict=True))
    pictures = tuple(p for line in ordered[absent:].tolist() if (p := by_line[line]) is not None)
    of_row = (position - absent)[group].astype(np.int64)
    of_row.flags.writeable = False
    key = Store.key("image attributes", VERSION, CORRUPTIONS_VERSION, NAMES, "\n".join(ordered[absent:]))
    return MeasuringPlan(pictures, of_row, key)


def stamp_of(file: ImageFile) -> tuple[int, int]:
    """Size and time of change of the file (of its zip). Raises OSError where it is gone."""
    facts = file.stat()
    return facts.st_size, facts.st_mtime_ns


def _looked_up(
    workspace: Workspace, run: Run, texts: Sequence[str], rows: Sequence[int]
) -> list[Shown | None]:
    """The picture of each of these rows, None where there is no file; a file is looked for once."""
    base = base_of(run)
    found: dict[str, tuple[ImageFile, tuple[int, int]] | None] = {"": None}
    for text in dict.fromkeys(texts):
        file = workspace.images.resolve(text, base=base) if text else None
        found[text] = None if file is None else _stamped(file)
    return [
        None if (known := found[text]) is None else Shown(*known, recipe_of(run, row))
        for text, row in zip(texts, rows, strict=True)
    ]


def _stamped(file: ImageFile) -> tuple[ImageFile, tuple[int, int]] | None:
    try:
        return file, stamp_of(file)
    except OSError:  # gone since it was found
        return None
