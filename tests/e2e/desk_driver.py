"""A desk that reviews by itself: started as a program by the kill test, it prints each change once it is saved.

Arguments: the project's folder, a seed, and "batch" or "review". Keys reach the window as from a keyboard.
"""

from __future__ import annotations

import json
import os
import random
import sys

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.domain import PairQuery
from core.edits import SetReconciliation, SetReview
from core.store.changes import ChangeSet
from gui.main_window import MainWindow
from main import main

KEYS = (Qt.Key.Key_P, Qt.Key.Key_P, Qt.Key.Key_X, Qt.Key.Key_S, Qt.Key.Key_F, Qt.Key.Key_U, Qt.Key.Key_D, Qt.Key.Key_3)


def say(line: dict[str, object]) -> None:
    """Print one line in one write: a kill leaves whole lines or nothing."""
    os.write(1, (json.dumps(line) + "\n").encode())


def report(change: ChangeSet) -> None:
    """Print what is on the disk now."""
    reviews = {edit.pair_id: edit.after.decision.value for edit in change.edits if isinstance(edit, SetReview)}
    placed = [edit.pair_id for edit in change.edits if isinstance(edit, SetReconciliation)]
    say({"revision": change.revision, "reviews": reviews, "placed": placed})


class Driver:
    """Waits for the project, then presses a key every few milliseconds for as long as it lives."""

    def __init__(self, seed: int, batch: bool) -> None:
        self._rng = random.Random(seed)
        self._batch = batch
        self._ready = False
        self._timer = QTimer(interval=4)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()

    def _on_timeout(self) -> None:
        window = next((widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow)), None)
        if window is None or window.workspace is None or window.workspace.presenter.pair is None:
            return
        session = window.workspace.session
        if not self._ready:
            self._ready = True
            session.changed.connect(report)
            if self._batch:
                window.desk.reconcile(tuple(session.store.pair_ids(PairQuery())))
            say({"ready": True})
        popup = QApplication.activePopupWidget()
        if popup is not None:
            QTest.keyClick(popup, self._rng.choice((Qt.Key.Key_1, Qt.Key.Key_4)))
            return
        if not window.isActiveWindow():
            window.activateWindow()  # there is no window manager to do it once a popup has closed
            return
        modifiers = Qt.KeyboardModifier.NoModifier
        key = self._rng.choice(KEYS)
        if self._rng.random() < 0.2:
            key, modifiers = Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier
        QTest.keyClick(window.workspace.panel.list, key, modifiers)


if __name__ == "__main__":
    QApplication(sys.argv[:1])
    driver = Driver(int(sys.argv[2]), sys.argv[3] == "batch")
    sys.exit(main(["open", sys.argv[1]]))
