"""Slices: groups of failures with a shared cause, found on one half of the samples, tested on the other."""

from sfvisuals.slices.discover import LEVEL, discover
from sfvisuals.slices.finders import ALL_METHODS, FINDERS
from sfvisuals.slices.glue import slices_of
from sfvisuals.slices.halves import run_halves
from sfvisuals.slices.hypothesis import RuleTest, Side, rule_tests
from sfvisuals.slices.records import Finder, Method, Slice, SliceReport

__all__ = [
    "ALL_METHODS",
    "FINDERS",
    "LEVEL",
    "Finder",
    "Method",
    "RuleTest",
    "Side",
    "Slice",
    "SliceReport",
    "discover",
    "rule_tests",
    "run_halves",
    "slices_of",
]
