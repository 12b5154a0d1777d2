"""Answers over HTTP: JSON and binary with an ETag, and what a part of the page "Benchmark" answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request

from sfvisuals.benchmark.records import Report, silent
from sfvisuals.errors import NotFoundError

YEAR = 31_536_000


@dataclass(frozen=True, eq=False)
class Answer:
    """A part of the page.

    Attributes:
        tree: components that assets/plain.mjs puts onto the page.
        figures: plotly figures as dictionaries, by the `data-chart` of their place in the tree.
        facts: what else the browser's code needs.
    """

    tree: Any
    figures: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


class Asked:
    """The query of an address: each value is parsed as hostile and refused in words.

    `report` is told how far a long computation is.
    """

    def __init__(self, values: Mapping[str, str], *, report: Report = silent) -> None:
        self._values = values
        self.report = report

    def text(self, name: str, default: str = "") -> str:
        """As it stands."""
        return self._values.get(name) or default

    def names(self, name: str) -> tuple[str, ...]:
        """A JSON list of texts (a name may hold any character), in order, each once."""
        try:
            listed = json.loads(self.text(name, "[]"))
        except (ValueError, RecursionError):
            listed = None
        if not isinstance(listed, list) or not all(isinstance(part, str) for part in listed):
            raise NotFoundError(
                f"`{name}` is no list of names",
                detail=f"Found {self.text(name)[:40]!r}; expected a JSON list of texts.",
            )
        return tuple(dict.fromkeys(listed))

    def one_of(self, name: str, known: Sequence[str]) -> str:
        """One of these words, the first by default; refused where it is none."""
        word = self.text(name, known[0])
        if word not in known:
            raise NotFoundError(f"There is no {name} {word[:40]!r}", detail=f"Known: {', '.join(known)}.")
        return word

    def share(self, name: str, default: float) -> float:
        """A number strictly between 0 and 1."""
        raw = self._values.get(name)
        if raw is None:
            return default
        try:
            value = float(raw)
        except ValueError:
            value = -1.0
        if not 0 < value < 1:
            raise NotFoundError(f"`{name}` is no number between 0 and 1", detail=f"Found {raw[:40]!r}.")
        return value

    def target(self) -> int:
        """Target coverage in 1/1000."""
        raw = self.text("target", "950")
        if not raw.isdecimal() or len(raw) > 4 or int(raw) > 1000:
            raise NotFoundError("`target` is no whole number from 0 to 1000", detail=f"Found {raw[:40]!r}.")
        return int(raw)


def binary(content: bytes, dtype: str, view: Any) -> Response:
    """Bytes of an array, its dtype in the header."""
    answer = Response(content, mimetype="application/octet-stream")
    answer.headers["X-Dtype"] = dtype
    return conditional(answer, view)


def json_answer(meta: Any, *, lasting: bool = True, default: Any = None) -> Response:
    """JSON; `lasting` False makes the browser ask each time, since other runs or settings are in it."""
    text = json.dumps(meta, allow_nan=False, default=default).encode()
    return conditional(Response(text, mimetype="application/json"), text, lasting=lasting)


def conditional(answer: Response, content: Any, *, lasting: bool = True) -> Response:
    """ETag by content; addresses that carry the run's fingerprint may be kept for good."""
    answer.set_etag(hashlib.blake2b(content, digest_size=16).hexdigest())
    kept = lasting and "v" in request.args
    answer.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable" if kept else "no-cache"
    answer.make_conditional(request)
    return answer
