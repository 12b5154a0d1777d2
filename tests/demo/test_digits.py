"""The built-in demo: a real experiment, made in seconds, that has something to find."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from sfvisuals.demo.corruptions import faint, motion, noise, thick
from sfvisuals.demo.digits import all_parts, build_digits, ensure_digits
from sfvisuals.errors import SettingsError
from sfvisuals.io import discover, read_run
from sfvisuals.types import Run, StudyKind

ONE_DOT = np.zeros((1, 3, 7))
ONE_DOT[0, 1, 3] = 1.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure_digits(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    (ref,) = discover(folder)
    return read_run(ref)


def test_it_is_made_once_and_found_again(tmp_path: Path) -> None:
    first = ensure_digits(tmp_path)
    stamp = (first / "run.json").stat().st_mtime_ns
    assert ensure_digits(tmp_path) == first
    assert (first / "run.json").stat().st_mtime_ns == stamp
    assert [p.name for p in first.parent.iterdir()] == ["digits"], "nothing half-made is left"
    assert ensure_digits(tmp_path, seed=1) != first


def test_it_reads_back_without_a_warning_and_with_everything_a_score_may_need(run: Run) -> None:
    assert run.problems == ()
    assert run.n == 300 + 443 + 3 * 5 * 240 + 443 + 354
    assert run.classes == tuple(f"digit {number}" for number in range(8))
    assert [str(study.kind) for study in run.studies] == [
        *("validation", "iid", "corruption", "corruption", "corruption", "acquisition", "new_class"),
    ]
    assert (run.mc_passes, run.latent_dim, run.external_name) == (10, 32, "tcp")
    assert run.train_latents is not None
    assert run.train_latents.shape == (700, 32)


def test_outputs_are_what_the_last_layer_makes_of_the_latents(run: Run) -> None:
    assert run.last_layer is not None
    assert run.latents is not None
    weights, biases = run.last_layer
    np.testing.assert_allclose(run.latents @ weights.T + biases, run.logits, rtol=0, atol=1e-4)


def test_the_network_has_learned_and_the_new_digits_defeat_it(run: Run) -> None:
    assert run.logits is not None
    failed = run.failure(run.logits.argmax(axis=1))
    assert failed[run.rows_of("digits")].mean() < 0.05
    assert failed[run.rows_of("eight_nine")].all()
    assert set(run.label[run.rows_of("eight_nine")].tolist()) == {8, 9}
    strongest = run.rows_of("motion")[run.severity[run.rows_of("motion")] == 5]
    assert failed[strongest].mean() > 0.25


def test_a_corrupted_sample_knows_its_source_drawing(run: Run) -> None:
    rows = np.flatnonzero(run.corruption >= 0)
    assert rows.size == 3 * 5 * 240
    assert set(run.severity[rows].tolist()) == {1, 2, 3, 4, 5}
    sources = run.source_row[rows]
    assert np.all(run.study[sources] == [s.kind for s in run.studies].index(StudyKind.IID))
    assert np.array_equal(run.label[sources], run.label[rows])
    drawing = run.metadata["drawing"]
    assert drawing.iloc[sources].tolist() == drawing.iloc[rows].tolist()


def test_the_image_beside_a_row_is_what_the_network_saw(run: Run, folder: Path) -> None:
    assert run.image is not None
    original = load_digits().images / 16.0
    for row in run.rows_of("digits")[[0, 1, 200, 442]]:
        number = int(run.metadata["drawing"].iloc[row].removeprefix("drawing "))
        expected = np.kron(np.rint(original[number] * 255), np.ones((4, 4)))
        with Image.open(folder / run.image.iloc[row]) as image:
            assert np.array_equal(np.asarray(image), expected)


def test_no_drawing_is_both_trained_or_validated_and_tested(run: Run) -> None:
    drawing = run.metadata["drawing"]
    validated = set(drawing.iloc[run.rows_of("validation")])
    tested = set(drawing.iloc[run.rows_of("digits")])
    assert validated.isdisjoint(tested)
    assert len(validated) + len(tested) + 700 == int((load_digits().target < 8).sum())


def test_the_same_seed_gives_the_same_samples(tmp_path: Path) -> None:
    digits = load_digits()
    ink, labels, rest = digits.images / 16.0, digits.target, np.arange(900)
    one = all_parts(ink, labels, rest, np.random.default_rng(3))
    two = all_parts(ink, labels, rest, np.random.default_rng(3))
    assert all(np.array_equal(a.images, b.images) for a, b in zip(one, two, strict=True))


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(SettingsError, match="is there already"):
        build_digits(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def unwritable(folder: Path) -> list[Path]:
    """Places where nobody may write, root included: below a file, with too long a name, in /proc."""
    (folder / "file").write_text("mine")
    places = [folder / "file/demo", folder / ("x" * 300)]
    return [*places, Path("/proc/x"), Path("/proc/x/y")] if Path("/proc/self").exists() else places


def test_where_the_demo_cannot_be_written_it_says_so_at_once_and_how_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfvisuals.demo.digits.train", lambda *_, **__: pytest.fail("trained in vain"))
    for place in unwritable(tmp_path):
        for make in (build_digits, ensure_digits):
            with pytest.raises(SettingsError, match="Cannot write the demo into") as caught:
                make(place)
            assert str(place) in caught.value.title
            assert caught.value.detail
            assert "--out" in caught.value.hint
            assert "--cache-dir" in caught.value.hint


def test_a_disk_that_fills_up_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sfvisuals.demo.digits.write_images", full)
    with pytest.raises(SettingsError) as caught:
        build_digits(tmp_path / "demo")
    assert "No space left on device" in caught.value.detail
    assert list(tmp_path.iterdir()) == []


def test_faint_ink_at_severity_five_keeps_fifteen_percent() -> None:
    assert faint(ONE_DOT, 5, np.random.default_rng(0)).max() == pytest.approx(0.15)


def test_motion_of_severity_two_spreads_a_dot_over_three_pixels_around_it() -> None:
    blurred = motion(ONE_DOT, 2, np.random.default_rng(0))
    np.testing.assert_allclose(blurred[0, 1], [0, 0, 1 / 3, 1 / 3, 1 / 3, 0, 0])
    assert blurred[0, 0].max() == 0


def test_motion_of_severity_one_spreads_a_dot_to_the_right() -> None:
    np.testing.assert_allclose(motion(ONE_DOT, 1, np.random.default_rng(0))[0, 1], [0, 0, 0, 0.5, 0.5, 0, 0])


def test_noise_has_the_stated_width_and_stays_in_range() -> None:
    grey = np.full((50, 30, 30), 0.5)
    assert np.std(noise(grey, 1, np.random.default_rng(0))) == pytest.approx(0.1, rel=0.01)
    strong = noise(grey, 5, np.random.default_rng(0))
    assert (strong.min(), strong.max()) == (0.0, 1.0)


def test_a_thicker_pen_makes_a_dot_a_square() -> None:
    assert np.argwhere(thick(ONE_DOT)[0] == 1.0).tolist() == [[0, 2], [0, 3], [1, 2], [1, 3]]
