"""The look at a run's files is cheap, sees changes, and survives files that vanish under it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfvisuals.io.stamp import folder_stamp


def test_a_file_that_vanishes_between_the_listing_and_the_look_counts_as_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "kept.csv").write_text("a", encoding="utf-8")
    without = folder_stamp(run, root=tmp_path, describe=None)
    (run / "lost.csv").write_text("b", encoding="utf-8")
    is_file = Path.is_file

    def vanishing(self: Path, **options: bool) -> bool:
        there = is_file(self, **options)
        if self.name == "lost.csv":
            self.unlink(missing_ok=True)
        return there

    monkeypatch.setattr(Path, "is_file", vanishing)
    assert folder_stamp(run, root=tmp_path, describe=None) == without
