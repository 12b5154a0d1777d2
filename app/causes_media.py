"""The page "Concepts and slices" over HTTP: its parts, and the attributes of a run's images."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, jsonify

from app.part_media import Route, add_parts
from sfvisuals.errors import NotFoundError
from sfvisuals.image_attributes import cancel, start, status_of
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace


def register(
    route: Route, opened: Callable[[str], Run], own_request: Callable[[], None], workspace: Workspace
) -> None:
    """Add the routes; `opened` gives the run as the page opened it, `own_request` refuses other sites."""
    add_parts(route, opened, workspace, page="causes", module="app.causes_parts")

    @route("/runs/<path:name>/attributes")
    def attributes_status(name: str) -> Response:
        answer = jsonify(status_of(workspace, workspace.run(name)))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @route("/runs/<path:name>/attributes/<verb>", methods=("POST",))
    def attributes_verb(name: str, verb: str) -> Response:
        own_request()
        run = workspace.run(name)
        if verb == "start":
            start(workspace, run)
        elif verb == "cancel":
            cancel(workspace, run)
        else:
            raise NotFoundError(f"There is no {verb!r} of the attributes", detail="Known: start, cancel.")
        return jsonify(status_of(workspace, run))
