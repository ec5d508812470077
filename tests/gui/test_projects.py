"""Projects in the window: opened, made, dropped, read-only, and found again after a restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from core.domain import Decision, RejectReason, Review
from core.jobs.answers import BatchReport
from core.jobs.context import JobContext
from core.jobs.specs import ImportPairs, OpenProject, ReconcilePairs, Spec
from core.store.memory import MemoryStore
from core.store.opening import create_project, open_project
from gui.dialogs import questions
from gui.jobs.bridge import Bridge
from gui.jobs.desk import NewProject
from gui.jobs.runner import Runner
from gui.main_window import MainWindow
from gui.window_state import WindowState
from tests.gui.conftest import Driver, Gate, Key, bare_pair, fill, tiny_picture


def test_open_review_quit_and_open_again(make: Callable[[Runner], Driver], tmp_path: Path, qtbot: QtBot) -> None:
    folder = tmp_path / "Frühling 🐕"
    store = create_project(folder, "anna")
    fill(store, [bare_pair(number, 0.5) for number in range(4)])  # type: ignore[arg-type]
    store.close()
    ids: list[int] = []
    for visit in range(2):
        runner = Runner(Bridge())
        driver = make(runner)
        driver.window.open_project(str(folder))
        qtbot.waitUntil(lambda driver=driver: driver.window.workspace is not None)
        assert driver.window.windowTitle() == "Frühling 🐕 – Pawtrait"
        if visit == 0:
            ids = driver.workspace.session.store.pair_ids()
            driver.key(Key.Key_P)
            driver.key(Key.Key_X)
            driver.key(Key.Key_5)
            driver.key(Key.Key_S)
            driver.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            assert driver.at == ids[2]
        else:
            assert driver.review(ids[0]).decision is Decision.ACCEPTED
            assert driver.review(ids[1]) == Review(Decision.REJECTED, RejectReason.DUPLICATE)
            assert driver.at == ids[2]
            driver.key(Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
            assert driver.review(ids[2]).decision is Decision.SKIPPED
            for _ in range(3):
                driver.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            assert [driver.review(pair_id) for pair_id in ids] == [Review()] * 4
        driver.window.close()
    assert WindowState.load().recent == (str(folder),)


def test_a_new_project_is_made_filled_and_reconciled(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, tmp_path: Path, qtbot: QtBot
) -> None:
    from core.jobs import inline
    from core.jobs.answers import ImportReport

    driver = make(runner)

    def work(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, OpenProject):
            return inline.run(spec, driver.window.desk.services, ctx)
        if isinstance(spec, ImportPairs):
            assert driver.window.desk.session is not None
            fill(driver.window.desk.session.store, [bare_pair(1), bare_pair(2)])  # type: ignore[arg-type]
            return ImportReport(2, 0)
        if isinstance(spec, ReconcilePairs):
            return BatchReport(2, 2, 2)
        return tiny_picture()

    gate.do = work
    driver.window.desk.new_project(NewProject(str(tmp_path / "new"), "/o", "/d"))
    qtbot.waitUntil(lambda: any(isinstance(spec, ReconcilePairs) for spec in gate.order))
    assert driver.workspace.queue.rowCount() == 2
    asked = next(spec for spec in gate.order if isinstance(spec, ReconcilePairs))
    assert len(asked.pair_ids) == 2
    assert not asked.as_user
    qtbot.waitUntil(lambda: not driver.window.desk.busy_jobs)


def test_a_project_of_photos_alone_has_nothing_to_reconcile(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, tmp_path: Path, qtbot: QtBot
) -> None:
    from core.jobs import inline
    from core.jobs.answers import ImportReport

    driver = make(runner)

    def work(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, OpenProject):
            return inline.run(spec, driver.window.desk.services, ctx)
        return ImportReport(2, 0, alone=2) if isinstance(spec, ImportPairs) else tiny_picture()

    gate.do = work
    driver.window.desk.new_project(NewProject(str(tmp_path / "new"), "/o", photos_alone=True))
    qtbot.waitUntil(lambda: any(isinstance(spec, ImportPairs) for spec in gate.order))
    asked = next(spec for spec in gate.order if isinstance(spec, ImportPairs))
    assert (asked.originals, asked.designers, asked.photos_alone) == ("/o", None, True)
    qtbot.waitUntil(lambda: not driver.window.desk.busy_jobs)
    assert not any(isinstance(spec, ReconcilePairs) for spec in gate.order)


def test_a_setting_changed_reaches_whoever_holds_the_services(
    make: Callable[[Runner], Driver], runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make(runner).window.desk
    held, bounds = desk.services, []
    monkeypatch.setattr(held.previews, "set_bounds", lambda *given: bounds.append(given))
    desk.settings.set("images.max_megapixels", 7)
    desk.settings_changed()
    assert desk.services is held
    assert [limits.max_megapixels for _, limits in bounds] == [7]


def test_a_folder_that_is_no_project_is_a_sentence_in_the_banner(
    make: Callable[[Runner], Driver], real_runner: Runner, tmp_path: Path, qtbot: QtBot
) -> None:
    driver = make(real_runner)
    WindowState(recent=(str(tmp_path / "gone"),)).save()
    driver.window._state = WindowState.load()
    driver.window.open_project(str(tmp_path / "gone"))
    qtbot.waitUntil(lambda: driver.window.banner.message != "")
    assert "gone" in driver.window.banner.message
    assert driver.window.foot.told.whole == "gone was not opened."
    assert driver.window.workspace is None
    assert WindowState.load().recent == ()


def test_a_read_only_project_says_by_whom_and_offers_no_decisions(
    make: Callable[[Runner], Driver], tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "ours"
    store = create_project(folder, "ben")
    fill(store, [bare_pair(1, 0.5)])  # type: ignore[arg-type]
    second = open_project(folder, "anna")
    assert second.info.read_only
    runner = Runner(Bridge())
    driver = make(runner)
    driver.window.desk.use(second)
    assert "ben" in driver.window.banner.message
    assert "(read-only)" in driver.window.windowTitle()
    pair_id = driver.at
    driver.key(Key.Key_P)
    driver.key(Key.Key_4)
    assert driver.review(pair_id) == Review()
    assert driver.workspace.inspector.comment.isReadOnly()
    driver.window.banner.tell("Something else.")
    driver.window.banner._close.click()
    assert "ben" in driver.window.banner.message, "it is still true"
    driver.window.close()
    store.close()


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_project_that_becomes_free_is_taken_over_where_one_is(
    make: Callable[[Runner], Driver], tmp_path: Path, qtbot: QtBot, by_hand: bool
) -> None:
    folder = tmp_path / "ours"
    first = create_project(folder, "ben")
    fill(first, [bare_pair(number, 0.5) for number in range(3)])  # type: ignore[arg-type]
    driver = make(Runner(Bridge()))
    driver.window.desk.use(open_project(folder, "anna"))
    driver.key(Key.Key_D)
    at, retry = driver.at, driver.window.banner._retry
    assert retry.isVisible()
    retry.click()
    qtbot.waitUntil(lambda: driver.window.foot.told.whole.startswith("Not yet: Open by ben"))
    assert "(read-only)" in driver.window.windowTitle()
    first.close()
    if by_hand:
        retry.click()
    else:
        driver.window._take_over._timer.timeout.emit()
    qtbot.waitUntil(lambda: "(read-only)" not in driver.window.windowTitle())
    assert driver.at == at
    assert driver.window.banner.message == ""
    driver.key(Key.Key_P)
    assert driver.review(at).decision is Decision.ACCEPTED
    assert not driver.window._take_over._timer.isActive()
    driver.window.close()


def test_dropped_folders_open_ask_or_are_refused(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = make(runner)
    asked: list[tuple[str, str, bool]] = []
    monkeypatch.setattr(questions, "new_project", lambda _parent, one, other, sure: asked.append((one, other, sure)))
    folders = [tmp_path / "designers", tmp_path / "photos"]
    for folder in folders:
        folder.mkdir()
    _drop(driver.window, folders)
    assert asked == [(str(folders[1]), str(folders[0]), True)]
    _drop(driver.window, [folders[0]])
    assert driver.window.banner.message.startswith("Drop two folders")


def _drop(window: MainWindow, paths: list[Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(QPoint(5, 5)),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    assert event.isAccepted()


def test_an_empty_project_says_what_to_do(make: Callable[[Runner], Driver], runner: Runner) -> None:
    driver = make(runner)
    store = MemoryStore("new")
    driver.window.desk.use(store)
    assert "Import two folders" in driver.scene().message_original
    assert not driver.window.commands["accept"].isEnabled()
    assert driver.window.commands["import"].isEnabled()
