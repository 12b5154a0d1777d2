"""HTTP beside Dash: per-sample columns as binary, selections as bit masks, projections and images.

Every address carries the run's name and a row or column name, never a file path or an array of floats. Binary
answers are little-endian and carry their dtype in the header `X-Dtype`; all answers have an ETag.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from flask import Blueprint, Flask, Response, jsonify, request
from flask_caching import Cache

from app import causes_media, concept_media
from app.addresses import VERSION_DIGITS
from app.answers import binary, conditional, json_answer
from app.columns import colour_column, score_columns, smallest, trust_codes
from app.part_media import add_parts
from app.problems import as_json, status_of
from sfvisuals.errors import NotFoundError, SfvisualsError
from sfvisuals.projection import ProjectionKind
from sfvisuals.recipes import parse_recipe
from sfvisuals.types import Judge, Run
from sfvisuals.workspace import Workspace

MASK_VERSION = 1
THUMBNAIL_SIZES = (64, 96, 160, 320)
OWN_HEADER = "X-Sfvisuals"

View = Callable[..., Response]


def register_media(server: Flask, workspace: Workspace, cache: Cache) -> None:
    """Add the routes to the Flask server."""
    routes = Blueprint("media", __name__)

    def route(rule: str, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
        def add(view: View) -> View:
            @wraps(view)
            def translated(**arguments: Any) -> Response:
                try:
                    return view(**arguments)
                except SfvisualsError as error:
                    answer = jsonify(as_json(error))
                    answer.status_code = status_of(error)
                    return answer

            routes.add_url_rule(rule, endpoint=view.__name__, view_func=translated, methods=list(methods))
            return view

        return add

    def opened(name: str) -> Run:
        """The run as the page opened it: `v` is the beginning of its fingerprint."""
        asked = request.args.get("v", "")
        return workspace.run(name, version=asked if len(asked) == VERSION_DIGITS else "")

    @route("/health")
    def health() -> Response:
        return jsonify({"status": "ok", "runs": len(workspace.run_names())})

    @route("/runs/<path:name>/columns/<column>")
    def column(name: str, column: str) -> Response:
        return _binary(_plain_column(workspace, opened(name), column))

    @route("/runs/<path:name>/scores")
    def score(name: str) -> Response:
        run = opened(name)
        return json_answer(score_columns(workspace, run, request.args.get("score", "")).meta)

    @route("/runs/<path:name>/scores/<part>")
    def score_part(name: str, part: str) -> Response:
        columns = score_columns(workspace, opened(name), request.args.get("score", ""))
        if part not in ("codes", "levels"):
            raise NotFoundError(f"There is no {part!r} of a score", detail="Known: codes, levels.")
        return _binary(columns.codes if part == "codes" else columns.levels)

    @route("/runs/<path:name>/colours")
    def colours(name: str) -> Response:
        return json_answer(colour_column(workspace, opened(name), request.args.get("column", "")).meta)

    @route("/runs/<path:name>/colours.bin")
    def colour_codes(name: str) -> Response:
        return _binary(colour_column(workspace, opened(name), request.args.get("column", "")).codes)

    @route("/runs/<path:name>/mask")
    def mask(name: str) -> Response:
        run = opened(name)
        raw = request.args.get("recipe", "")
        lasting = '"run"' not in raw  # another run's outcome: its files may change while this run's do not
        key = (
            "mask:"
            + hashlib.blake2b(f"{MASK_VERSION}|{run.fingerprint}|{raw}".encode(), digest_size=20).hexdigest()
        )
        packed = cache.get(key) if lasting else None
        if packed is None:
            packed = np.packbits(
                workspace.resolve(run, parse_recipe(_loads(raw))), bitorder="little"
            ).tobytes()
            cache.set(key, packed)
        answer = Response(packed, mimetype="application/octet-stream")
        return conditional(answer, packed, lasting=lasting)

    @route("/runs/<path:name>/projections/<kind>/coordinates")
    def coordinates(name: str, kind: str) -> Response:
        xy = workspace.coordinates(opened(name), kind)
        return _binary(np.ascontiguousarray(xy.T, dtype="<f4"))

    @route("/runs/<path:name>/projections/<kind>")
    def projection_status(name: str, kind: str) -> Response:
        answer = jsonify(workspace.projection_status(workspace.run(name), _kind(kind)))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @route("/runs/<path:name>/projections/<kind>/<verb>", methods=("POST",))
    def projection_verb(name: str, kind: str, verb: str) -> Response:
        _own_request()
        run = workspace.run(name)
        if verb == "start":
            workspace.start_projection(run, _kind(kind))
        elif verb == "cancel":
            workspace.cancel_projection(run, _kind(kind))
        else:
            raise NotFoundError(f"There is no {verb!r} of a projection", detail="Known: start, cancel.")
        return jsonify(workspace.projection_status(run, _kind(kind)))

    @route("/runs/<path:name>/images/<int:row>")
    def image(name: str, row: int) -> Response:
        run = workspace.run(name)
        asked = request.args.get("size", type=int)
        size = None if asked is None else min(THUMBNAIL_SIZES, key=lambda s: (abs(s - asked), s))
        tag = workspace.image_tag(run, row, size=size)
        if tag is not None and request.if_none_match.contains(tag):
            return _fresh(Response(status=304), tag)
        served = workspace.image(run, row, size=size)
        # The page asks for placeholders in place of a 404, which a browser would report as an error.
        missing = 200 if "placeholder" in request.args else 404
        answer = Response(served.data, mimetype=served.mime, status=200 if served.found else missing)
        return _fresh(answer, tag if served.found else None)

    add_parts(route, opened, workspace, page="benchmark", module="app.benchmark_parts")
    concept_media.register(route, opened, workspace)
    causes_media.register(route, opened, _own_request, workspace)

    @route("/runs/<path:rest>")
    def nothing(rest: str) -> Response:
        raise NotFoundError(f"There is nothing at /runs/{rest}")

    server.register_blueprint(routes)


def _fresh(answer: Response, tag: str | None) -> Response:
    """Kept by the browser, but shown only after asking: no fingerprint of a run covers its image files."""
    answer.headers["Cache-Control"] = "private, no-cache"
    if tag is not None:
        answer.set_etag(tag)
    return answer


def _plain_column(workspace: Workspace, run: Run, column: str) -> np.ndarray[Any, Any]:
    match column:
        case "study":
            return smallest(run.study)
        case "label":
            return smallest(run.label)
        case "prediction.plain" | "prediction.mc_mean":
            return smallest(workspace.judged(run, Judge(column.partition(".")[2])).prediction)
        case "trust":
            kind = _kind(request.args.get("projection", "pca"))
            return trust_codes(workspace, run, kind)
    raise NotFoundError(
        f"There is no column {column!r}",
        detail="Known: study, label, prediction.plain, prediction.mc_mean, trust.",
    )


def _kind(name: str) -> ProjectionKind:
    if name not in tuple(ProjectionKind):
        raise NotFoundError(f"There is no projection {name!r}", detail=f"Known: {', '.join(ProjectionKind)}.")
    return ProjectionKind(name)


def _loads(raw: str) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return raw


def _own_request() -> None:
    """Refuse what another site's page could send: it cannot set this header without asking first."""
    if request.headers.get(OWN_HEADER) != "1":
        raise NotFoundError("This address takes requests from the dashboard's own page only")


def _binary(array: np.ndarray[Any, Any]) -> Response:
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    content = little.data.cast("B") if little.size else b""
    return binary(little.tobytes(), f"{array.dtype.kind}{array.dtype.itemsize}", content)
