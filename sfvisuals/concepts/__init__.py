"""Concept clusters of the latents, keyed by rows; what is said of each, and how studies' concepts match."""

from sfvisuals.concepts.cards import concept_cards
from sfvisuals.concepts.cards_record import ConceptCard, Rate
from sfvisuals.concepts.find import find_concepts
from sfvisuals.concepts.match_record import ConceptMatch, MatchFlag, SourceConcept
from sfvisuals.concepts.matching import matches
from sfvisuals.concepts.record import Clustering, Concept, from_arrays, to_arrays

__all__ = [
    "Clustering",
    "Concept",
    "ConceptCard",
    "ConceptMatch",
    "MatchFlag",
    "Rate",
    "SourceConcept",
    "concept_cards",
    "find_concepts",
    "from_arrays",
    "matches",
    "to_arrays",
]
