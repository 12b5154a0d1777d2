"""The parts of a page over HTTP: each is a tree of components, its figures and a few facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

from flask import Response, request

from app.answers import Answer, Asked, json_answer
from app.benchmark_progress import note_of
from sfvisuals.errors import NotFoundError
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace

View: TypeAlias = Callable[..., Response]
Route: TypeAlias = Callable[..., Callable[[View], View]]
PartAnswer: TypeAlias = Callable[[Workspace, Run, Asked], Answer]


def add_parts(
    route: Route,
    opened: Callable[[str], Run],
    workspace: Workspace,
    *,
    page: str,
    module: str,
) -> None:
    """Add the route `runs/NAME/PAGE/PART`; `opened` gives the run as the page opened it.

    With `progress=1` it answers how far the same question is that is being computed. `module` holds PARTS, by
    name; it is imported with the first question, since the first page to be drawn is another.
    """

    def answered(name: str, part: str) -> Response:
        parts: Mapping[str, PartAnswer] = import_module(module).PARTS
        if part not in parts:
            known = ", ".join(parts)
            raise NotFoundError(f"There is no part {part!r} of the page {page}", detail=f"Known: {known}.")
        run, note = opened(name), note_of(workspace.store.root / "notes", name, part, request.args)
        if request.args.get("progress"):
            return json_answer(note.read(), lasting=False)
        with note.kept():
            answer = parts[part](workspace, run, Asked(request.args, report=note.write))
        content = {"tree": answer.tree, "figures": dict(answer.figures), "facts": dict(answer.facts)}
        return json_answer(content, lasting=False, default=_component)

    answered.__name__ = f"part_of_{page}"
    route(f"/runs/<path:name>/{page}/<part>")(answered)


def _component(made: Any) -> Any:
    return made.to_plotly_json()
