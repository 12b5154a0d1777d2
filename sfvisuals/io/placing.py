"""Which attributions csv belongs to which set: ONE offset per run, believed as far as the data confirm it.

Evidence, strongest first:

- Labels. A numeric label column must equal the set's labels row by row. A column of words must map one-to-one
  to the labels, over all sets together (a new-class set by itself, since its labels are those of another data
  set). Anything else is a contradiction. Labels of at least two classes that agree, where the other offset
  does not, confirm the match.
- Rows. A csv never has fewer rows than its set, and none is numbered beyond the last set.
- Circumstances, heard where labels do not decide: attributions0 of an encoded training set has as many rows
  as train_features; where exactly the last index lacks a csv the files look as if they were not shifted.

A match that contradicts nothing but is confirmed by nothing either is used with a warning.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sfvisuals.io.config import RunConfig
from sfvisuals.io.notes import Notes
from sfvisuals.types import Rows

LABEL_COLUMNS = ("target", "label")
COPY = "Copy config, outputs and attributions from one and the same run."
BY_NUMBER = "Images are matched by the numbers of their files alone"

Tables = dict[int, pd.DataFrame]
Refusal = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Sets:
    """The sets of the outputs.

    Attributes:
        rows: dataset index -> rows of the run, for sets that have samples.
        label: (N,) labels of the run.
        count: number of sets, those without samples included.
        foreign: indices of the new-class sets.
        train_rows: rows of train_features, or None.
    """

    rows: dict[int, Rows]
    label: Rows
    count: int
    foreign: frozenset[int] = frozenset()
    train_rows: int | None = None


@dataclass
class _Verdict:
    """What the data say about one offset: contradictions, and the labels that were seen to agree."""

    against: list[str] = field(default_factory=list)
    agreed: set[int] = field(default_factory=set)

    @property
    def confirmed(self) -> bool:
        """True where labels of at least two classes agree and nothing speaks against it."""
        return not self.against and len(self.agreed) > 1


def place(numbered: Tables, sets: Sets, config: RunConfig, notes: Notes) -> tuple[Refusal | None, Tables]:
    """Dataset index -> its csv, or the (detail, hint) of why there is none."""
    offset = int(config.train_encodings)
    here, there = _verdict(numbered, sets, offset), _verdict(numbered, sets, 1 - offset)
    decided = here.confirmed and not there.confirmed
    against = here.against or ([] if decided else _circumstances(numbered, sets, offset))
    other_decided = there.confirmed and not here.confirmed
    elsewhere = there.against or ([] if other_decided else _circumstances(numbered, sets, 1 - offset))
    if against:
        return _refusal(config, against, other_fits=not elsewhere), {}
    if not decided and not (here.confirmed and elsewhere):
        _note_unconfirmed(config, elsewhere, notes)
    return None, {number - offset: t for number, t in numbered.items() if number - offset in sets.rows}


def place_alone(table: pd.DataFrame, sets: Sets, notes: Notes) -> tuple[Refusal | None, Tables]:
    """Where a lone attributions.csv belongs."""
    name, n = "attributions.csv", sets.label.shape[0]
    if len(sets.rows) == 1:
        index = next(iter(sets.rows))
        verdict = _verdict({index: table}, sets, 0, names={index: name})
        if verdict.against:
            return (verdict.against[0], "Copy the file from the same run."), {}
        if not verdict.confirmed:
            note = notes.info if len(table) == n else notes.warning
            note(
                "Images are matched by the name of their file alone",
                f"{name} has {len(table)} rows for {n} samples, and no labels that could confirm the match.",
            )
        return None, {index: table}
    whole = Sets({0: np.arange(n, dtype=np.int64)}, sets.label, count=1)
    if len(table) == n and _verdict({0: table}, whole, 0).confirmed:
        return None, {index: table.iloc[members] for index, members in sets.rows.items()}
    return (
        f"{name} has {len(table)} rows and the run has {len(sets.rows)} sets with {n}"
        " samples, so it does not say which set it belongs to.",
        "Name the csv of each set attributions0.csv, attributions1.csv, ...",
    ), {}


def label_column(table: pd.DataFrame) -> str | None:
    """The column that holds the labels, or None."""
    return next((column for column in LABEL_COLUMNS if column in table.columns), None)


def _verdict(numbered: Tables, sets: Sets, offset: int, *, names: dict[int, str] | None = None) -> _Verdict:
    """Every contradiction between the csvs and the outputs under that offset, and the labels that agree."""
    verdict = _Verdict()
    words: dict[str, list[pd.DataFrame]] = {}
    matched = 0
    for number, table in sorted(numbered.items()):
        index = number - offset
        name = (names or {}).get(number, f"attributions{number}.csv")
        if index >= sets.count:
            verdict.against.append(
                f"{name} would belong to index {index}, and the last one is {sets.count - 1}"
            )
        elif index in sets.rows:
            matched += 1
            group = name if index in sets.foreign else ""
            said = _compare(name, index, table, sets.label[sets.rows[index]], verdict)
            words.setdefault(group, []).extend(said)
    for tables in words.values():
        _compare_words(tables, verdict)
    if not matched and not verdict.against:
        verdict.against.append("no csv belongs to any set")
    return verdict


def _compare(
    name: str, index: int, table: pd.DataFrame, label: Rows, verdict: _Verdict
) -> list[pd.DataFrame]:
    """Hold rows and numeric labels of one csv to its set; labels that are words are returned for later."""
    n = label.shape[0]
    if len(table) < n:
        verdict.against.append(f"{name} has {len(table)} rows for {n} samples (index {index})")
        return []
    column = label_column(table)
    if column is None or n == 0:
        return []
    given = table[column].iloc[:n]
    numbers = pd.to_numeric(given, errors="coerce").to_numpy(np.float64)
    if given.isna().all():
        return []
    if np.isnan(numbers).all():
        place = f"{name} (index {index})"
        return [
            pd.DataFrame({"word": given.to_numpy(object), "label": label, "name": place, "row": range(n)})
        ]
    differs = np.flatnonzero(numbers != label)
    if differs.size:
        row = int(differs[0])
        verdict.against.append(
            f"{name} says {column} {given.iloc[row]} in row {row} where the outputs say {label[row]}"
            f" ({differs.size} of {n} rows differ) (index {index})"
        )
    else:
        verdict.agreed.update(np.unique(label).tolist())
    return []


def _compare_words(tables: list[pd.DataFrame], verdict: _Verdict) -> None:
    """Labels that are words must map one-to-one to those of the outputs."""
    if not tables:
        return
    table = pd.concat(tables, ignore_index=True)
    table["word"] = table["word"].astype(object).where(table["word"].notna(), "")
    for key, value in (("word", "label"), ("label", "word")):
        usual = table.groupby(key, sort=False)[value].transform("first")
        differs = np.flatnonzero((usual != table[value]).to_numpy(bool))
        if differs.size:
            at, before = table.iloc[int(differs[0])], usual.iloc[int(differs[0])]
            verdict.against.append(
                f"{at['name']} says {at['word'] or 'nothing'!r} in row {at['row']} where the outputs say"
                f" {at['label']}, but {at[key]} goes with {before} before"
                f" ({differs.size} of {len(table)} rows contradict)"
            )
            return
    verdict.agreed.update(table["label"].unique().tolist())


def _circumstances(numbered: Tables, sets: Sets, offset: int) -> list[str]:
    """What speaks against an offset without being proof."""
    first = len(numbered[0]) if 0 in numbered else None
    if first is not None and sets.train_rows is not None:
        fits_train = first == sets.train_rows
        if offset and not fits_train:
            return [f"attributions0.csv has {first} rows, train_features {sets.train_rows}"]
        if not offset and fits_train and first != sets.rows.get(0, np.empty(0)).size:
            return [f"attributions0.csv has {first} rows, as many as train_features and not as index 0"]
        if offset:
            return []
    covered = {number - offset for number in numbered if 0 <= number - offset < sets.count}
    if offset and len(covered) == sets.count - 1 and sets.count - 1 not in covered:
        return [
            f"index {sets.count - 1}, the last one, alone lacks a csv, as if the files began with index 0"
        ]
    return []


def _says(config: RunConfig) -> str:
    number = int(config.train_encodings)
    so = f"so attributions{number}.csv belongs to index 0"
    if config.encodings_stated:
        return f"The config says compute_train_encodings: {'true' if number else 'false'}, {so}"
    if config.path is None:
        return f"The run has no config, {so}"
    return f"The config does not say compute_train_encodings, {so}"


def _refusal(config: RunConfig, against: list[str], *, other_fits: bool) -> Refusal:
    detail = f"{_says(config)}, but the data disagree: {'; '.join(against[:3])}"
    detail += f" and {len(against) - 3} more." if len(against) > 3 else "."
    if not other_fits:
        return detail, COPY
    other = "false" if config.train_encodings else "true"
    if config.path is None:
        detail += " With the training set as attributions0.csv all files would fit."
        return detail, (
            "Copy hydra/config.yaml of the experiment, or write one with"
            f" `test: {{compute_train_encodings: {other}}}`."
        )
    return (
        f"{detail} With the opposite setting all files would fit.",
        f"If the config is wrong, set test.compute_train_encodings: {other} in it.",
    )


def _note_unconfirmed(config: RunConfig, elsewhere: list[str], notes: Notes) -> None:
    detail = "The attribution files have no labels of several classes that could confirm the match."
    if elsewhere:
        notes.info(BY_NUMBER, f"{detail} Numbered otherwise they would not fit: {elsewhere[0]}.")
        return
    notes.warning(
        BY_NUMBER,
        f"{_says(config)}. Nothing in the data confirms it: numbered otherwise the files would fit as well,"
        " and then every image shown would be that of another sample.",
        "Compare a few images with their labels; a column target in the csv files lets the tool do so.",
    )
