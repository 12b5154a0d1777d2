"""docs/data-format.md says what the schemas say, and its examples work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from own_runs import opened
from sfvisuals.io.schema_docs import page
from sfvisuals.io.schema_texts import EXAMPLE_CALL, EXAMPLE_DOCUMENT, EXAMPLE_SIDECAR
from sfvisuals.io.schemas import schema


def test_the_committed_page_is_what_the_schemas_give(repository: Path) -> None:
    committed = (repository / "docs" / "data-format.md").read_text(encoding="utf-8")
    assert committed == page(), "write it anew: python -m sfvisuals.io.schema_docs"


def test_every_key_and_column_and_array_is_on_the_page() -> None:
    text = page()
    for name in ("run", "samples", "arrays", "sidecar"):
        for key in schema(name)["properties"]:
            assert f"`{key}`" in text


def test_the_example_call_writes_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLE_CALL, "docs/data-format.md", "exec"), {})
    run = opened(tmp_path / "my-run")
    assert (run.n, run.n_classes, run.latent_dim) == (180, 2, 64)
    assert [score.name for score in run.given_scores] == ["distance"]
    assert run.problems == ()


def test_the_example_documents_are_valid() -> None:
    Draft202012Validator(schema("run")).validate(json.loads(json.dumps(EXAMPLE_DOCUMENT)))
    Draft202012Validator(schema("sidecar")).validate(yaml.safe_load(EXAMPLE_SIDECAR))


@pytest.mark.parametrize("name", ["run", "samples", "arrays", "sidecar"])
def test_every_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
