"""What the lesion of each diagnosis looks like, as numbers; a suspicious one has more of each bad sign."""

from __future__ import annotations

from dataclasses import dataclass, replace

from numpy.random import Generator


@dataclass(frozen=True, slots=True)
class Traits:
    """The looks of one lesion.

    Attributes:
        size: radius as a share of half the image's width.
        aspect: shorter axis by longer axis.
        irregular: amplitude of the outline's low-order waves.
        notched: how far fine noise moves the outline.
        edge: width of the border in the image; small is sharp.
        lobes: number of outgrowths.
        melanin: optical density in the middle.
        blood: the same, of blood above that of the skin.
        uneven: amplitude of the melanin's patches.
        centre: how much darker (or, negative, lighter) the middle is than the rim.
        network: contrast of the pigment network.
        atypical: share of the network that is wide and broken.
        globules: contrast of the brown dots.
        streaks: strength of radial lines at the border.
        patches: number of regions with a colour of their own.
        veil: strength of the blue-white veil.
        regression: strength of white scar-like areas.
        cysts: strength of the white and dark dots of a keratosis.
        scar: strength of a white middle.
        vessels: strength of fine red lines.
    """

    size: float = 0.45
    aspect: float = 0.85
    irregular: float = 0.04
    notched: float = 0.02
    edge: float = 0.05
    lobes: int = 0
    melanin: float = 0.8
    blood: float = 0.0
    uneven: float = 0.08
    centre: float = 0.15
    network: float = 0.0
    atypical: float = 0.0
    globules: float = 0.0
    streaks: float = 0.0
    patches: int = 0
    veil: float = 0.0
    regression: float = 0.0
    cysts: float = 0.0
    scar: float = 0.0
    vessels: float = 0.0


def traits(subclass: str, atypia: float, chance: Generator) -> Traits:
    """Looks of a lesion; raises KeyError for an unknown subclass.

    Args:
        subclass: diagnosis in words.
        atypia: how suspicious it looks, 0 to 1.
        chance: of what differs between lesions of the same diagnosis.
    """
    special = {
        "common nevus": _nevus,
        "dysplastic nevus": _nevus,
        "dermal nevus": _dermal,
        "dermatofibroma": _dermatofibroma,
        "seborrheic keratosis": _keratosis,
        "solar lentigo": _lentigo,
        "superficial spreading melanoma": _spreading,
        "nodular melanoma": _nodular,
        "lentigo maligna": _maligna,
        "amelanotic melanoma": _amelanotic,
    }[subclass]
    return special(_pigmented(atypia, chance), atypia, chance)


def _pigmented(a: float, chance: Generator) -> Traits:
    """What all pigmented lesions have in common: signs that grow with atypia."""
    u = chance.random(8)
    return Traits(
        size=0.40 + 0.24 * a + 0.24 * (u[0] - 0.5),
        aspect=0.92 - 0.22 * a * u[1] - 0.10 * u[2],
        irregular=0.02 + 0.13 * a**1.3,
        notched=0.012 + 0.05 * a * u[3],
        edge=0.035 + 0.05 * u[4] * (1 - 0.5 * a),
        lobes=int(chance.poisson(1.5 * max(a - 0.3, 0))),
        melanin=0.62 + 0.95 * a**1.4 + 0.35 * (u[5] - 0.5),
        blood=0.04 + 0.08 * u[6],
        uneven=0.08 + 0.30 * a,
        centre=0.25 * (u[7] - 0.3),
        patches=int(chance.poisson(3.2 * max(a - 0.25, 0))),
    )


def _nevus(base: Traits, a: float, chance: Generator) -> Traits:
    """Round and even, with a network, with globules or with neither."""
    pattern = chance.random()
    return replace(
        base,
        irregular=0.6 * base.irregular,
        network=0.6 if pattern < 0.5 else 0.1,
        atypical=max(a - 0.35, 0) * 1.2,
        globules=0.7 if 0.5 <= pattern < 0.75 else 0.1,
        streaks=0.35 * a * chance.random(),
    )


