"""Attributes of images: what can be measured on any picture, from brightness to rulers and hair."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sfvisuals.image_attributes.catalogue import IMAGE_ATTRIBUTES as IMAGE_ATTRIBUTES
    from sfvisuals.image_attributes.catalogue import NAMES as NAMES
    from sfvisuals.image_attributes.catalogue import VERSION as VERSION
    from sfvisuals.image_attributes.catalogue import ImageAttribute as ImageAttribute
    from sfvisuals.image_attributes.catalogue import measure as measure
    from sfvisuals.image_attributes.jobs import MeasuringJobs as MeasuringJobs
    from sfvisuals.image_attributes.jobs import cancel as cancel
    from sfvisuals.image_attributes.jobs import measured_table as measured_table
    from sfvisuals.image_attributes.jobs import start as start
    from sfvisuals.image_attributes.jobs import status_of as status_of
    from sfvisuals.image_attributes.jobs import table_of as table_of
    from sfvisuals.image_attributes.shipping import adopt_table as adopt_table
    from sfvisuals.image_attributes.shipping import export_table as export_table

# Looked up on first use, so that the command line loads nothing heavy.
EXPORTS = {
    "IMAGE_ATTRIBUTES": "sfvisuals.image_attributes.catalogue",
    "ImageAttribute": "sfvisuals.image_attributes.catalogue",
    "MeasuringJobs": "sfvisuals.image_attributes.jobs",
    "NAMES": "sfvisuals.image_attributes.catalogue",
    "VERSION": "sfvisuals.image_attributes.catalogue",
    "adopt_table": "sfvisuals.image_attributes.shipping",
    "cancel": "sfvisuals.image_attributes.jobs",
    "export_table": "sfvisuals.image_attributes.shipping",
    "measure": "sfvisuals.image_attributes.catalogue",
    "measured_table": "sfvisuals.image_attributes.jobs",
    "start": "sfvisuals.image_attributes.jobs",
    "status_of": "sfvisuals.image_attributes.jobs",
    "table_of": "sfvisuals.image_attributes.jobs",
}


def __getattr__(name: str) -> Any:
    if name not in EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(EXPORTS)}")
    return getattr(import_module(EXPORTS[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *EXPORTS])
