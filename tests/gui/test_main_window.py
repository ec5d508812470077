"""The whole desk in one window: keys, pictures, jobs, opening and closing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.domain import Decision, RejectReason, Review
from core.edits import Initiator, Origin, SetReconciliation
from core.jobs.answers import BatchReport
from core.jobs.context import JobContext
from core.jobs.specs import ExportPairs, ImportPairs, LoadPicture, OpenProject, ReconcilePairs, Spec
from core.settings import Settings
from core.store.memory import MemoryStore
from core.store.opening import create_project, open_project
from gui.canvas.scene import PairScene
from gui.dialogs import questions
from gui.dialogs.export_dialog import ExportWish
from gui.dialogs.keys import KeySheet
from gui.jobs.bridge import Bridge
from gui.jobs.desk import ImportWish, NewProject
from gui.jobs.runner import Runner
from gui.main_window import MainWindow
from gui.review.reasons import ReasonPopup
from gui.review.workspace import Workspace
from gui.window_state import WindowState
from tests.gui.conftest import Gate, bare_pair, fill, tiny_picture

Key = Qt.Key


def _activated(window: MainWindow) -> bool:
    if not window.isActiveWindow():
        window.activateWindow()  # again: the window closed before this one may have taken the activation with it
    return window.isActiveWindow()


@dataclass
class Driver:
    """A person at the window."""

    window: MainWindow
    qtbot: QtBot

    @property
    def workspace(self) -> Workspace:
        assert self.window.workspace is not None
        return self.window.workspace

    @property
    def at(self) -> int:
        pair = self.workspace.presenter.pair
        assert pair is not None
        return pair.id

    def key(self, key: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        popup = QApplication.activePopupWidget()
        if popup is None:
            self.qtbot.waitUntil(lambda: _activated(self.window))
        target = (popup.focusWidget() or popup) if popup else (self.window.focusWidget() or self.window)
        self.qtbot.keyClick(target, key, modifier)

    def review(self, pair_id: int) -> Review:
        return self.workspace.session.store.pairs([pair_id])[0].review

    def scene(self) -> PairScene:
        return self.workspace.loader._scene


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Callable[[Runner], Driver]]:
    windows: list[MainWindow] = []

    def build(runner: Runner) -> Driver:
        window = MainWindow(Settings.load(), runner, "/log")
        windows.append(window)
        window.show()
        qtbot.waitUntil(lambda: _activated(window))
        return Driver(window, qtbot)

    yield build
    for window in windows:
        for job in window.desk.busy_jobs:
            job.cancel()
        qtbot.waitUntil(lambda window=window: not window.desk.busy_jobs)
        window.close()
        window.deleteLater()


@pytest.fixture
def six(make: Callable[[Runner], Driver], runner: Runner, gate: Gate, store: MemoryStore) -> Driver:
    """The desk with six pairs, least sure first."""
    gate.do = lambda spec, ctx: tiny_picture() if isinstance(spec, LoadPicture) else gate.wait(ctx)
    driver = make(runner)
    driver.window.desk.use(store)
    return driver


@pytest.fixture
def real(make: Callable[[Runner], Driver], real_runner: Runner, real_store: MemoryStore) -> Driver:
    """The desk with three pairs that have pictures."""
    driver = make(real_runner)
    driver.window.desk.use(real_store)
    return driver


# --- without a project --------------------------------------------------------------------------------------------


def test_the_empty_desk_offers_what_can_be_done(make: Callable[[Runner], Driver], runner: Runner) -> None:
    driver = make(runner)
    commands = driver.window.commands
    assert driver.window.windowTitle() == "Pawtrait"
    assert [name for name in ("new", "open", "settings", "keys") if not commands[name].isEnabled()] == []
    assert [name for name in ("accept", "import", "export", "undo", "close") if commands[name].isEnabled()] == []
    driver.key(Key.Key_P)
    driver.key(Key.Key_F1)
    sheets = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, KeySheet)]
    assert len(sheets) == 1
    sheets[0].close()


# --- reviewing by keyboard ----------------------------------------------------------------------------------------


def test_a_round_of_review_by_keyboard(six: Driver, store: MemoryStore) -> None:
    ids = store.pair_ids()
    assert six.at == ids[0]
    six.key(Key.Key_P)
    six.key(Key.Key_Return)
    six.key(Key.Key_S)
    six.key(Key.Key_F)
    six.key(Key.Key_3)
    six.key(Key.Key_D)
    assert six.at == ids[5]
    six.key(Key.Key_A)
    six.key(Key.Key_P)
    decisions = [six.review(pair_id).decision for pair_id in ids]
    assert decisions == [
        Decision.ACCEPTED,
        Decision.ACCEPTED,
        Decision.SKIPPED,
        Decision.SECOND_REVIEW,
        Decision.ACCEPTED,
        Decision.UNDECIDED,
    ]
    assert six.review(ids[4]).quality == 3
    six.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert six.at == ids[4]
    six.key(Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert six.review(ids[4]).decision is Decision.ACCEPTED
    six.key(Key.Key_Backspace)
    assert six.review(ids[4]).decision is Decision.UNDECIDED
    assert six.review(ids[4]).quality == 3
    six.workspace.presenter.show(ids[0])
    six.key(Key.Key_U)
    assert six.review(ids[0]).decision is Decision.UNDECIDED


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ((Key.Key_1,), RejectReason.WRONG_PHOTO),
        ((Key.Key_6,), RejectReason.OTHER),
        ((Key.Key_M,), RejectReason.BAD_MASK),
        ((Key.Key_Return,), RejectReason.BAD_PLACEMENT),
        ((Key.Key_Down, Key.Key_Return), RejectReason.BAD_MASK),
    ],
)
def test_rejecting_takes_one_more_key(six: Driver, keys: tuple[Key, ...], reason: RejectReason) -> None:
    pair_id = six.at
    six.key(Key.Key_X)
    assert isinstance(QApplication.activePopupWidget(), ReasonPopup)
    for key in keys:
        six.key(key)
    assert six.review(pair_id) == Review(Decision.REJECTED, reason)
    assert six.at != pair_id


def test_escape_leaves_the_pair_as_it_was(six: Driver) -> None:
    pair_id = six.at
    six.key(Key.Key_X)
    six.key(Key.Key_Escape)
    assert QApplication.activePopupWidget() is None
    assert six.review(pair_id) == Review()
    assert six.at == pair_id


def test_keys_are_letters_in_the_comment_and_the_comment_is_kept(six: Driver, qtbot: QtBot) -> None:
    pair_id = six.at
    six.key(Key.Key_C)
    comment = six.workspace.inspector.comment
    assert six.window.focusWidget() is comment
    qtbot.keyClicks(comment, "px12")
    six.key(Key.Key_Backspace)
    six.key(Key.Key_Left)
    assert six.review(pair_id) == Review()
    six.key(Key.Key_Escape)
    assert six.review(pair_id) == Review(comment="px1")
    assert six.window.focusWidget() is six.workspace.panel.list
    six.key(Key.Key_P)
    assert six.review(pair_id) == Review(Decision.ACCEPTED, comment="px1")


def test_a_half_typed_comment_survives_a_change_from_elsewhere_and_the_end(
    six: Driver, store: MemoryStore, qtbot: QtBot
) -> None:
    pair_id = six.at
    six.key(Key.Key_C)
    qtbot.keyClicks(six.workspace.inspector.comment, "the ear")
    before = store.pairs([pair_id])[0].reconciliation
    batch = Initiator("anna", Origin.JOB)
    six.workspace.session.note(store.apply([SetReconciliation(pair_id, before, None)], batch))
    assert six.workspace.inspector.comment.toPlainText() == "the ear"
    six.workspace.finish()
    assert six.review(pair_id).comment == "the ear"


def test_letters_in_the_search_are_no_decisions(six: Driver, store: MemoryStore, qtbot: QtBot) -> None:
    six.key(Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(six.window.focusWidget(), "pair 00003")
    six.key(Key.Key_Return)
    assert six.workspace.queue.rowCount() == 1
    assert six.at == store.pair_ids()[3]
    assert store.counts()[Decision.UNDECIDED] == 6
    assert six.window.focusWidget() is six.workspace.panel.list


def test_the_list_and_the_keys_move_the_same_cursor(six: Driver, store: MemoryStore) -> None:
    ids = store.pair_ids()
    panel = six.workspace.panel
    six.key(Key.Key_Down)
    assert six.at == ids[1]
    six.key(Key.Key_Right)
    assert panel.list.currentIndex().row() == 2
    panel.show_decision(Decision.UNDECIDED)
    six.key(Key.Key_P)
    assert six.at == ids[3]
    assert panel.list.currentIndex().row() == 2
    six.key(Key.Key_Backspace)
    assert six.at == ids[2]
    assert panel.list.currentIndex().row() == 2
    panel.show_decision(Decision.ACCEPTED)
    assert panel.list.isHidden()
    assert six.at == ids[2]
    panel.show_decision(None)
    assert panel.list.currentIndex().row() == 2


def test_caps_lock_switches_going_on(six: Driver, store: MemoryStore) -> None:
    pair_id = six.at
    six.key(Key.Key_CapsLock)
    six.key(Key.Key_P)
    assert six.at == pair_id
    assert not Settings.load().flag("review.auto_advance")
    six.key(Key.Key_CapsLock)
    six.key(Key.Key_P)
    assert six.at == store.pair_ids()[1]
    assert Settings.load().flag("review.auto_advance")


def test_the_original_alone_as_long_as_the_key_is_down(six: Driver) -> None:
    view = six.workspace.view
    target: QWidget = six.window.focusWidget()
    QTest.keyPress(target, Key.Key_Backslash)
    assert view._original_only
    QTest.keyRelease(target, Key.Key_Backslash)
    assert not view._original_only
    QTest.keyPress(target, Key.Key_Backslash)
    six.workspace.finish()
    assert not view._original_only
    QTest.keyRelease(target, Key.Key_Backslash)


def test_panels_layout_and_overlay_by_key(six: Driver) -> None:
    workspace = six.workspace
    six.key(Key.Key_Tab)
    assert workspace.panel.isHidden()
    assert workspace.inspector.isHidden()
    six.window.setFocus()
    six.key(Key.Key_Tab)
    assert not workspace.panel.isHidden()
    six.key(Key.Key_H)
    assert not six.scene().style.visible
    six.key(Key.Key_H)
    assert six.scene().style.visible
    six.key(Key.Key_Y)
    six.key(Key.Key_F6)


def test_a_change_of_the_overlay_becomes_a_setting_when_the_hand_rests(six: Driver, qtbot: QtBot) -> None:
    overlay = six.window._overlay
    for value in range(46, 81):
        overlay.slider.setValue(value)
    assert six.scene().style.opacity == 0.8
    assert Settings.load().number("view.overlay_opacity") == 0.45
    qtbot.waitUntil(lambda: Settings.load().number("view.overlay_opacity") == 0.8)


# --- pictures -----------------------------------------------------------------------------------------------------


def test_pictures_mask_and_messages_of_each_pair(real: Driver, real_store: MemoryStore, qtbot: QtBot) -> None:
    ids = {pair.name: pair.id for pair in real_store.pairs(real_store.pair_ids())}
    real.workspace.presenter.show(ids["cat 0"])
    qtbot.waitUntil(lambda: real.scene().mask is not None and real.scene().designer is not None)
    scene = real.scene()
    assert scene.placement is not None
    assert scene.original is not None
    assert (scene.original_size, scene.designer_size) == ((60, 40), (50, 50))
    assert (scene.message_original, scene.message_designer) == ("", "")
    real.workspace.presenter.show(ids["cat 1"])
    assert real.scene().mask is None, "nothing of the pair before is left"
    assert real.scene().message_designer == "No match. Nothing in the original looks like it."
    real.workspace.presenter.show(ids["cat 2"])
    assert "Not reconciled" in real.scene().message_designer
    qtbot.waitUntil(lambda: real.scene().original is not None)


def test_a_missing_picture_is_a_sentence_in_its_pane(
    make: Callable[[Runner], Driver], real_runner: Runner, real_store: MemoryStore, qtbot: QtBot
) -> None:
    pair = next(pair for pair in real_store.pairs(real_store.pair_ids()) if pair.name == "cat 0")
    Path(pair.original.path).unlink()
    driver = make(real_runner)
    driver.window.desk.use(real_store)
    driver.workspace.presenter.show(pair.id)
    qtbot.waitUntil(lambda: bool(driver.scene().message_original) and driver.scene().designer is not None)
    assert Path(pair.original.path).name in driver.scene().message_original
    assert driver.scene().original is None
    assert driver.window.banner.message == "", "it is said once, where the picture would be"


def test_flipping_past_pairs_loads_only_what_is_looked_at(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, qtbot: QtBot
) -> None:
    store = MemoryStore()
    fill(store, [bare_pair(number, 0.5) for number in range(50)])
    gate.do = lambda spec, ctx: gate.go.wait(20) and tiny_picture()  # a decoder does not listen while it decodes
    driver = make(runner)
    driver.window.desk.use(store)
    qtbot.waitUntil(lambda: len(gate.order) == 3)
    for _ in range(40):
        driver.workspace.presenter.step(1)
    last = driver.workspace.presenter.pair
    assert last is not None
    gate.go.set()
    wanted = {last.original.sha256, last.designer.sha256 if last.designer else ""}
    qtbot.waitUntil(lambda: wanted <= {spec.ref.sha256 for spec in gate.order if isinstance(spec, LoadPicture)})
    pictures = [spec for spec in gate.order if isinstance(spec, LoadPicture) and spec.long_side == 1600]
    assert len(pictures) < 12
    driver.window.desk.close_project()


def test_thumbnails_come_for_the_rows_on_the_screen(real: Driver, qtbot: QtBot) -> None:
    refs = real.workspace.panel.list.visible_pictures()
    assert len(refs) == 3
    thumbnails = real.workspace.panel.list._thumbnails
    qtbot.waitUntil(lambda: all(thumbnails.get(ref) is not None for ref in refs))
    assert not thumbnails._asked


# --- jobs ---------------------------------------------------------------------------------------------------------


def test_reconciling_one_pair_by_hand(six: Driver, gate: Gate, qtbot: QtBot, store: MemoryStore) -> None:
    pair_id = six.at

    def work(spec: Spec, ctx: JobContext) -> object:
        if not isinstance(spec, ReconcilePairs):
            return tiny_picture()
        before = store.pairs([pair_id])[0].reconciliation
        ctx.partial(store.apply([SetReconciliation(pair_id, before, None)], Initiator(spec.who, label="Reconcile")))
        return BatchReport(1, 1, 0)

    gate.do = work
    six.key(Key.Key_R)
    qtbot.waitUntil(lambda: not six.window.desk.busy_jobs)
    asked = [spec for spec in gate.order if isinstance(spec, ReconcilePairs)]
    assert [(spec.pair_ids, spec.as_user) for spec in asked] == [((pair_id,), True)]
    assert six.workspace.presenter.pair is not None
    assert six.workspace.presenter.pair.reconciliation is None
    assert "Reconcile" in six.window.strip.words


def test_a_running_job_asks_before_the_project_is_closed(
    six: Driver, gate: Gate, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, store: MemoryStore
) -> None:
    asked: list[list[str]] = []
    answers = iter([False, True])

    def ask(_parent: QWidget, titles: list[str]) -> bool:
        asked.append(titles)
        return next(answers) if titles else True

    monkeypatch.setattr(questions, "may_stop", ask)
    six.window.desk.reconcile(tuple(store.pair_ids()))
    qtbot.waitUntil(lambda: any(isinstance(spec, ReconcilePairs) for spec in gate.order))
    six.window.commands["close"].trigger()
    assert six.window.workspace is not None
    six.window.commands["close"].trigger()
    assert six.window.workspace is None
    assert asked == [["Reconcile"], ["Reconcile"]]


def test_what_is_answered_becomes_a_job(six: Driver, gate: Gate, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = frozenset({Decision.ACCEPTED})
    monkeypatch.setattr(questions, "export", lambda _parent, _counts: ExportWish("masks", "/out", accepted))
    monkeypatch.setattr(questions, "import_pairs", lambda _parent, *_folders: ImportWish("/o", "/d", "/p.csv"))
    six.window.commands["export"].trigger()
    six.window.commands["import"].trigger()
    qtbot.waitUntil(lambda: {ExportPairs, ImportPairs} <= {type(spec) for spec in gate.order})
    assert ExportPairs("masks", "/out", accepted) in gate.order
    asked = next(spec for spec in gate.order if isinstance(spec, ImportPairs))
    assert (asked.originals, asked.designers, asked.pairs_csv) == ("/o", "/d", "/p.csv")


def test_no_answer_does_nothing(six: Driver, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("export", "import_pairs", "new_project", "command"):
        monkeypatch.setattr(questions, name, lambda *_arguments: None)
    monkeypatch.setattr(questions, "project_folder", lambda *_arguments: "")
    monkeypatch.setattr(questions, "settings", lambda *_arguments: {})
    for name in ("export", "import", "new", "open", "palette", "settings"):
        six.window.commands[name].trigger()
    assert six.window.desk.busy_jobs == []
    assert not any(isinstance(spec, OpenProject) for spec in gate.order)


# --- projects -----------------------------------------------------------------------------------------------------


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


def test_a_folder_that_is_no_project_is_a_sentence_in_the_banner(
    make: Callable[[Runner], Driver], real_runner: Runner, tmp_path: Path, qtbot: QtBot
) -> None:
    driver = make(real_runner)
    WindowState(recent=(str(tmp_path / "gone"),)).save()
    driver.window._state = WindowState.load()
    driver.window.open_project(str(tmp_path / "gone"))
    qtbot.waitUntil(lambda: driver.window.banner.message != "")
    assert "gone" in driver.window.banner.message
    assert driver.window.foot.told.text() == "gone was not opened."
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


def test_one_key_sheet_is_enough(six: Driver) -> None:
    six.key(Key.Key_F1)
    six.window.commands["keys"].trigger()
    sheets = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, KeySheet)]
    assert len(sheets) == 1
    sheets[0].close()


def test_time_away_from_the_desk_does_not_count(six: Driver) -> None:
    watch = six.workspace.presenter.stopwatch
    six.workspace.set_attended(False)
    assert watch._since is None
    six.workspace.set_attended(True)
    assert watch._since is not None


def test_settings_that_cannot_be_saved_are_a_sentence(six: Driver, own_home: Path) -> None:
    (own_home / "settings").write_text("a file where a folder should be")
    six.window.set_setting("review.auto_advance", False)
    assert "cannot be written" in six.window.banner.message
    assert six.window.commands["auto_advance"].isChecked(), "what is shown is what is in force"


def test_both_themes_paint_every_part(real: Driver, qtbot: QtBot) -> None:
    for theme in ("dark", "light"):
        real.window.set_setting("view.theme", theme)
        assert not real.window.grab().isNull()
    real.window.set_setting("view.theme", "light")
