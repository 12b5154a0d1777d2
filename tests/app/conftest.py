"""A dashboard over the digits demo, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.factory import create_app, create_workspace
from app.settings import Settings, checked_settings
from sfvisuals.demo.digits import build_digits
from sfvisuals.types import Run
from sfvisuals.workspace import Workspace


@pytest.fixture(scope="session")
def digits_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("digits-root")
    build_digits(root / "digits")
    return root


@pytest.fixture(scope="session")
def settings(digits_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return checked_settings(digits_root, cache_dir=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def workspace(settings: Settings) -> Workspace:
    return create_workspace(settings)


@pytest.fixture(scope="session")
def run(workspace: Workspace) -> Run:
    return workspace.run("digits")


@pytest.fixture(scope="session")
def client(settings: Settings, workspace: Workspace) -> FlaskClient:
    return create_app(settings, workspace).server.test_client()
