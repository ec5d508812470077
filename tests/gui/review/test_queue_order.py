"""The queue follows its order while a batch runs, and what a person looks at stays where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from core.edits import Initiator, Origin, SetReconciliation
from core.jobs.services import Services
from core.settings import Settings
from core.store.memory import MemoryStore
from gui.canvas.scene import OverlayStyle
from gui.jobs.runner import Runner
from gui.review import queue_model
from gui.review.queue_model import QueueModel
from gui.review.workspace import Workspace
from gui.session import Session
from tests.gui.conftest import WHO, Gate, bare_pair, fill, tiny_picture

MANY = 60


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_model, "RELOAD_MS", 1)


@pytest.fixture
def many(qapp: object) -> MemoryStore:
    """Sixty pairs, the surest last."""
    store = MemoryStore("many")
    fill(store, [bare_pair(number, 0.3 + number / 100) for number in range(MANY)])
    return store


def found_anew(store: MemoryStore, confidences: dict[int, float], origin: Origin = Origin.JOB) -> object:
    """Let pairs be found anew, as a batch does or a person."""
    edits = []
    for pair in store.pairs(list(confidences)):
        assert pair.reconciliation is not None
        after = replace(pair.reconciliation, confidence=confidences[pair.id])
        edits.append(SetReconciliation(pair.id, pair.reconciliation, after))
    return store.apply(edits, Initiator(WHO, origin))


def ids(model: QueueModel) -> list[int | None]:
    return [model.id_at(row) for row in range(model.rowCount())]


def test_rows_take_their_places_while_a_batch_runs(many: MemoryStore, qtbot: QtBot) -> None:
    model = QueueModel(many)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    before = ids(model)
    with qtbot.waitSignal(model.moved):
        model.note(found_anew(many, {before[0]: 0.99, before[5]: 0.01}))  # type: ignore[arg-type, dict-item]
    assert ids(model) == [before[5], *before[1:5], *before[6:], before[0]] == many.pair_ids()
    assert [model.row_of(pair_id) for pair_id in many.pair_ids()] == list(range(MANY))
    assert resets == []
    assert tester.model() is model


def test_what_a_person_does_moves_nothing(many: MemoryStore, qtbot: QtBot) -> None:
    model = QueueModel(many)
    before = ids(model)
    model.note(found_anew(many, {before[0]: 0.99}, Origin.USER))  # type: ignore[arg-type, dict-item]
    assert not model._reload_soon.isActive()
    assert ids(model) == before


def test_nothing_moves_under_a_pressed_button(many: MemoryStore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    model = QueueModel(many)
    before = ids(model)
    held = [Qt.MouseButton.LeftButton]
    monkeypatch.setattr(queue_model.QGuiApplication, "mouseButtons", lambda: held[0])
    model.note(found_anew(many, {before[0]: 0.99}))  # type: ignore[arg-type, dict-item]
    qtbot.wait(20)
    assert ids(model) == before
    held[0] = Qt.MouseButton.NoButton
    qtbot.waitUntil(lambda: ids(model)[-1] == before[0])


@pytest.fixture
def desk(
    runner: Runner, gate: Gate, services: Services, settings: Settings, many: MemoryStore, qtbot: QtBot
) -> Workspace:
    gate.do = lambda _spec, _ctx: tiny_picture()
    made = Workspace(Session(many, settings, WHO), runner, services, OverlayStyle())
    qtbot.addWidget(made)
    made.resize(1440, 700)
    made.start()
    made.show()
    qtbot.waitExposed(made)
    return made


def _top(desk: Workspace, pair_id: int) -> int:
    row = desk.queue.row_of(pair_id)
    assert row is not None
    return desk.panel.list.visualRect(desk.queue.index(row)).top()


def _move_the_first(desk: Workspace, many: MemoryStore, qtbot: QtBot, count: int = 10) -> None:
    first: Callable[[], list[int]] = many.pair_ids
    with qtbot.waitSignal(desk.queue.moved):
        desk.session.note(found_anew(many, dict.fromkeys(first()[:count], 0.99)))  # type: ignore[arg-type]


def test_the_pair_on_the_screen_stays_where_it_is_and_chosen(desk: Workspace, many: MemoryStore, qtbot: QtBot) -> None:
    chosen = many.pair_ids()[20]
    desk.presenter.show(chosen)
    top = _top(desk, chosen)
    shown: list[object] = []
    desk.presenter.pair_shown.connect(shown.append)
    _move_the_first(desk, many, qtbot)
    listed = desk.panel.list
    assert desk.queue.row_of(chosen) == 10
    assert listed.currentIndex().row() == 10
    assert [index.row() for index in listed.selectedIndexes()] == [10]
    assert _top(desk, chosen) == top
    assert desk.panel._place.text() == "Pair 11 of 60"
    assert shown == [], "nothing is loaded again"
    desk.presenter.step(1)
    assert desk.presenter.pair is not None
    assert desk.queue.row_of(desk.presenter.pair.id) == 11


def test_who_looks_elsewhere_in_the_list_stays_there(desk: Workspace, many: MemoryStore, qtbot: QtBot) -> None:
    listed = desk.panel.list
    listed.verticalScrollBar().setValue(30 * 64 + 7)
    first = desk.queue.id_at(listed.indexAt(QPoint(5, 1)).row())
    assert first is not None
    top = _top(desk, first)
    _move_the_first(desk, many, qtbot)
    assert _top(desk, first) == top


def test_the_row_under_the_mouse_stays_there(
    desk: Workspace, many: MemoryStore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = desk.panel.list
    listed.verticalScrollBar().setValue(30 * 64)
    at = QPoint(40, 200)
    pointed = desk.queue.id_at(listed.indexAt(at).row())
    assert pointed is not None
    assert listed.currentIndex() != QModelIndex()
    QTest.mouseMove(listed.viewport(), at)
    monkeypatch.setattr(listed, "underMouse", lambda: True)
    monkeypatch.setattr(QCursor, "pos", lambda: listed.viewport().mapToGlobal(at))
    between = many.pair_ids()[31]  # it leaves from between the first row and the one under the mouse
    with qtbot.waitSignal(desk.queue.moved):
        desk.session.note(found_anew(many, {between: 0.01}))  # type: ignore[arg-type]
    assert desk.queue.id_at(listed.indexAt(at).row()) == pointed
