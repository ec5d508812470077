"""A person with a mouse who places designer images, and the pairs that they place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from core.domain import Pair, Placement, Reconciliation
from core.edits import Initiator, Origin, SetReconciliation
from core.jobs.answers import DisplayPicture, Rederived
from core.jobs.context import JobContext
from core.jobs.hands import DeriveMask
from core.jobs.specs import LoadPicture, Spec
from core.store.memory import MemoryStore
from gui.canvas.linking import Side
from gui.canvas.pane import Pane
from gui.jobs.runner import Runner
from tests.gui.conftest import Driver, Gate

NO, SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
FOUND = Placement(0.5, 5.0, False, 11.0, 7.0)


def send(target: QWidget, kind: QEvent.Type, at: tuple[float, float], down: bool, keys: Qt.KeyboardModifier) -> None:
    button = NONE if kind is QEvent.Type.MouseMove else LEFT
    here = QPointF(*at)
    event = QMouseEvent(kind, here, target.mapToGlobal(here), button, LEFT if down else NONE, keys)
    QApplication.sendEvent(target, event)


class Hands:
    """A person with a mouse."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.told: list[str] = []
        driver.window.desk.told.connect(self.told.append)

    @property
    def pair(self) -> Pair:
        pair = self.driver.workspace.presenter.pair
        assert pair is not None
        return pair

    @property
    def place(self) -> Placement:
        assert self.pair.placement is not None
        return self.pair.placement

    @property
    def steps(self) -> int:
        """How often the pair has been changed."""
        return len(self.driver.workspace.session.store.journal(pair_id=self.pair.id, newest=60))

    def pane(self, side: Side) -> Pane:
        return self.driver.workspace.view._panes[side]

    def seen(self, point: tuple[float, float], side: Side = Side.ORIGINAL) -> tuple[float, float]:
        return self.driver.workspace.view._views.view(side).to_view(point)

    def drag(self, start: tuple[float, float], end: tuple[float, float], keys: Qt.KeyboardModifier = NO) -> None:
        """Drag from one point of the original to another."""
        pane, (x0, y0), (x1, y1) = self.pane(Side.ORIGINAL), self.seen(start), self.seen(end)
        send(pane, QEvent.Type.MouseMove, (x0, y0), False, keys)
        send(pane, QEvent.Type.MouseButtonPress, (x0, y0), True, keys)
        for step in (0.3, 0.7, 1.0):
            send(pane, QEvent.Type.MouseMove, (x0 + (x1 - x0) * step, y0 + (y1 - y0) * step), True, keys)
        send(pane, QEvent.Type.MouseButtonRelease, (x1, y1), False, keys)

    def click(self, side: Side, point: tuple[float, float], double: bool = False) -> None:
        pane, at = self.pane(side), self.seen(point, side)
        kind = QEvent.Type.MouseButtonDblClick if double else QEvent.Type.MouseButtonPress
        send(pane, kind, at, True, NO)
        send(pane, QEvent.Type.MouseButtonRelease, at, False, NO)

    def rest(self) -> None:
        """Let keys rest until they are written."""
        self.driver.qtbot.waitUntil(lambda: not self.driver.window.placing.draft._rest.isActive())


@pytest.fixture
def placed(store: MemoryStore) -> MemoryStore:
    """Pairs that lie somewhere in the middle of their originals."""
    for pair in store.pairs(range(1, 7)):
        found = Reconciliation("pawtrait", FOUND, 0.4 + pair.id / 100, "Because.", 0.5)
        store.apply([SetReconciliation(pair.id, pair.reconciliation, found)], Initiator("job", Origin.JOB))
    return store


def picture(spec: LoadPicture) -> DisplayPicture:
    pixels = np.full((spec.ref.height, spec.ref.width, 4), 255, np.uint8)
    pixels[10:20, 10:30, :3] = 60 if "o" in spec.ref.sha256 else 90
    return DisplayPicture((pixels,), True, spec.ref.width, spec.ref.height)


@pytest.fixture
def hands(make: Callable[[Runner], Driver], runner: Runner, gate: Gate, placed: MemoryStore) -> Hands:
    def work(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, LoadPicture):
            return picture(spec)
        if isinstance(spec, DeriveMask):
            return Rederived(None, False)
        return gate.wait(ctx)

    gate.do = work
    driver = make(runner)
    driver.window.desk.use(placed)
    made = Hands(driver)
    driver.qtbot.waitUntil(lambda: driver.scene().original is not None and driver.scene().designer is not None)
    return made


def stays(one: Placement, other: Placement, within: float = 1e-6) -> bool:
    return one.mirrored == other.mirrored and all(
        abs(a - b) <= within
        for a, b in (
            (one.scale, other.scale),
            (one.rotation_deg, other.rotation_deg),
            (one.tx, other.tx),
            (one.ty, other.ty),
        )
    )


SIZE = (60, 40)
