"""The parts of the page Benchmark over HTTP, and what stands in their trees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import numpy as np
from flask.testing import FlaskClient

from sfvisuals.recipes import parse_recipe
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace


def part(client: FlaskClient, name: str, *, run: str = "digits", **query: str) -> dict[str, Any]:
    """Tree, figures and facts of one part."""
    asked = "&".join(f"{key}={quote(value)}" for key, value in query.items())
    answer = client.get(f"/runs/{quote(run)}/benchmark/{name}?{asked}")
    assert answer.status_code == 200, answer.data
    content: dict[str, Any] = answer.get_json()
    return content


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every component of a tree, itself first."""
    for node in tree if isinstance(tree, list) else [tree]:
        if isinstance(node, dict):
            yield node["props"] | {"tag": node["type"]}
            yield from nodes(node["props"].get("children"))


def words(tree: Any) -> str:
    """What a tree says."""
    if isinstance(tree, list):
        return "".join(words(child) for child in tree)
    if isinstance(tree, dict):
        return words(tree["props"].get("children"))
    return "" if tree is None else str(tree)


def cells(tree: Any) -> dict[str, dict[str, Any]]:
    """What a cell says -> the view it leads to."""
    found = (node for node in nodes(tree) if "data-says" in node)
    return {node["data-says"]: json.loads(node["data-go"]) for node in found}


def meant(workspace: Workspace, run: Run, view: dict[str, Any]) -> np.ndarray[Any, Any]:
    """(N,) True where the sample is in the view's selection and in one of its studies."""
    places = [i for i, s in enumerate(run.studies) if s.name in view["studies"]]
    return workspace.resolve(run, parse_recipe(view["sel"])) & np.isin(run.study, places)
