"""WSGI entry for several workers: `gunicorn app.wsgi:server` with SFVISUALS_ROOT set."""

from __future__ import annotations

from app.factory import create_app
from app.settings import settings_from_environment

app = create_app(settings_from_environment())
server = app.server
