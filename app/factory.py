"""Build one dashboard over one workspace. Two in one process do not meet."""

from __future__ import annotations

import re
from pathlib import Path

from dash import Dash
from flask import Flask
from flask_caching import Cache

from app import media, page, problems
from app.settings import Settings
from sfvisuals import __version__
from sfvisuals.workspace import Workspace

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="data:,">
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
@MODULES@
</body>
</html>"""
IMPORTS = re.compile(r'^(?:import|export) .*?"\./([\w-]+\.mjs)"', re.MULTILINE)


def assets_folder() -> Path:
    """assets/ inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "assets"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "assets"


def modules(entry: str = "main.mjs") -> tuple[str, ...]:
    """The entry and all modules imported with it, however deep, sorted; not those imported when asked for."""
    found: set[str] = set()
    left = [entry]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += IMPORTS.findall((assets_folder() / name).read_text(encoding="utf-8"))
    return tuple(sorted(found))


def create_workspace(settings: Settings) -> Workspace:
    """The workspace that those settings ask for."""
    return Workspace(
        settings.root,
        cache_dir=settings.cache_dir,
        data_roots=settings.data_roots,
        path_maps=settings.path_maps,
        describe=settings.describe,
    )


def create_app(settings: Settings, workspace: Workspace | None = None) -> Dash:
    """A Dash app over the folder of `settings`; its WSGI application is `.server`."""
    space = workspace or create_workspace(settings)
    server = Flask("sfvisuals")
    cache = Cache(
        server,
        config={
            "CACHE_TYPE": "FileSystemCache",
            "CACHE_DIR": str(settings.cache_dir / "answers" / __version__),
            "CACHE_THRESHOLD": 2_000,
            "CACHE_DEFAULT_TIMEOUT": 0,
        },
    )
    app = Dash(
        "sfvisuals",
        server=server,
        title="sfvisuals",
        update_title="",
        assets_folder=str(assets_folder()),
        assets_ignore=r".*\.mjs$",  # bridge.js imports them; a second tag would run them twice
        serve_locally=True,
        on_error=problems.show_in_page,
        include_pages_meta=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        enable_mcp=False,
    )
    # Fetched while the scripts above are evaluated; a module would else be asked for by the one before it.
    links = (f'<link rel="modulepreload" href="{app.get_asset_url(name)}">' for name in modules())
    app.index_string = INDEX.replace("@MODULES@", "\n".join(links))
    app.layout = page.layout()
    page.register(app, space, cache)
    media.register_media(server, space, cache)
    return app
