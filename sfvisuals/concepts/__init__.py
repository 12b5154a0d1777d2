"""Concept clusters of the latents, keyed by rows."""

from sfvisuals.concepts.find import find_concepts
from sfvisuals.concepts.record import Concept, from_arrays, to_arrays

__all__ = ["Concept", "find_concepts", "from_arrays", "to_arrays"]
