"""What a new version would change: shown, sorted, taken or kept by keyboard, each a step of undo; nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.domain import Decision, MaskSource, Pair, Review
from core.edits import Initiator, Origin, SetPrediction
from core.images.io import encode_mask
from core.jobs.answers import BatchReport, MaskChange
from core.jobs.context import JobContext
from core.jobs.specs import CompareMasks, Spec
from core.maths.recipes import change
from core.store.memory import MemoryStore
from gui.canvas.mask_difference import ADDED, REMOVED, MaskDifference, Shown
from gui.dialogs.mask_changes import MaskChanges, words_of
from gui.jobs.comparing import Answer
from gui.jobs.runner import Runner
from tests.gui.conftest import Driver, Gate, Key, fill
from tests.gui.predicting import OTHER_MAP, model_work, photo_alone, prediction

CTRL = Qt.KeyboardModifier.ControlModifier
COUNT = 4


def _masks(number: int) -> tuple[np.ndarray, np.ndarray]:
    """The later a pair, the more of its mask is left out; each gains the same at the other side."""
    old, new = np.zeros((40, 60), np.uint8), np.zeros((40, 60), np.uint8)
    old[10:30, 10:50] = 255
    new[10:30, 10 + 3 * number : 52] = 255
    return old, new


def _told(pair: Pair) -> MaskChange:
    old, new = _masks(int(pair.name.removeprefix("pair ")))
    edit = SetPrediction(pair.id, pair.prediction, prediction(version="9d0c12aa45ef", map=OTHER_MAP))
    return MaskChange(pair, edit, change(old, new), encode_mask(old), encode_mask(new))


@pytest.fixture
def store() -> MemoryStore:
    """Photos whose predicted masks were accepted."""
    made = MemoryStore("settled")
    about = Review(Decision.ACCEPTED, source=MaskSource.PREDICTION)
    fill(made, [replace(photo_alone(number), review=about) for number in range(COUNT)])
    return made


@pytest.fixture
def asked() -> list[CompareMasks]:
    return []


@pytest.fixture
def desk(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, store: MemoryStore, asked: list[CompareMasks]
) -> Driver:
    def compare(spec: Spec, ctx: JobContext) -> object:
        if not isinstance(spec, CompareMasks):
            return None
        asked.append(spec)
        found = [_told(pair) for pair in store.pairs(spec.pair_ids)]
        for told in found:
            ctx.partial(told)
        return BatchReport(len(found), len(found), len(found))

    gate.do = model_work(store, compare)  # type: ignore[assignment]
    driver = make(runner)
    driver.window.desk.use(store)
    return driver


@pytest.fixture
def dialog(desk: Driver, qtbot: QtBot) -> MaskChanges:
    desk.window.commands["compare_masks"].trigger()
    (made,) = desk.window.findChildren(MaskChanges)
    qtbot.waitUntil(lambda: made.table.rowCount() == COUNT and not desk.window.predictions.comparing.busy)
    return made


def _names(dialog: MaskChanges) -> list[str]:
    return [dialog.table.item(at, 0).text() for at in range(dialog.table.rowCount())]


def _answers(desk: Driver) -> list[str]:
    return [row.answer.value for row in desk.window.predictions.comparing.rows]


def _taken(store: MemoryStore) -> list[str]:
    return [pair.name for pair in store.pairs(store.pair_ids()) if pair.prediction == _told(pair).edit.after]


def test_what_changes_most_comes_first_and_nothing_is_taken(
    desk: Driver, dialog: MaskChanges, store: MemoryStore
) -> None:
    assert _names(dialog) == [f"pair {number:05}" for number in (3, 2, 1, 0)]
    assert dialog.table.currentRow() == 0, "the one that changes most, whatever came in first"
    assert "4 open" in dialog._words.text()
    assert not dialog.isModal()
    assert _taken(store) == []
    shown = dialog._views[Shown.DIFFERENCE].accessibleDescription()
    assert (
        shown
        == words_of(desk.window.predictions.comparing.rows[0].told)
        == "40 pixels added, 180 left out; the two overlap by 73.8%."
    )
    dialog.close()


def test_t_takes_k_keeps_each_goes_on_and_undo_takes_one_back(
    desk: Driver, dialog: MaskChanges, store: MemoryStore, qtbot: QtBot
) -> None:
    qtbot.keyClick(dialog, Key.Key_T)
    assert dialog.table.currentRow() == 1
    qtbot.keyClick(dialog, Key.Key_K)
    qtbot.keyClick(dialog, Key.Key_T)
    assert _answers(desk) == ["taken", "kept", "taken", "open"]
    assert _taken(store) == ["pair 00001", "pair 00003"]
    assert dialog.table.currentRow() == 3
    assert [pair.review.decision for pair in store.pairs(store.pair_ids())] == [Decision.ACCEPTED] * COUNT
    dialog.activateWindow()
    qtbot.keyClick(dialog, Key.Key_Z, CTRL)
    assert _taken(store) == ["pair 00003"], "one pair is one step"
    assert _answers(desk) == ["taken", "kept", "open", "open"]
    qtbot.keyClick(dialog, Key.Key_A)
    assert dialog.table.currentRow() == 2
    dialog.close()
    assert _taken(store) == ["pair 00003"], "what is open stays as it is"


def test_all_that_are_open_are_taken_one_by_one(
    desk: Driver, dialog: MaskChanges, store: MemoryStore, qtbot: QtBot
) -> None:
    qtbot.keyClick(dialog, Key.Key_K)
    before = len(store.journal())
    dialog.take_all.click()
    qtbot.waitUntil(lambda: desk.window.predictions.comparing.open_rows() == [])
    assert len(store.journal()) == before + COUNT - 1
    assert _answers(desk) == ["kept", "taken", "taken", "taken"]
    assert not dialog.take_all.isEnabled()
    assert "3 taken, 1 kept, 0 open" in dialog._words.text()
    dialog.close()


def test_all_can_be_kept(desk: Driver, dialog: MaskChanges, store: MemoryStore) -> None:
    before = len(store.journal())
    dialog.keep_all.click()
    assert _answers(desk) == ["kept"] * COUNT
    assert len(store.journal()) == before, "nothing is written"
    dialog.close()


def test_a_pair_that_has_changed_meanwhile_is_not_taken(
    desk: Driver, dialog: MaskChanges, store: MemoryStore, qtbot: QtBot
) -> None:
    pair = desk.window.predictions.comparing.rows[0].told.pair
    store.apply([SetPrediction(pair.id, pair.prediction, prediction(version="0" * 12))], Initiator("ben", Origin.JOB))
    qtbot.keyClick(dialog, Key.Key_T)
    row = desk.window.predictions.comparing.rows[0]
    assert row.answer is Answer.OPEN
    assert row.problem
    assert dialog.table.item(0, 5).text() == "not taken"
    assert store.pairs([pair.id])[0].prediction == prediction(version="0" * 12)
    dialog.close()


def test_shift_p_on_a_mask_that_was_settled_on_asks_first(
    desk: Driver, asked: list[CompareMasks], store: MemoryStore, qtbot: QtBot
) -> None:
    pair = desk.workspace.presenter.pair
    assert pair is not None
    desk.key(Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    (dialog,) = desk.window.findChildren(MaskChanges)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    assert asked[0].pair_ids == (pair.id,)
    assert asked[0].who == desk.window.desk.require().who
    assert _taken(store) == []
    qtbot.keyClick(dialog, Key.Key_T)
    assert _taken(store) == [pair.name]
    dialog.close()


def test_it_goes_with_its_project_and_says_when_there_is_nothing(
    desk: Driver, dialog: MaskChanges, gate: Gate, qtbot: QtBot
) -> None:
    closed: list[int] = []
    dialog.finished.connect(closed.append)
    desk.window.desk.close_project()
    assert closed
    gate.do = lambda _spec, _ctx: BatchReport(0, 0, 0)
    desk.window.desk.use(MemoryStore("empty"))
    desk.window.commands["compare_masks"].trigger()
    empty = next(one for one in desk.window.findChildren(MaskChanges) if one.isVisible())
    qtbot.waitUntil(lambda: not desk.window.predictions.comparing.busy)
    assert "nothing to compare" in empty._words.text()
    assert not any(one.isVisible() for one in (empty.take, empty.keep_all, empty.table)), "only the words"
    assert empty.height() < 200
    empty.close()


def test_a_photo_that_comes_after_it_was_closed_is_let_go(desk: Driver, dialog: MaskChanges, qtbot: QtBot) -> None:
    comparing = desk.window.predictions.comparing
    shown: list[object] = []
    row = comparing.rows[2]
    dialog.table.selectRow(2)
    dialog.close()
    qtbot.waitUntil(lambda: not desk.window.findChildren(MaskChanges))
    comparing.look_at(row, shown.append)
    qtbot.waitUntil(lambda: bool(shown))  # what was asked for before has come by now, to no view


def test_added_and_left_out_differ_in_colour_and_in_stripes(qtbot: QtBot) -> None:
    view = MaskDifference(Shown.DIFFERENCE)
    qtbot.addWidget(view)
    view.resize(600, 400)
    old, new = np.zeros((40, 60), np.uint8), np.zeros((40, 60), np.uint8)
    old[10:30, 10:40] = new[10:30, 20:50] = 255
    view.show_masks(old, new)
    image = view.grab().toImage()
    scale = min((600 - 12) / 50.8, (400 - 12) / 30.8)
    colours = []
    for x in (15, 45):
        centre = 300 + (x - 29.5) * scale, 200.0
        near = [
            image.pixelColor(round(centre[0]) + dx, round(centre[1]) + dy) for dx in range(-8, 9) for dy in range(-8, 9)
        ]
        colours.append({colour.name() for colour in near})
    assert REMOVED.name() in colours[0]
    assert ADDED.name() in colours[1]
    assert "#101010" in colours[0] & colours[1], "stripes over both"


def test_masks_that_look_the_same_are_only_counted(dialog: MaskChanges, desk: Driver) -> None:
    comparing = desk.window.predictions.comparing
    told = comparing.rows[0].told
    comparing._on_partial(replace(told, change=replace(told.change, iou=0.9995)))
    dialog._refresh()
    assert len(comparing.rows) == COUNT
    assert dialog._words.text().endswith("1 mask does not change visibly.")
    dialog.close()
