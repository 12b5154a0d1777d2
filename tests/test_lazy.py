"""Packages that look their names up on first use, and what says that an extra is missing."""

from __future__ import annotations

from importlib import import_module

import pytest

from sfvisuals.errors import SettingsError
from sfvisuals.installed import need

PACKAGES = ("sfvisuals", "sfvisuals.benchmark", "sfvisuals.capture", "sfvisuals.training")


@pytest.mark.parametrize("name", PACKAGES)
def test_every_exported_name_is_listed_and_found(name: str) -> None:
    package = import_module(name)
    for exported, module in package.EXPORTS.items():
        assert exported in dir(package)
        assert getattr(package, exported) is getattr(import_module(module), exported)
    assert package.__all__ == sorted(package.EXPORTS)


@pytest.mark.parametrize("name", PACKAGES)
def test_an_unknown_name_fails_and_lists_the_known_ones(name: str) -> None:
    package = import_module(name)
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'nonsense'; it has "):
        _ = package.nonsense


def test_what_is_not_installed_is_named_with_the_extra_that_brings_it() -> None:
    need(("json", "numpy"), to="Training", extra="train")
    with pytest.raises(SettingsError, match="Training needs nowhere_a, nowhere_b") as caught:
        need(("json", "nowhere_a", "nowhere_b"), to="Training", extra="train")
    assert caught.value.hint == "pip install 'sfvisuals[train]'"
