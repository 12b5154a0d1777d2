"""Where concepts lie on the map, as the browser is told."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from flask.testing import FlaskClient

from sfvisuals.types import Run
from sfvisuals.workspace import Workspace


def asked(cells: Any, *, kind: str = "pca", run: str = "digits") -> str:
    return f"/runs/{run}/projections/{kind}/concepts?cells={quote(json.dumps(cells))}"


def cell(study: str = "digits", category: int | str = 3, **more: Any) -> dict[str, Any]:
    return {"kind": "concept", "study": study, "category": category, "index": 0, **more}


def test_every_concept_of_a_cell_has_a_place_within_its_members(
    client: FlaskClient, workspace: Workspace, run: Run
) -> None:
    places = client.get(asked([cell(k=3)])).get_json()
    concepts = workspace.concepts(run, "digits", 3, k=3)
    xy = np.asarray(workspace.coordinates(run, "pca"))
    assert [(p["study"], p["category"], p["index"]) for p in places] == [("digits", 3, i) for i in range(3)]
    for place, concept in zip(places, concepts, strict=True):
        assert place["size"] == concept.size
        assert place["label"] == f"{run.classes[3]} {place['index'] + 1}"
        own, hull = xy[concept.rows], np.array(place["hull"])
        assert (hull >= own.min(axis=0) - 1e-3).all()
        assert (hull <= own.max(axis=0) + 1e-3).all()
        assert 1 <= len(hull) <= 64


def test_both_methods_and_both_bases_are_answered(client: FlaskClient) -> None:
    for more in ({"method": "gaussian"}, {"basis": "plain"}):
        assert client.get(asked([cell(**more)])).get_json()


def test_an_answer_is_fetched_once(client: FlaskClient, run: Run) -> None:
    address = asked([cell()]) + f"&v={run.fingerprint[:12]}"
    first = client.get(address)
    assert "immutable" in first.headers["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "cells",
    ["no list", {"kind": "concept"}, [{"kind": "rows", "rows": [1]}], [cell(study="nowhere")], [cell()] * 97],
)
def test_what_names_no_concepts_is_refused_in_words(client: FlaskClient, cells: Any) -> None:
    answer = client.get(asked(cells))
    assert answer.status_code == 404
    assert answer.get_json()["title"]


def test_there_is_no_flat_place_on_a_map_that_is_not_flat_or_not_there(client: FlaskClient) -> None:
    assert client.get(asked([cell()], kind="nomap")).status_code == 404
    assert client.get(asked([], kind="pca")).get_json() == []
