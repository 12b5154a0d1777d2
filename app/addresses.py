"""Addresses that the server's pages spell themselves."""

from __future__ import annotations

from urllib.parse import quote

VERSION_DIGITS = 12


def image_url(run: str, row: int, *, size: int | None = None, version: str = "") -> str:
    """Address of a sample's image; `size` asks for a thumbnail of about that many pixels.

    `version` makes another address of it and promises nothing: the browser asks each time whether it still
    holds the same image.
    """
    wanted = "" if size is None else f"size={size}&"
    return f"runs/{quote(run)}/images/{row}?{wanted}placeholder=1&v={version[:VERSION_DIGITS]}"
