"""What a reader notices on its way: problems, and why an optional feature is not there."""

from __future__ import annotations

from dataclasses import dataclass, field

from sfvisuals.errors import SfvisualsError
from sfvisuals.types import Level, Problem


@dataclass
class Notes:
    """Collects while one run is read.

    Attributes:
        problems: in the order of finding.
        absent: feature -> reason. Keys: logits, probabilities, mc, external, external_mc, latents,
            train_latents (and train_labels), last_layer, image, metadata, group, corruption, validation,
            external_name, source.
    """

    problems: list[Problem] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)

    def info(self, title: str, detail: str = "", hint: str = "") -> None:
        """Something assumed or chosen."""
        self.problems.append(Problem(Level.INFO, title, detail, hint))

    def warning(self, title: str, detail: str = "", hint: str = "") -> None:
        """Something that may mislead."""
        self.problems.append(Problem(Level.WARNING, title, detail, hint))

    def error(self, title: str, detail: str = "", hint: str = "") -> None:
        """Something broken or contradictory."""
        self.problems.append(Problem(Level.ERROR, title, detail, hint))

    def refuse(self, feature: str, title: str, detail: str, hint: str = "") -> None:
        """A file is there but unusable: an error, and the feature is absent for this reason."""
        self.error(title, detail, hint)
        self.absent[feature] = f"{title}: {detail}"

    def refuse_for(self, feature: str, error: SfvisualsError) -> None:
        """The same from an error that was raised on reading."""
        self.refuse(feature, error.title, error.detail, error.hint)


def listed(values: list[str], *, most: int = 8) -> str:
    """The first few values as text, and how many more there are."""
    shown = ", ".join(values[:most])
    return f"{shown} and {len(values) - most} more" if len(values) > most else shown
