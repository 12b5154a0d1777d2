"""What the name of a test set says, by the suffix rules of the medical runs."""

from __future__ import annotations

import pytest

from sfvisuals.io.naming import CIFAR_CORRUPTIONS, is_cifar_c, set_corruption


@pytest.mark.parametrize(
    ("name", "iid", "corruption", "severity"),
    [
        ("dermbrlow", "derm", "brlow", 1),
        ("dermbrlowlow", "derm", "brlow", 2),
        ("dermcorrbrhigh", "derm", "brhigh", 1),
        ("dermcorrbrhighhigh", "derm", "brhigh", 2),
        ("dermcorrgaunoilow", "derm", "gaunoilow", 1),
        ("dermcorrgaunoilowlow", "derm", "gaunoilow", 2),
        ("dermcorrmotblrhigh", "derm", "motblrhigh", 1),
        ("dermcorrmotblrhighhigh", "derm", "motblrhigh", 2),
        ("dermcorrelastichigh", "derm", "elastichigh", 1),
        ("dermcorrelastichighhigh", "derm", "elastichigh", 2),
        ("xraycorrletter", "xray", "letter", None),
        ("pneucorrbrhigh5", "pneu", "brhigh", 5),
        ("pneucorrelastic3", "pneu", "elastic", 3),
        ("pneucorrgaunoi1", "pneu", "gaunoi", 1),
        ("pneu_corr_motblr4", "pneu", "motblr", 4),
        ("pneucorrgblur2", "pneu", "gblur", 2),
        ("pneucorrcontrlowlow", "pneu", "contrlow", 2),
        ("pneubrlow3", "pneu", "brlow", 3),
        ("toycorrgaussian_noise2", "toy", "gaussian_noise", 2),
    ],
)
def test_a_known_suffix_is_a_corruption(name: str, iid: str, corruption: str, severity: int | None) -> None:
    found = set_corruption(name, iid=iid)
    assert found is not None
    assert (found.name, found.severity) == (corruption, severity)


@pytest.mark.parametrize(
    ("name", "iid"),
    [
        ("xraynih14", "xray"),
        ("xrayieee8023", "xray"),
        ("xrayactualmed", "xray"),
        ("dermvidirmolemax", "derm"),
        ("dermexternal", "derm"),
        ("dermmskcc", "dermbutmskcc"),
        ("derm", "derm"),
        ("elsewhere", "derm"),
        ("dermcorrected", "derm"),
        ("dermcorrupt5", "derm"),
        ("corrupt_derm2", "derm"),
        ("corrupt_cifar10", "cifar10"),
    ],
)
def test_another_name_is_no_corruption(name: str, iid: str) -> None:
    assert set_corruption(name, iid=iid) is None


def test_only_cifar_c_sets_are_read_by_position() -> None:
    cifar = [
        "corrupt_cifar10",
        "corrupt_cifar100",
        "corrupt_cifar100_384",
        "cifar10c",
        "CIFAR-10-C",
        "cifar100-c",
    ]
    other = ["corrupt_pneu", "cifar10", "cifar100", "cifar10_384", "cifar10corner", "super_cifar100"]
    assert [name for name in cifar + other if is_cifar_c(name)] == cifar


def test_the_corruptions_of_cifar_c_are_fifteen_in_alphabetical_order() -> None:
    assert len(CIFAR_CORRUPTIONS) == 15
    assert tuple(sorted(CIFAR_CORRUPTIONS)) == CIFAR_CORRUPTIONS
