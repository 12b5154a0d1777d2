"""The diagnoses of the synthetic lesions: how frequent, how suspicious, where on the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BODY_SITES: Final = {
    "anywhere": ("back", "abdomen", "chest", "upper extremity", "lower extremity", "face", "neck"),
    "sun": ("face", "face", "scalp", "neck", "upper extremity", "back"),
    "limbs": ("lower extremity", "lower extremity", "upper extremity", "trunk"),
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One subclass.

    Attributes:
        name: in words.
        label: 0 benign, 1 malignant.
        share: how frequent it is among its class, relative to the others that a study has.
        atypia: the two parameters of the beta distribution of how suspicious a lesion looks, 0 to 1.
        places: key of `BODY_SITES`.
        trained: whether the training data has it.
    """

    name: str
    label: int
    share: float
    atypia: tuple[float, float]
    places: str = "anywhere"
    trained: bool = True


DIAGNOSES: Final = (
    Diagnosis("common nevus", 0, 0.34, (2.0, 5.0)),
    Diagnosis("dysplastic nevus", 0, 0.22, (5.0, 5.0)),
    Diagnosis("dermal nevus", 0, 0.13, (2.0, 5.0)),
    Diagnosis("dermatofibroma", 0, 0.09, (2.0, 5.0), "limbs"),
    Diagnosis("seborrheic keratosis", 0, 0.13, (2.5, 4.0)),
    Diagnosis("solar lentigo", 0, 0.09, (2.5, 4.0), "sun"),
    Diagnosis("superficial spreading melanoma", 1, 0.62, (5.0, 3.4)),
    Diagnosis("nodular melanoma", 1, 0.20, (5.0, 3.0)),
    Diagnosis("lentigo maligna", 1, 0.18, (5.0, 3.8), "sun"),
    Diagnosis("amelanotic melanoma", 1, 1.0, (4.0, 4.0), trained=False),
)