def _dermal(base: Traits, a: float, chance: Generator) -> Traits:
    """A pink to light brown dome."""
    return replace(
        base,
        size=base.size * 0.9,
        melanin=0.06 + 0.30 * chance.random(),
        blood=0.25 + 0.35 * chance.random(),
        irregular=0.5 * base.irregular,
        edge=0.09 + 0.08 * chance.random(),
        centre=-0.3,
        globules=0.25 * chance.random(),
        vessels=0.25 * chance.random(),
        patches=0,
    )


def _dermatofibroma(base: Traits, a: float, chance: Generator) -> Traits:
    """A pale scar within a delicate tan and pink ring."""
    return replace(
        base,
        size=base.size * 0.95,
        melanin=0.25 + 0.30 * chance.random(),
        blood=0.15 + 0.30 * chance.random(),
        edge=0.12 + 0.08 * chance.random(),
        network=0.45,
        scar=0.35 + 0.4 * chance.random(),
        patches=0,
    )


def _keratosis(base: Traits, a: float, chance: Generator) -> Traits:
    """Stuck on: a sharp outline, waxy tan to dark brown, with cysts and openings."""
    return replace(
        base,
        size=base.size * 1.1,
        melanin=0.40 + 0.75 * a + 0.3 * chance.random(),
        edge=0.022,
        irregular=0.6 * base.irregular,
        notched=0.02 + 0.015 * chance.random(),
        uneven=0.18 + 0.15 * a,
        cysts=0.55 + 0.4 * chance.random(),
        patches=min(base.patches, 1),
    )


def _lentigo(base: Traits, a: float, chance: Generator) -> Traits:
    """A flat even tan area with a moth-eaten outline."""
    return replace(
        base,
        size=base.size * 1.1,
        melanin=0.28 + 0.40 * a,
        edge=0.03,
        notched=0.03 + 0.02 * chance.random(),
        irregular=0.6 * base.irregular + 0.03,
        network=0.25,
        uneven=0.10 + 0.1 * a,
        patches=0,
    )


def _spreading(base: Traits, a: float, chance: Generator) -> Traits:
    """Asymmetric, several colours, an atypical network, streaks, regression and veil."""
    return replace(
        base,
        network=0.7 * chance.random() + 0.1,
        atypical=min(0.3 + a, 1.0),
        globules=0.5 * chance.random(),
        streaks=1.3 * a * chance.random(),
        patches=base.patches + int(chance.random() < a),
        veil=0.9 * a * (chance.random() < 0.75 * a),
        regression=0.8 * a * (chance.random() < 0.6 * a),
    )


def _nodular(base: Traits, a: float, chance: Generator) -> Traits:
    """A dark dome, rounder than others, blue-black."""
    return replace(
        base,
        size=base.size * 0.92,
        melanin=base.melanin + 0.2 + 0.7 * a,
        irregular=0.6 * base.irregular,
        aspect=min(base.aspect + 0.05, 1.0),
        edge=0.035,
        blood=base.blood + 0.2 * chance.random(),
        veil=0.4 + 0.6 * a * chance.random(),
        globules=0.4 * chance.random(),
    )


def _maligna(base: Traits, a: float, chance: Generator) -> Traits:
    """A large tan and grey area of the face with dark angular parts."""
    return replace(
        base,
        size=base.size * 1.1,
        melanin=0.35 + 0.65 * a,
        notched=0.05,
        uneven=base.uneven + 0.12,
        network=0.35,
        atypical=1.0,
        patches=base.patches + 1,
        regression=0.4 * a,
        veil=0.4 * a * (chance.random() < 0.5),
    )


def _amelanotic(base: Traits, a: float, chance: Generator) -> Traits:
    """Pink with a fuzzy outline and little or no pigment: vessels are the plainest sign."""
    return replace(
        base,
        size=base.size * 0.95,
        melanin=0.04 + 0.7 * a**2 * chance.random(),
        blood=0.35 + 0.30 * chance.random(),
        edge=0.08 + 0.09 * chance.random(),
        irregular=0.8 * base.irregular,
        uneven=0.15,
        centre=-0.2,
        vessels=0.4 + 0.4 * chance.random(),
        patches=int(chance.random() < 0.5 * a),
    )
