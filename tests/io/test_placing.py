"""Which csv belongs to which set: labels decide, circumstances are heard, doubt is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sfvisuals.io.config import RunConfig
from sfvisuals.io.notes import Notes
from sfvisuals.io.placing import Refusal, Sets, Tables, place, place_alone
from sfvisuals.types import Level

# Three sets of four samples each; the last one may be of a new class.
LABELS = ([0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 1, 0])
TRAIN = [1, 0, 0, 1, 0]
WORDS = ("benign", "malignant")
SAID = Path("config.yaml")
ENCODED = RunConfig(path=SAID, train_encodings=True, encodings_stated=True)
PLAIN = RunConfig(path=SAID, train_encodings=False, encodings_stated=True)


def sets(*, foreign: int | None = None, train_rows: int | None = None) -> Sets:
    return Sets(
        rows={index: np.arange(4 * index, 4 * index + 4) for index in range(3)},
        label=np.array(LABELS).ravel(),
        count=3,
        foreign=frozenset() if foreign is None else frozenset({foreign}),
        train_rows=train_rows,
    )


def table(labels: list[int] | None = None, *, words: bool = False, rows: int = 4) -> pd.DataFrame:
    """A csv as it is read: every column is text."""
    if labels is None:
        return pd.DataFrame({"filepath": [f"{row}.png" for row in range(rows)]})
    target = [WORDS[label] if words else str(label) for label in labels]
    return pd.DataFrame({"filepath": [f"{row}.png" for row in range(len(labels))], "target": target})


def numbered(*tables: pd.DataFrame) -> Tables:
    return dict(enumerate(tables))


def placed(tables: Tables, config: RunConfig, of: Sets) -> tuple[Refusal | None, list[int], Notes]:
    notes = Notes()
    refusal, found = place(tables, of, config, notes)
    return refusal, sorted(found), notes


def test_labels_that_are_words_confirm_the_match_where_they_map_one_to_one() -> None:
    refusal, found, notes = placed(numbered(*(table(s, words=True) for s in LABELS)), PLAIN, sets())
    assert (refusal, found, notes.problems) == (None, [0, 1, 2], [])


def test_a_word_that_means_another_label_in_another_set_is_a_contradiction() -> None:
    # Each csv alone maps one-to-one; together `benign` would be 0 and 1.
    swapped = [1 - label for label in LABELS[1]]
    tables = numbered(table(LABELS[0], words=True), table(swapped, words=True), table(LABELS[2], words=True))
    refusal, found, _ = placed(tables, PLAIN, sets())
    assert refusal is not None
    assert found == []
    assert "attributions1.csv (index 1) says 'benign' in row 0 where the outputs say 1" in refusal[0]
    assert "(4 of 12 rows contradict)" in refusal[0]


def test_two_words_for_one_label_are_a_contradiction() -> None:
    tables = numbered(*(table(s, words=True) for s in LABELS))
    tables[2].loc[3, "target"] = "harmless"
    refusal, _, _ = placed(tables, PLAIN, sets())
    assert refusal is not None
    assert "says 'harmless' in row 3 where the outputs say 0" in refusal[0]


def test_files_with_words_under_the_wrong_offset_are_refused_and_the_other_offset_is_named() -> None:
    # Files 0 to 2 are train, set 0 and set 1; the config denies that the training set was encoded.
    tables = numbered(*(table(s, words=True) for s in (TRAIN, LABELS[0], LABELS[1])))
    refusal, found, _ = placed(tables, PLAIN, sets())
    assert refusal is not None
    assert found == []
    assert "The config says compute_train_encodings: false" in refusal[0]
    assert "With the opposite setting all files would fit" in refusal[0]
    assert placed(tables, ENCODED, sets())[1] == [0, 1]


def test_without_a_config_the_refusal_does_not_say_what_a_config_says() -> None:
    tables = numbered(*(table(s) for s in (TRAIN, LABELS[0], LABELS[1])))
    refusal, _, _ = placed(tables, RunConfig(), sets())
    assert refusal is not None
    assert refusal[0].startswith("The run has no config, so attributions0.csv belongs to index 0")
    assert "hydra/config.yaml" in refusal[1]
    silent, _, _ = placed(tables, RunConfig(path=SAID), sets())
    assert silent is not None
    assert silent[0].startswith("The config does not say compute_train_encodings")


def test_a_new_class_set_has_words_of_its_own_for_the_same_numbers() -> None:
    foreign = table(LABELS[2], words=True).replace({"benign": "zero", "malignant": "one"})
    tables = numbered(table(LABELS[0], words=True), table(LABELS[1], words=True), foreign)
    assert placed(tables, PLAIN, sets(foreign=2))[0] is None
    assert placed(tables, PLAIN, sets())[0] is not None


def test_a_match_that_nothing_confirms_is_a_warning() -> None:
    # Five rows fit every set of four, shifted or not, and there is no label.
    tables = {number: table(rows=5) for number in (0, 1)}
    refusal, found, notes = placed(tables, RunConfig(), sets())
    (problem,) = notes.problems
    assert (refusal, found, problem.level) == (None, [0, 1], Level.WARNING)
    assert problem.title == "Images are matched by the numbers of their files alone"
    assert problem.detail.startswith("The run has no config, so attributions0.csv belongs to index 0.")


def test_labels_of_one_class_confirm_nothing() -> None:
    of = Sets({0: np.arange(4), 1: np.arange(4, 8), 2: np.arange(8, 12)}, np.zeros(12, np.int64), count=3)
    tables = {number: table([0] * 5) for number in (0, 1)}
    assert [p.level for p in placed(tables, PLAIN, of)[2].problems] == [Level.WARNING]


def test_a_number_of_rows_that_fits_one_offset_only_is_a_note() -> None:
    # Shifted, the four rows of attributions1 would be too few for set 0 with its six.
    of = Sets({0: np.arange(6), 1: np.arange(6, 10), 2: np.arange(10, 14)}, np.zeros(14, np.int64), count=3)
    tables = numbered(table(rows=6), table(rows=4), table(rows=4))
    assert [p.level for p in placed(tables, PLAIN, of)[2].problems] == [Level.INFO]


def test_an_encoded_training_set_has_as_many_rows_as_its_features() -> None:
    tables = numbered(table(rows=5), table(), table(), table())
    assert placed(tables, ENCODED, sets(train_rows=5))[1] == [0, 1, 2]
    refusal, found, _ = placed(tables, ENCODED, sets(train_rows=7))
    assert refusal is not None
    assert found == []
    assert "attributions0.csv has 5 rows, train_features 7" in refusal[0]


def test_a_first_csv_that_is_the_training_set_contradicts_files_that_are_not_shifted() -> None:
    tables = numbered(table(rows=7), table(rows=5))
    refusal, _, _ = placed(tables, PLAIN, sets(train_rows=7))
    assert refusal is not None
    assert "as many as train_features" in refusal[0]


def test_files_that_lack_the_last_set_alone_look_unshifted_unless_labels_say_otherwise() -> None:
    silent = numbered(table(rows=5), table(), table())
    refusal, _, _ = placed(silent, ENCODED, sets())
    assert refusal is not None
    assert "index 2, the last one, alone lacks a csv" in refusal[0]
    assert placed(silent, ENCODED, sets(train_rows=5))[1] == [0, 1]
    spoken = numbered(table(TRAIN), table(LABELS[0]), table(LABELS[1]))
    assert placed(spoken, ENCODED, sets())[1] == [0, 1]


@pytest.mark.parametrize(("rows", "level"), [(4, Level.INFO), (6, Level.WARNING)])
def test_a_lone_csv_without_labels_is_used_with_a_note(rows: int, level: Level) -> None:
    notes = Notes()
    of = Sets({0: np.arange(4)}, np.array(LABELS[0]), count=1)
    refusal, found = place_alone(table(rows=rows), of, notes)
    assert (refusal, list(found), [p.level for p in notes.problems]) == (None, [0], [level])
