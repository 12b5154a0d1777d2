"""Attributes of images: what can be measured on any picture, from brightness to rulers and hair."""

from sfvisuals.image_attributes.catalogue import IMAGE_ATTRIBUTES, NAMES, VERSION, ImageAttribute, measure

__all__ = ["IMAGE_ATTRIBUTES", "NAMES", "VERSION", "ImageAttribute", "measure"]
