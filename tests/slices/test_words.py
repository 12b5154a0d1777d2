"""The sentence of a slice: its numbers by hand, written as everywhere on the page."""

from __future__ import annotations

import pytest

from sfvisuals.explain.words import percentage
from sfvisuals.slices.evidence import Evidence
from sfvisuals.slices.words import sentence


def evidence(*, n: int = 117, rest_n: int = 200) -> Evidence:
    """73 of 117 against 40 of 200, unless it says otherwise."""
    return Evidence(
        n=n, k=min(73, n), units=100, rest_n=rest_n, rest_k=rest_n // 5, interval=(0.523, 0.716), p=1e-18
    )


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0 %"), (0.004, "< 1 %"), (0.624, "62 %"), (0.997, "> 99 %"), (1.0, "100 %")],
)
def test_a_share_is_none_or_all_only_where_it_is(share: float, words: str) -> None:
    assert percentage(share) == words


def test_a_sentence_has_every_number_and_says_what_was_not_confirmed() -> None:
    rest = "the other malignant samples of the chosen studies"
    told = sentence(evidence(), rest, "silent failures", q=5e-17, confirmed=True, uses_label=False)
    assert told == (
        "73 of 117 samples are silent failures (62 %, 95 % interval 52 % to 72 %), against 20 % of the other "
        "malignant samples of the chosen studies (q = 5e-17)."
    )
    weak = sentence(evidence(), rest, "silent failures", q=0.3, confirmed=False, uses_label=True)
    assert weak.startswith("Not confirmed on the half that did not find it: 73 of 117 samples")
    assert weak.endswith("Failures are nearly its definition, so this rate is no surprise.")


def test_without_a_rest_or_without_members_the_sentence_says_so() -> None:
    alone = sentence(
        evidence(rest_n=0),
        "all other samples of the chosen studies",
        "failures",
        q=1.0,
        confirmed=False,
        uses_label=False,
    )
    assert "there are no other samples of the chosen studies to compare with" in alone
    none = sentence(evidence(n=0), "", "failures", q=1.0, confirmed=False, uses_label=False)
    assert none == "Not confirmed: no sample of the other half belongs to it."
