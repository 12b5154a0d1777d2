"""What the name of a test set says about it: the suffix rules for corruptions in medical runs.

Remove the iid name as a prefix, then an optional `corr`; if the rest is a known suffix the set is that
corruption, else it is an acquisition shift. `<name>low` and `<name>high` are severity 1, `<name>lowlow` and
`<name>highhigh` severity 2, `<name><n>` severity n; `letter` has no severity. The direction stays part of the
corruption's name, since `brlow` and `brhigh` are two corruptions: brlowlow is corruption brlow of severity 2.

Known names are br, gaunoi, motblr, elastic and those of CIFAR-C. After the iid name and `corr` any name
counts, since the writer says there that it is a corruption; without `corr` a number proves nothing (nih14 is
a hospital).
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


def _pattern(names: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<directed>(?:{names})(?P<way>low|high))(?:(?P<twice>(?P=way))|_?(?P<directed_n>\d{{1,3}}))?"
        rf"|(?P<plain>{names})_?(?P<n>\d{{1,3}})"
        r"|(?P<letter>letter)_?(?P<letter_n>\d{1,3})?"
    )


KNOWN = _pattern("|".join((*BASES, *CIFAR_CORRUPTIONS)))
ANY = _pattern("[a-z_]+?")
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


def suffix_corruption(suffix: str, *, known: re.Pattern[str] = KNOWN) -> NamedCorruption | None:
    """The corruption that a whole suffix names, or None if it names none."""
    match = known.fullmatch(suffix.lower())
    if match is None:
        return None
    name = match["directed"] or match["plain"] or match["letter"]
    number = match["directed_n"] or match["n"] or match["letter_n"]
    severity = int(number) if number else None
    if match["directed"] and not number:
        severity = 2 if match["twice"] else 1
    return NamedCorruption(name, severity or None, suffix)


def set_corruption(name: str, *, iid: str | None) -> NamedCorruption | None:
    """The corruption of a test set by its name and that of the iid set, or None."""
    prefixed = bool(iid) and name.lower().startswith(str(iid).lower())
    rest = (name[len(str(iid)) :] if prefixed else name).lstrip("_-")
    bare = rest.removeprefix("corr").lstrip("_-")
    stated = prefixed and rest.startswith("corr") and not rest.startswith("corrupt")
    return (
        suffix_corruption(rest)
        or suffix_corruption(bare)
        or (suffix_corruption(bare, known=ANY) if stated else None)
    )


def short_label(name: str, *, iid: str | None, corruption: bool) -> str:
    """What a person reads for a test set: its name without the iid name in front, which every set repeats."""
    rest = name
    if iid and rest.lower().startswith(iid.lower()):
        rest = rest[len(iid) :].lstrip("_-")
    if corruption:
        rest = rest.removeprefix("corr").lstrip("_-")
    return rest or name


def is_cifar_c(name: str) -> bool:
    """Whether the set is a CIFAR-C one, stacked as 15 corruptions x 5 intensities x n samples."""
    return CIFAR_SET.search(name) is not None
