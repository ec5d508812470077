"""What is read from a project's file is checked: hostile rows are damage, told in a sentence, never a crash."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain import (
    CleanUp,
    CleanUpKind,
    Decision,
    ImageRef,
    MaskRef,
    MaskSource,
    Pair,
    Placement,
    Prediction,
    Reconciliation,
    Stroke,
)
from core.edits import (
    AddPair,
    Initiator,
    SetPrediction,
    SetReconciliation,
    SetReview,
    SetThreshold,
    cleaned_up,
    painted,
    placed,
)
from core.errors import StorageProblem
from core.store.base import Store
from core.store.opening import open_project
from core.store.plan import search_key

IMAGE = ImageRef("/photos/new.jpg", "1" * 64, 60, 40)
ASK: dict[str, Callable[[Store], object]] = {
    "pairs": lambda store: store.pairs([1]),
    "summaries": lambda store: store.summaries([1]),
    "counts": lambda store: store.counts(),
    "journal": lambda store: store.journal(),
    "history": lambda store: store.journal(pair_id=1, newest=5),
    "statistics": lambda store: store.statistics(),
    "settled": lambda store: store.settled_cuts("0" * 12, 9),
    "runs": lambda store: store.runs(),
    "add": lambda store: store.apply([AddPair(Pair(0, "new", IMAGE, None))], Initiator("Anna")),
    "start": lambda store: store.start_run("reconcile", "pawtrait", "{}", "Anna"),
}


def tamper(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "project.sqlite")) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    ("statement", "asked"),
    [
        ("UPDATE pairs SET decision = 'perhaps'", "pairs"),
        ("UPDATE pairs SET decision = 'perhaps'", "summaries"),
        ("UPDATE pairs SET decision = 'perhaps'", "counts"),
        ("UPDATE pairs SET decision = 'perhaps'", "statistics"),
        ("UPDATE pairs SET reject_reason = 'mood'", "pairs"),
        ("UPDATE pairs SET reject_reason = 'mood'", "summaries"),
        ("UPDATE pairs SET reject_reason = 'mood'", "statistics"),
        ("UPDATE pairs SET original_width = 'wide'", "pairs"),
        ("UPDATE pairs SET original_width = 'wide'", "summaries"),
        ("UPDATE pairs SET designer_sha256 = NULL", "pairs"),
        ("UPDATE pairs SET confidence = 'high'", "pairs"),
        ("UPDATE pairs SET confidence = 'high'", "summaries"),
        ("UPDATE pairs SET confidence = 'high'", "statistics"),
        ("UPDATE pairs SET confidence = 9e999", "statistics"),
        ("UPDATE pairs SET original_height = 0", "pairs"),
        ("UPDATE pairs SET designer_width = 9223372036854775807", "pairs"),
        ("UPDATE pairs SET confidence = 1.5", "pairs"),
        ("UPDATE pairs SET confidence = 9e999", "pairs"),
        ("UPDATE pairs SET scale = 9e999", "pairs"),
        ("UPDATE pairs SET scale = -1", "pairs"),
        ("UPDATE pairs SET tx = NULL WHERE id = 1", "pairs"),
        ("UPDATE pairs SET mask_width = 'wide' WHERE id = 1", "pairs"),
        ("UPDATE pairs SET footprint_sha256 = 'ab', footprint_width = 60 WHERE id = 1", "pairs"),
        ("UPDATE pairs SET painted_sha256 = 'ab', painted_width = 'wide', painted_height = 40 WHERE id = 1", "pairs"),
        ("UPDATE pairs SET quality = 'good'", "pairs"),
        ("UPDATE pairs SET name = x'ff' WHERE id = 1", "pairs"),
        ("UPDATE pairs SET comment = CAST(x'ff' AS TEXT)", "pairs"),
        ("UPDATE journal_edits SET after = NULL WHERE kind = 'add_pair'", "journal"),
        ("UPDATE journal_edits SET after = '{'", "journal"),
        ("UPDATE journal_edits SET after = '{}' WHERE kind = 'add_pair'", "history"),
        ("UPDATE journal_edits SET before = '[1]' WHERE kind = 'set_review'", "journal"),
        ("UPDATE journal_edits SET before = NULL WHERE kind = 'set_review'", "journal"),
        ("UPDATE journal_edits SET after = replace(after, '0.75', '75') WHERE kind = 'set_reconciliation'", "journal"),
        (
            "UPDATE journal_edits SET after = replace(after, '\"footprint\":null', '\"footprint\":7') "
            "WHERE kind = 'set_reconciliation'",
            "journal",
        ),
        ("UPDATE journal_edits SET after = x'00ff'", "journal"),
        ("UPDATE journal_edits SET kind = 'paint'", "journal"),
        ("UPDATE journal_edits SET decision = 'perhaps' WHERE decision IS NOT NULL", "statistics"),
        ("UPDATE journal SET kind = 'dance'", "journal"),
        ("UPDATE journal SET kind = 'dance'", "statistics"),
        ("UPDATE journal SET origin = 'elsewhere'", "journal"),
        ("UPDATE journal SET origin = 'elsewhere'", "statistics"),
        ("UPDATE journal SET seconds = 'long'", "journal"),
        ("UPDATE journal SET seconds = 'long'", "statistics"),
        ("UPDATE pairs SET decided_source = 'elsewhere'", "pairs"),
        ("UPDATE pairs SET decided_source = 'elsewhere'", "statistics"),
        ("UPDATE runs SET failures = '{'", "runs"),
        ("UPDATE runs SET failures = '[1]'", "runs"),
        ("UPDATE runs SET failures = x'ff'", "runs"),
        ("UPDATE runs SET pairs_done = 'many'", "runs"),
        ("UPDATE runs SET id = 9223372036854775807", "start"),
        ("UPDATE journal SET revision = 9223372036854775807 WHERE revision = 3", "add"),
        ("UPDATE journal_edits SET pair_id = 9223372036854775807", "add"),
        ("UPDATE journal_edits SET pair_id = 'first'", "add"),
    ],
)
def test_hostile_rows_are_damage(folder: Path, statement: str, asked: str) -> None:
    tamper(folder, statement)
    store = open_project(folder, "Anna")
    try:
        with pytest.raises(StorageProblem, match="damaged") as caught:
            ASK[asked](store)
        assert "backup" in caught.value.remedy
        assert caught.value.message.endswith(".")
    finally:
        store.close()


SAID = Prediction(
    "pawtrait",
    "0" * 12,
    MaskRef("1" * 64, 60, 40),
    0.5,
    (0.25, 0.625),
    0.9,
    1.0,
    "Clear.",
    0.125,
    portraits=((1, 2, 60, 40),),
)


@pytest.mark.parametrize(
    ("statement", "asked"),
    [
        ("UPDATE pairs SET threshold = 1.5", "pairs"),
        ("UPDATE pairs SET threshold = 9e999", "pairs"),
        ("UPDATE pairs SET threshold = NULL", "pairs"),
        ("UPDATE pairs SET threshold = 'nan'", "pairs"),
        ("UPDATE pairs SET threshold_low = 0.75", "pairs"),
        ("UPDATE pairs SET threshold_high = -9e999", "pairs"),
        ("UPDATE pairs SET chosen_threshold = -0.1", "pairs"),
        ("UPDATE pairs SET expected_iou = 2", "pairs"),
        ("UPDATE pairs SET threshold_moved = 9e999", "pairs"),
        ("UPDATE pairs SET threshold_moved = NULL", "pairs"),
        ("UPDATE pairs SET chosen_threshold = 7", "settled"),
        ("UPDATE pairs SET threshold_moved = -9e999", "settled"),
        ("UPDATE pairs SET expected_iou = 'good'", "summaries"),
        ("UPDATE pairs SET found = 'yes'", "summaries"),
        ("UPDATE pairs SET found = 1.01", "pairs"),
        ("UPDATE pairs SET map_width = 0", "pairs"),
        ("UPDATE pairs SET map_sha256 = NULL", "pairs"),
        ("UPDATE pairs SET portraits = NULL", "pairs"),
        ("UPDATE pairs SET portraits = '{'", "pairs"),
        ("UPDATE pairs SET portraits = '[[1, 2, 3]]'", "pairs"),
        ("UPDATE pairs SET portraits = '[[1, 2, 1, 40]]'", "pairs"),
        ("UPDATE pairs SET portraits = '[[1, 2, 61, 40]]'", "pairs"),
        ("UPDATE pairs SET portraits = '[[-1, 2, 60, 40]]'", "pairs"),
        ("UPDATE pairs SET portraits = replace(hex(zeroblob(50000)), '00', '[')", "pairs"),
        ("UPDATE pairs SET portrait = 1", "pairs"),
        ("UPDATE pairs SET prediction_seconds = 'long'", "pairs"),
        ("UPDATE journal_edits SET after = replace(after, '0.625', 'NaN') WHERE kind = 'set_prediction'", "journal"),
        ("UPDATE journal_edits SET after = replace(after, '0.625', '7') WHERE kind = 'set_prediction'", "journal"),
        ("UPDATE journal_edits SET after = '1.5' WHERE kind = 'set_threshold'", "journal"),
        ("UPDATE journal_edits SET before = 'NaN' WHERE kind = 'set_threshold'", "journal"),
        ("UPDATE journal_edits SET after = '[0.5]' WHERE kind = 'set_threshold'", "history"),
    ],
)
def test_hostile_predictions_are_damage(folder: Path, statement: str, asked: str) -> None:
    store = open_project(folder, "Anna")
    store.apply([SetPrediction(1, None, SAID), SetThreshold(1, None, 0.75)], Initiator("Anna"))
    about = replace(store.pairs([1])[0].review, source=MaskSource.PREDICTION)
    store.apply([SetReview(1, store.pairs([1])[0].review, about)], Initiator("Anna"))
    assert store.pairs([1])[0].prediction == replace(SAID, chosen=0.75)
    store.close()
    tamper(folder, statement + (" WHERE id = 1" if "UPDATE pairs" in statement else ""))
    store = open_project(folder, "Anna")
    try:
        with pytest.raises(StorageProblem, match="damaged"):
            ASK[asked](store)
    finally:
        store.close()


HERE = Placement(1.25, 0.0, False, 0.0, 0.0)
FOUND = Reconciliation("pawtrait", HERE, 0.9, "Clear.", 0.5)
STROKE = Stroke(2, 3, MaskRef("2" * 64, 4, 8), "brush")


@pytest.mark.parametrize(
    ("statement", "asked"),
    [
        ("UPDATE pairs SET recipe = '{'", "pairs"),
        ("UPDATE pairs SET recipe = '{}'", "pairs"),
        ("UPDATE pairs SET recipe = '7'", "pairs"),
        ("UPDATE pairs SET recipe = replace(hex(zeroblob(50000)), '00', '[')", "pairs"),
        ("UPDATE pairs SET recipe = replace(recipe, 'reconciliation', 'recipe')", "pairs"),
        ("UPDATE pairs SET recipe = replace(recipe, '\"left\":2', '\"left\":57')", "pairs"),
        ("UPDATE pairs SET recipe = replace(recipe, '\"left\":2', '\"left\":-1')", "pairs"),
        ("UPDATE pairs SET recipe = replace(recipe, '\"height\":8', '\"height\":7')", "pairs"),
        ("UPDATE pairs SET recipe = replace(recipe, '2.5', 'NaN')", "pairs"),
        ("UPDATE pairs SET recipe = replace(recipe, '2.5', '-1')", "pairs"),
        ("UPDATE pairs SET recipe = replace(recipe, 'grow', 'melt')", "pairs"),
        ("UPDATE pairs SET recipe_base = 'elsewhere'", "statistics"),
        ("UPDATE pairs SET mask_placement = '{'", "pairs"),
        ("UPDATE pairs SET mask_placement = replace(mask_placement, '1.5', '0')", "pairs"),
        ("UPDATE pairs SET mask_placement = replace(mask_placement, '1.5', '1e999')", "pairs"),
        ("UPDATE journal_edits SET after = '[0]' WHERE kind = 'add_stroke'", "journal"),
        ("UPDATE journal_edits SET after = NULL WHERE kind = 'add_stroke'", "journal"),
        (
            "UPDATE journal_edits SET after = replace(after, '\"top\":3', '\"top\":-3') WHERE kind = 'add_stroke'",
            "journal",
        ),
        ("UPDATE journal_edits SET after = replace(after, '2.5', '-1') WHERE kind = 'set_clean_up'", "journal"),
        ("UPDATE journal_edits SET before = NULL WHERE kind = 'set_clean_up'", "journal"),
        ("UPDATE journal_edits SET after = '{}' WHERE kind = 'set_recipe'", "history"),
        ("UPDATE journal_edits SET after = replace(after, '1.5', '-1') WHERE kind = 'move_placement'", "journal"),
        ("UPDATE journal_edits SET before = NULL WHERE kind = 'move_placement'", "journal"),
    ],
)
def test_hostile_recipes_are_damage(folder: Path, statement: str, asked: str) -> None:
    store = open_project(folder, "Anna")
    found = replace(store.pairs([1])[0].reconciliation or FOUND, placement=HERE)
    store.apply([SetReconciliation(1, store.pairs([1])[0].reconciliation, found)], Initiator("Anna"))
    for gesture in (
        lambda pair: placed(pair, replace(HERE, scale=2.0)),
        lambda pair: placed(pair, replace(HERE, scale=1.5)),
        lambda pair: painted(pair, STROKE),
        lambda pair: cleaned_up(pair, (CleanUp(CleanUpKind.GROW, 2.5),)),
    ):
        store.apply(gesture(store.pairs([1])[0]), Initiator("Anna"))
    about = replace(store.pairs([1])[0].review, decision=Decision.CORRECTED, source=MaskSource.RECIPE)
    store.apply([SetReview(1, store.pairs([1])[0].review, about)], Initiator("Anna"))
    store.close()
    if "mask_placement" in statement:
        statement = statement.replace("'1.5'", "'1.25'")
    tamper(folder, statement + (" WHERE id = 1" if "UPDATE pairs" in statement else ""))
    store = open_project(folder, "Anna")
    try:
        with pytest.raises(StorageProblem, match="damaged"):
            ASK[asked](store)
    finally:
        store.close()


def test_one_damaged_row_does_not_hide_the_others(folder: Path) -> None:
    tamper(folder, "UPDATE pairs SET original_width = 'wide' WHERE id = 2")
    store = open_project(folder, "Anna")
    assert [pair.id for pair in store.pairs([1, 3])] == [1, 3]
    with pytest.raises(StorageProblem, match="the row of pair 2"):
        store.pairs([1, 2, 3])
    store.close()


def test_deep_nesting_is_damage(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "project.sqlite")) as connection:
        connection.execute("UPDATE journal_edits SET after = ?", ("[" * 100_000,))
        connection.execute("UPDATE runs SET failures = ?", ("[" * 100_000,))
        connection.commit()
    store = open_project(folder, "Anna")
    for asked in ("journal", "runs"):
        with pytest.raises(StorageProblem, match="damaged"):
            ASK[asked](store)
    store.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "STRASSE"), ("käthe", "KA\u0308THE"), ("ﬁne", "FINE"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"), ("K", "\u212a")],
)
def test_spellings_that_mean_the_same_are_one(one: str, other: str) -> None:
    assert search_key(one) == search_key(other)
