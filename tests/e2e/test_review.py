"""From the start of the program to decisions that are found again: by keyboard, and all of it through ``main``."""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.domain import Decision, PairOrder, PairQuery, RejectReason
from gui.main_window import MainWindow
from main import main
from tests.e2e.conftest import Place

Steps = Generator[Callable[[], bool], None, None]
"""A script: it yields what it waits for."""
PATIENCE_MS = 20_000


def _play(arguments: list[str], script: Callable[[MainWindow], Steps]) -> None:
    """Start the program, let the script work in its event loop, and come back once it has quit."""
    steps: list[Steps] = []
    waiting: list[Callable[[], bool]] = []
    errors: list[BaseException] = []
    waited = [0]
    timer = QTimer(interval=10)

    def turn() -> None:
        window = next((w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()), None)
        if window is None:
            return
        if QApplication.activePopupWidget() is None and not window.isActiveWindow():
            window.activateWindow()  # there is no window manager to do it once a popup has closed
            return
        if not steps:
            steps.append(script(window))
        waited[0] += timer.interval()
        if waiting and not waiting[0]() and waited[0] < PATIENCE_MS:
            return
        try:
            assert not waiting or waiting[0](), f"nothing comes of line {steps[0].gi_frame.f_lineno}"
            waiting[:] = [next(steps[0])]
            waited[0] = 0
        except StopIteration:
            timer.stop()
            window.close()
        except BaseException as error:
            errors.append(error)
            timer.stop()
            window.close()

    timer.timeout.connect(turn)
    timer.start()
    code = main(arguments)
    timer.stop()
    if errors:
        raise errors[0]
    assert code == 0


def _drop(window: MainWindow, folder: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(folder)])
    buttons, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    centre = QPointF(window.rect().center())
    window.dropEvent(QDropEvent(centre, Qt.DropAction.CopyAction, mime, buttons, modifiers))


class _Keys:
    """Types into whatever has the focus."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        popup = QApplication.activePopupWidget()
        QTest.keyClick(popup or QApplication.focusWidget() or self._window, key, modifiers)

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget() or self._window, text)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("qapp")
def test_decisions_made_by_keyboard_are_found_after_a_restart(place: Place) -> None:
    assert main(place.import_command) == 0
    expected: dict[str, Decision] = {}
    ctrl, none = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier

    def review(window: MainWindow) -> Steps:
        assert window.workspace is None  # the empty state
        _drop(window, str(place.project))
        yield lambda: window.workspace is not None and window.workspace.presenter.pair is not None
        assert window.workspace is not None
        presenter, keys = window.workspace.presenter, _Keys(window)

        def shown() -> str:
            assert presenter.pair is not None
            return presenter.pair.name

        def decide(key: Qt.Key, decision: Decision) -> Steps:
            name = shown()
            keys.press(key)
            expected[name] = decision
            yield lambda: shown() != name

        first = shown()
        yield from decide(Qt.Key.Key_P, Decision.ACCEPTED)
        yield from decide(Qt.Key.Key_Return, Decision.ACCEPTED)
        name = shown()
        keys.press(Qt.Key.Key_X)
        yield lambda: QApplication.activePopupWidget() is not None
        keys.press(Qt.Key.Key_1)
        expected[name] = Decision.REJECTED
        yield lambda: shown() != name
        yield from decide(Qt.Key.Key_S, Decision.SKIPPED)
        yield from decide(Qt.Key.Key_F, Decision.SECOND_REVIEW)
        # A comment: the letters of decisions are letters here.
        commented = shown()
        keys.press(Qt.Key.Key_C)
        yield lambda: QApplication.focusWidget() is window.workspace.inspector.comment
        keys.type("px s")
        keys.press(Qt.Key.Key_Escape)
        yield lambda: presenter.pair is not None and presenter.pair.review.comment == "px s"
        assert shown() == commented
        # Accept, undo, redo, undo: undecided it is.
        keys.press(Qt.Key.Key_P)
        yield lambda: shown() != commented
        for key, modifiers in (
            (Qt.Key.Key_Z, ctrl),
            (Qt.Key.Key_Z, ctrl | Qt.KeyboardModifier.ShiftModifier),
            (Qt.Key.Key_Z, ctrl),
        ):
            keys.press(key, modifiers)
            yield lambda: shown() == commented
        assert presenter.pair is not None
        assert presenter.pair.review.decision is Decision.UNDECIDED
        assert first in expected

    _play([], review)

    def undo_after_restart(window: MainWindow) -> Steps:
        yield lambda: window.workspace is not None and window.workspace.presenter.pair is not None
        assert window.workspace is not None
        store = window.workspace.session.store
        pairs = {pair.name: pair for pair in store.pairs(store.pair_ids(PairQuery(order=PairOrder.NAME)))}
        found = {name: pair.review.decision for name, pair in pairs.items()}
        assert {name: found[name] for name in expected} == expected
        assert [pair.review.reason for pair in pairs.values() if pair.review.reason] == [RejectReason.WRONG_PHOTO]
        assert [pair.review.comment for pair in pairs.values() if pair.review.comment] == ["px s"]
        assert sum(decision is Decision.UNDECIDED for decision in found.values()) == len(pairs) - len(expected)
        # The comment is the newest step that stands, then the second review: undo goes on where it was.
        keys = _Keys(window)
        keys.press(Qt.Key.Key_Z, ctrl)
        keys.press(Qt.Key.Key_Z, ctrl)
        second = next(name for name, decision in expected.items() if decision is Decision.SECOND_REVIEW)

        def undone() -> bool:
            pair = window.workspace.presenter.pair if window.workspace else None
            return pair is not None and pair.name == second and pair.review.decision is Decision.UNDECIDED

        yield undone
        keys.press(Qt.Key.Key_F, none)
        yield lambda: store.pairs([pairs[second].id])[0].review.decision is Decision.SECOND_REVIEW

    _play(["open", str(place.project)], undo_after_restart)
