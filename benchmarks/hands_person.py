"""A person at the desk, played by a script: presses keys, moves the mouse, waits until the desk has followed."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gui.canvas.linking import Side
from gui.canvas.pane import Pane
from gui.main_window import MainWindow

Point = tuple[float, float]
Script = Iterator[Callable[[], bool]]
"""Yields what is to be true before it goes on."""
Key, Keys = Qt.Key, Qt.KeyboardModifier
PATIENCE = 20.0
"""Seconds after which a person gives up waiting."""
_NAMES = {Side.ORIGINAL: "Original", Side.DESIGNER: "Designer image"}


class Person:
    """Has eyes (what the window shows), a keyboard and a mouse with an unsteady hand; nothing else."""

    def __init__(self, window: MainWindow, seed: int = 1) -> None:
        """Sit down before a window."""
        self.window = window
        self.actions = 0
        """Keys pressed, clicks and drags."""
        self._rng = np.random.default_rng(seed)

    # --- keyboard -----------------------------------------------------------------------------------------------------

    def key(self, key: Qt.Key, keys: Keys = Keys.NoModifier, times: int = 1) -> None:
        """Press a key, so many times."""
        self.actions += times
        for _ in range(times):
            if not self.window.isActiveWindow():
                self.window.activateWindow()
            QTest.keyClick(QApplication.focusWidget() or self.window, key, keys)

    def type(self, text: str) -> None:
        """Type a text: one action."""
        self.actions += 1
        QTest.keyClicks(QApplication.focusWidget(), text)

    # --- mouse --------------------------------------------------------------------------------------------------------

    def pane(self, side: Side) -> Pane:
        """Return the pane that shows a side's picture."""
        return next(pane for pane in self.window.findChildren(Pane) if pane.accessibleName() == _NAMES[side])

    def drag(
        self, points: Sequence[Point], side: Side = Side.ORIGINAL, keys: Keys = Keys.NoModifier, unsteady: float = 0.7
    ) -> None:
        """Press at the first of some points of a picture, go along them, and let go at the last.

        ``unsteady`` is how far the hand strays, view pixels; slowly, as hands do.
        """
        self.actions += 1
        seen = np.array([self.in_view(point, side) for point in points])
        seen += self._strays(len(seen), unsteady)
        pane = self.pane(side)
        _mouse(pane, QEvent.Type.MouseButtonPress, seen[0], keys)
        for before, at in itertools.pairwise(seen):
            steps = max(1, math.ceil(math.dist(before, at) / 12))
            for step in range(1, steps + 1):
                _mouse(pane, QEvent.Type.MouseMove, before + (at - before) * step / steps, keys)
        _mouse(pane, QEvent.Type.MouseButtonRelease, seen[-1], keys)

    def click(
        self, point: Point, side: Side = Side.ORIGINAL, keys: Keys = Keys.NoModifier, unsteady: float = 0.7
    ) -> None:
        """Click at a point of a picture."""
        self.drag([point], side, keys, unsteady)

    def wheel(self, point: Point, notches: int) -> None:
        """Turn the wheel over a point of the original: away from the person magnifies."""
        self.actions += 1
        pane = self.pane(Side.ORIGINAL)
        at = QPointF(*self.in_view(point, Side.ORIGINAL))
        none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        turned = QPoint(0, 120 * notches)
        event = QWheelEvent(at, pane.mapToGlobal(at), QPoint(), turned, none, Keys.NoModifier, phase, False)
        QApplication.sendEvent(pane, event)

    def in_view(self, point: Point, side: Side) -> Point:
        """Return where a point of a picture is on the screen."""
        assert self.window.workspace is not None
        return self.window.workspace.view._views.view(side).to_view(point)

    @property
    def scale(self) -> float:
        """View pixels for each pixel of the original."""
        assert self.window.workspace is not None
        return self.window.workspace.view._views.original.scale

    def _strays(self, count: int, unsteady: float) -> np.ndarray:
        raw = self._rng.normal(0, 1, (count + 8, 2))
        if count < 4:
            return unsteady * raw[:count]
        kernel = np.ones(9) / 3  # of length 1: the mean of nine strays as far as one
        smooth = np.stack([np.convolve(raw[:, axis], kernel, "valid") for axis in (0, 1)], axis=1)
        return unsteady * smooth[:count]

    # --- eyes ---------------------------------------------------------------------------------------------------------

    def idle(self) -> bool:
        """Say whether nothing is under way."""
        return all(job.state.ended for job in self.window.desk.runner.jobs())


def _mouse(target: QWidget, kind: QEvent.Type, at: np.ndarray, keys: Keys) -> None:
    here = QPointF(float(at[0]), float(at[1]))
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    moves, up = kind is QEvent.Type.MouseMove, kind is QEvent.Type.MouseButtonRelease
    event = QMouseEvent(kind, here, target.mapToGlobal(here), none if moves else left, none if up else left, keys)
    QApplication.sendEvent(target, event)


class Play:
    """Goes through a script while the desk runs; what fails in it is raised by ``end``."""

    def __init__(self, script: Callable[[MainWindow], Script]) -> None:
        """``script`` is begun once a window is there."""
        self._make = script
        self._script: Script | None = None
        self._wanted: Callable[[], bool] = lambda: True
        self._since = time.monotonic()
        self._window: MainWindow | None = None
        self.error: BaseException | None = None
        self._timer = QTimer(interval=5)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()

    def _on_timeout(self) -> None:
        try:
            if self._script is None:
                self._begin()
            elif self._wanted():
                self._wanted, self._since = next(self._script), time.monotonic()
            elif time.monotonic() - self._since > PATIENCE:
                raise TimeoutError("The desk does not follow.")
        except StopIteration:
            self._finish()
        except BaseException as error:  # it must not be lost in a slot, nor leave the desk running
            self.error = error
            self._finish()

    def _begin(self) -> None:
        shown = (one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible())
        self._window = next(shown, None)
        if self._window is not None:
            self._script = self._make(self._window)

    def _finish(self) -> None:
        self._timer.stop()
        self._script = None
        if self._window is not None:
            self._window.close()

    def end(self) -> None:
        """Raise what went wrong."""
        self._timer.stop()
        if self.error is not None:
            raise self.error
