"""Text in columns of a terminal, where a letter of some scripts is two columns wide and an accent none."""

from __future__ import annotations

import unicodedata


def cells(text: str) -> int:
    """How many columns of a terminal a text takes: wide and full-width letters two (Unicode annex 11),
    marks that stand on the letter before them and other invisible ones none."""
    return sum(_cells(letter) for letter in text)


def left(text: str, width: int) -> str:
    """The text with blanks after it, `width` columns in all; a longer one as it is."""
    return text + " " * (width - cells(text))


def right(text: str, width: int) -> str:
    """The text with blanks before it, `width` columns in all; a longer one as it is."""
    return " " * (width - cells(text)) + text


def _cells(letter: str) -> int:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in {"W", "F"} else 1
