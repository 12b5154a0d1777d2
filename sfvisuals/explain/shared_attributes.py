"""What failures of one study and kind have in common, and how that goes with the classes in the source.

A group is the failures of one study with one true and one predicted class. Its attributes are what tells it
from correct images of the same class in the same study at AUC_ENOUGH or better (Hosmer and Lemeshow call an
area of 0.7 acceptable discrimination).

A shortcut is something in the picture beside what it is about: a column of the metadata, or one of
BESIDE_THE_SUBJECT. Other attributes of the image (brightness, contrast, noise, hue ...) say how it was taken
and how the subject looks. Where a class has such a look more often than in the source, that is a shift, and
of course it goes along with the class that looks so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sfvisuals.explain.causes import Attribute
from sfvisuals.explain.comparing import TRUTH
from sfvisuals.explain.enrichment import explain
from sfvisuals.explain.findings import MISSING, Finding
from sfvisuals.explain.records import Feature, FeatureOrigin
from sfvisuals.explain.two_samples import benjamini_hochberg, fisher_exact
from sfvisuals.explain.words import two_numbers
from sfvisuals.types import BoolArray, IntArray

AUC_ENOUGH: Final = 0.7
FEWEST: Final = 10
MOST_GROUPS: Final = 24
LEVEL: Final = 0.05
BESIDE_THE_SUBJECT: Final = frozenset(
    f"image:{name}"
    for name in ("straight_lines", "periodicity", "corner_marker", "hair", "border", "dark_corners")
)


@dataclass(frozen=True, eq=False)
class Held:
    """An attribute with the samples that have it.

    Attributes:
        record: the attribute.
        mask: (N,) True where a sample has it.
        goes_along: it goes with the predicted class in the source and is more frequent here than there.
        absent: no sample of the source has it.
        moved: it is a look that its class has far more often here than in the source.
    """

    record: Attribute
    mask: BoolArray
    goes_along: bool
    absent: bool
    moved: bool


def attributes_of_group(
    features: Sequence[Feature],
    failures: BoolArray,
    correct: BoolArray,
    *,
    here: BoolArray,
    true: BoolArray,
    predicted: BoolArray,
    groups: IntArray,
    sources: str,
) -> tuple[Held, ...]:
    """The attributes of a group of failures, strongest first.

    Args:
        features: of all N samples.
        failures, correct: (N,) the group, and correct images of its class in its study.
        here: (N,) all samples of the true class in the study.
        true, predicted: (N,) samples of the true and of the predicted class in the source studies.
        groups: (N,) the unit of each sample.
        sources: the source studies in words.
    """
    usable = [one for one in features if one.origin in (FeatureOrigin.METADATA, FeatureOrigin.IMAGE)]
    by_name = {one.name: one for one in usable}
    told = explain(usable, failures, correct, groups=groups, limit=len(usable), level=LEVEL)
    drafts = []
    for finding in told.holding:
        if finding.auc < AUC_ENOUGH or finding.level == MISSING or (finding.level and not finding.higher):
            continue
        mask = _having(by_name[finding.name], finding)
        known = by_name[finding.name].known
        of_true, of_predicted = (_counts(mask, side & known, groups) for side in (true, predicted))
        of_here = _counts(mask, here & known, groups)
        along = _more(of_predicted, of_true)
        more = _more(of_here, of_true)
        drafts.append((finding, mask, of_here, of_true, of_predicted, along, more))
    if not drafts:
        return ()
    q = benjamini_hochberg(np.array([along for *_, along, _ in drafts]))
    is_look = [_is_look(finding) for finding, *_ in drafts]
    can_mislead = [
        not look and _is_there(finding) for look, (finding, *_) in zip(is_look, drafts, strict=True)
    ]
    return tuple(
        Held(
            Attribute(
                _words(finding), _share(of_here), _share(of_true), _share(of_predicted), sources, float(along)
            ),
            mask,
            goes_along=can_mislead[i]
            and bool(q[i] <= LEVEL and more <= LEVEL and _areas(of_predicted, of_true) >= AUC_ENOUGH),
            absent=bool(of_true[1] + of_predicted[1] > 0 and of_true[0] + of_predicted[0] == 0),
            moved=is_look[i] and bool(more <= LEVEL and _areas(of_here, of_true) >= AUC_ENOUGH),
        )
        for i, (finding, mask, of_here, of_true, of_predicted, along, more) in enumerate(drafts)
    )


def _is_look(finding: Finding) -> bool:
    return finding.origin is FeatureOrigin.IMAGE and finding.name not in BESIDE_THE_SUBJECT


def _is_there(finding: Finding) -> bool:
    """A ruler can be a shortcut, a missing ruler is none."""
    return finding.origin is FeatureOrigin.METADATA or finding.higher


def _having(feature: Feature, finding: Finding) -> BoolArray:
    """(N,) True where the one-feature rule of the finding holds."""
    if finding.cut is None:
        found: BoolArray = feature.codes == feature.levels.index(str(finding.level))
        return found
    with np.errstate(invalid="ignore"):
        above: BoolArray = feature.numbers >= finding.cut
        below: BoolArray = feature.numbers < finding.cut
    return above if finding.higher else below


def _words(finding: Finding) -> str:
    if finding.cut is None:
        level = str(finding.level)
        return f"{finding.label} {level.lower() if level in TRUTH else level}"
    cut, _ = two_numbers(finding.cut, finding.reference)
    return f"{finding.label} {'at or above' if finding.higher else 'below'} {cut}"


def _counts(mask: BoolArray, among: BoolArray, groups: IntArray) -> tuple[int, int]:
    """Units with the attribute in at least half of their samples, and all units, among these samples."""
    _, codes = np.unique(groups[among], return_inverse=True)
    if not codes.size:
        return 0, 0
    share = np.bincount(codes, weights=mask[among]) / np.bincount(codes)
    return int((share >= 0.5).sum()), share.size


def _share(counts: tuple[int, int]) -> float:
    return counts[0] / counts[1] if counts[1] else float("nan")


def _more(a: tuple[int, int], b: tuple[int, int]) -> float:
    """p that a has it more often than b; 1 where it has it less often or one is empty."""
    if not a[1] or not b[1] or _share(a) <= _share(b):
        return 1.0
    return fisher_exact(a[0], a[1] - a[0], b[0], b[1] - b[0])


def _areas(a: tuple[int, int], b: tuple[int, int]) -> float:
    return 0.5 + (_share(a) - _share(b)) / 2.0
