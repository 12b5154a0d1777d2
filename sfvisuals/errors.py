"""One base error with a title, a detail and a hint, and a few kinds of it.

The library raises; only the border (command line, page, HTTP) translates an error into words on a screen.
"""

from __future__ import annotations


class SfvisualsError(Exception):
    """Something a person can mend.

    Args:
        title: what went wrong, in one short sentence.
        detail: what was found and what was expected (file, shape, value).
        hint: how to mend it.
    """

    def __init__(self, title: str, *, detail: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return "\n".join(part for part in (self.title, self.detail, self.hint) if part)


class RunFormatError(SfvisualsError):
    """A run folder cannot be read: a file is broken, missing or contradicts another."""


class NotFoundError(SfvisualsError):
    """A run, study, score, row or image of that name does not exist; the known ones are listed."""


class UnavailableError(SfvisualsError):
    """A score or feature exists but cannot be computed for this run; `detail` says why."""


class SettingsError(SfvisualsError):
    """A command-line option or an environment variable makes no sense."""


class ImageReadError(SfvisualsError):
    """An image file is there but cannot be decoded; `detail` says why."""


class CaptureError(SfvisualsError):
    """A capture was given a model, a study, a manifest or an image that does not fit."""
