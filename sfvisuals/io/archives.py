"""What the folder doctor says about zips of images: one that cannot be read, and members that cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from sfvisuals.errors import ImageReadError
from sfvisuals.io.packed import PackedFile, fault_of, listing
from sfvisuals.io.pixels import check_opens
from sfvisuals.types import Level, Problem

# reading and decompressing so many takes about a second
MOST_TESTED: Final = 500
ANEW: Final = "Copy it anew, or make it anew from the folder: cd images && zip -0 -r ../images.zip ."


def archive_problems(wanted: Mapping[Path, Sequence[str]]) -> Iterator[Problem]:
    """What is wrong with the archives that hold images of a run.

    Args:
        wanted: archive -> the members that the run names.
    """
    for archive, members in sorted(wanted.items()):
        fault = fault_of(archive)
        if fault:
            yield Problem(
                Level.WARNING,
                f"{archive.name} cannot be read, so none of its images is shown",
                f"{archive}: {fault}. {len(members):,} different image paths lead there.",
                ANEW,
            )
            continue
        yield from _outside(archive)
        yield from _damaged(archive, [name for name in members if name in listing(archive)])


def _outside(archive: Path) -> Iterator[Problem]:
    """Members whose names would lead out of the folder, were they unpacked."""
    bad = [
        name for name in listing(archive) if name.startswith("/") or "\\" in name or ".." in name.split("/")
    ]
    if bad:
        yield Problem(
            Level.WARNING,
            f"{archive.name} holds files with paths that lead out of it",
            f"{len(bad):,}, for example {bad[0]!r}. They are never read.",
            "Pack the folder itself, with paths relative to it: cd images && zip -0 -r ../images.zip .",
        )


def _damaged(archive: Path, members: Sequence[str]) -> Iterator[Problem]:
    """Members that cannot be read or are no images that can be shown, among at most 500 spread over all."""
    places = np.unique(np.linspace(0, len(members) - 1, min(len(members), MOST_TESTED)).astype(np.int64))
    found = [(members[place], fault) for place in places if (fault := _fault(archive, members[place]))]
    if found:
        name, fault = found[0]
        yield Problem(
            Level.WARNING,
            f"Images in {archive.name} cannot be read",
            f"{len(found):,} of {len(places):,} that were tried, for example {name}: {fault}.",
            f"Replace these images. {ANEW}",
        )


def _fault(archive: Path, member: str) -> str:
    try:
        check_opens(PackedFile(archive, member))
    except ImageReadError as error:
        return error.detail or error.title
    return ""
