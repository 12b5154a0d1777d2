"""What the name of a test set says about it: the suffix rules for corruptions in medical runs.

Remove the iid name as a prefix, then an optional `corr`; if the rest is a known suffix the set is that
corruption, else it is an acquisition shift. `<name>low` and `<name>high` are severity 1, `<name>lowlow` and
`<name>highhigh` severity 2, `<name><n>` severity n; `letter` has no severity. The direction stays part of the
corruption's name, since `brlow` and `brhigh` are two corruptions: brlowlow is corruption brlow of severity 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CIFAR_CORRUPTIONS = (
    "brightness", "contrast", "defocus_blur", "elastic_transform", "fog", "frost", "gaussian_noise",
    "glass_blur", "impulse_noise", "jpeg_compression", "motion_blur", "pixelate",
    "shot_noise", "snow", "zoom_blur",
)  # fmt: skip
BASES = ("br", "gaunoi", "motblr", "elastic")
SUFFIX = re.compile(
    rf"(?P<directed>(?:{'|'.join(BASES)})(?P<way>low|high))(?P<twice>(?P=way))?(?P<directed_n>\d+)?"
    rf"|(?P<plain>{'|'.join((*BASES, *CIFAR_CORRUPTIONS))})_?(?P<n>\d+)"
    r"|(?P<letter>letter)(?P<letter_n>\d+)?"
)
CIFAR_SET = re.compile(r"corrupt_?cifar|cifar[-_]?\d+[-_]?c(orrupt)?(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedCorruption:
    """A corruption as a name gives it.

    Attributes:
        name: the corruption, with its direction.
        severity: 1 is the weakest; None where the name gives none.
        suffix: the text as it stands in the name, which file names repeat.
    """

    name: str
    severity: int | None
    suffix: str


def suffix_corruption(suffix: str) -> NamedCorruption | None:
    """The corruption that a whole suffix names, or None if it names none."""
    match = SUFFIX.fullmatch(suffix.lower())
    if match is None:
        return None
    if match["letter"]:
        return NamedCorruption("letter", int(match["letter_n"]) if match["letter_n"] else None, suffix)
    if match["plain"]:
        return NamedCorruption(match["plain"], int(match["n"]), suffix)
    if match["twice"] and match["directed_n"]:
        return None
    severity = int(match["directed_n"] or (2 if match["twice"] else 1))
    return NamedCorruption(match["directed"], severity, suffix)


def set_corruption(name: str, *, iid: str | None) -> NamedCorruption | None:
    """The corruption of a test set by its name and that of the iid set, or None."""
    rest = name
    if iid and rest.lower().startswith(iid.lower()):
        rest = rest[len(iid) :]
    rest = rest.lstrip("_-")
    for candidate in (rest, rest.removeprefix("corr").lstrip("_-")):
        found = suffix_corruption(candidate)
        if found is not None:
            return found
    return None


def is_cifar_c(name: str) -> bool:
    """Whether the set is a CIFAR-C one, stacked as 15 corruptions x 5 intensities x n samples."""
    return CIFAR_SET.search(name) is not None
