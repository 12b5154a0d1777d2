"""Where errors become words: on the page, over HTTP and in the terminal."""

from __future__ import annotations

import logging
from typing import Any

from dash import set_props

from app import ids
from sfvisuals.errors import NotFoundError, SfvisualsError, UnavailableError

log = logging.getLogger("sfvisuals")


def as_json(error: BaseException) -> dict[str, str]:
    """Title, detail and hint of an error; an unforeseen one says that it is ours."""
    if isinstance(error, SfvisualsError):
        return {"title": error.title, "detail": error.detail, "hint": error.hint}
    return {
        "title": "Something went wrong in sfvisuals",
        "detail": f"{type(error).__name__}: {error}",
        "hint": "The terminal shows the full trace. Nothing you selected is lost.",
    }


def status_of(error: SfvisualsError) -> int:
    """HTTP status of an error."""
    if isinstance(error, NotFoundError):
        return 404
    return 409 if isinstance(error, UnavailableError) else 422


def show_in_page(error: Exception) -> None:
    """Dash's on_error: put the error into the problem store; the outputs stay as they were."""
    if not isinstance(error, SfvisualsError):
        log.exception("unforeseen error in a callback", exc_info=error)
    set_props(ids.PROBLEM, {"data": as_json(error)})


def as_text(error: SfvisualsError) -> str:
    """The error for a terminal."""
    lines: list[Any] = [f"error: {error.title}", error.detail, error.hint]
    return "\n".join(str(line) for line in lines if line)
