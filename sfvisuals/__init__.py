"""Silent failures of medical image classifiers: reading experiments, scores, projections, concepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfvisuals.lazy import exports

if TYPE_CHECKING:
    from sfvisuals.io import discover as discover
    from sfvisuals.io import read_run as read_run
    from sfvisuals.io.own_arguments import ScoreColumn as ScoreColumn
    from sfvisuals.io.own_write import write_run as write_run

__version__ = "0.1.0"

# Looked up on first use, so that `import sfvisuals` (and with it `sfvisuals --help`) stays fast.
EXPORTS = {
    "ScoreColumn": "sfvisuals.io.own_arguments",
    "discover": "sfvisuals.io",
    "read_run": "sfvisuals.io",
    "write_run": "sfvisuals.io.own_write",
}

__getattr__, __dir__ = exports(globals(), EXPORTS)
