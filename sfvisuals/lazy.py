"""Names that a package exports without importing what they come from until they are used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def exports(
    package: dict[str, Any], modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` (PEP 562) of a package: importing it stays fast. Sets its `__all__`.

    Args:
        package: the package's `globals()`.
        modules: exported name -> module that it is in.
    """

    def looked_up(name: str) -> Any:
        if name not in modules:
            raise AttributeError(
                f"module {package['__name__']!r} has no attribute {name!r}; it has {', '.join(modules)}"
            )
        return getattr(import_module(modules[name]), name)

    def listed() -> list[str]:
        return sorted([*package, *modules])

    package["__all__"] = sorted(modules)
    return looked_up, listed
