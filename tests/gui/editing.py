"""A person with a mouse, a pen and keys who edits the first pair's mask."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtWidgets import QApplication

from core.domain import Recipe
from gui.canvas.pane import Pane
from gui.tools.wiring import MaskTools
from tests.gui.conftest import Driver, Key

LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
ALT, PLAIN = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
PORTRAIT, OUTSIDE = (20, 15), (52, 34)
"""A pixel of the first pair's mask, and one beside it."""


def tools(desk: Driver) -> MaskTools:
    assert desk.window.tools is not None
    return desk.window.tools.masks


def pane(desk: Driver) -> Pane:
    return next(found for found in desk.window.findChildren(Pane) if found.accessibleName() == "Original")


def place(desk: Driver, point: tuple[float, float]) -> QPointF:
    return QPointF(*desk.workspace.view.surface.view.to_view(point))


def mouse(
    desk: Driver,
    kind: QEvent.Type,
    point: tuple[float, float],
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = PLAIN,
) -> None:
    at = place(desk, point)
    moves, up = kind is QEvent.Type.MouseMove, kind is QEvent.Type.MouseButtonRelease
    event = QMouseEvent(kind, at, pane(desk).mapToGlobal(at), NONE if moves else button, NONE if up else button, keys)
    QApplication.sendEvent(pane(desk), event)


def drag(
    desk: Driver, *points: tuple[float, float], button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN
) -> None:
    mouse(desk, QEvent.Type.MouseButtonPress, points[0], button, keys)
    for point in points[1:]:
        mouse(desk, QEvent.Type.MouseMove, point, button, keys)
    mouse(desk, QEvent.Type.MouseButtonRelease, points[-1], button, keys)


def pen(desk: Driver, kind: QEvent.Type, point: tuple[float, float], pressed: float, turned: bool = False) -> None:
    device = QPointingDevice(
        "pen",
        1,
        QInputDevice.DeviceType.Stylus,
        QPointingDevice.PointerType.Eraser if turned else QPointingDevice.PointerType.Pen,
        QInputDevice.Capability.Position | QInputDevice.Capability.Pressure,
        1,
        1,
        "",
        QPointingDeviceUniqueId(),
    )
    at = place(desk, point)
    event = QTabletEvent(
        kind, device, at, pane(desk).mapToGlobal(at), pressed, 0.0, 0.0, 0.0, 0.0, 0.0, PLAIN, LEFT, LEFT
    )
    QApplication.sendEvent(pane(desk), event)


def written(desk: Driver) -> None:
    """Wait until every gesture is in the project: their patches are worked out by a job."""
    desk.qtbot.waitUntil(lambda: not tools(desk).room.writing)


def mask(desk: Driver) -> np.ndarray:
    written(desk)
    layer = tools(desk).editor.layer
    assert layer is not None
    return layer.mask.copy()


def recipe(desk: Driver) -> Recipe | None:
    written(desk)
    return desk.workspace.session.store.pairs([desk.at])[0].recipe


def strokes(desk: Driver) -> list[str]:
    made = recipe(desk)
    return [] if made is None else [stroke.tool for stroke in made.strokes]


def edit_first(real: Driver) -> Driver:
    """Open the first pair's mask, and take a hard brush of 6 pixels."""
    store = real.workspace.session.store
    first = next(pair for pair in store.pairs(store.pair_ids()) if pair.placement is not None)
    real.workspace.presenter.show(first.id)
    real.qtbot.waitUntil(lambda: real.scene().original is not None)
    real.key(Key.Key_E)
    real.qtbot.waitUntil(lambda: tools(real).editor.sheet is not None)
    tools(real).editor.set_brush_size(6.0)
    for _ in range(2):
        real.key(Key.Key_BracketRight, Qt.KeyboardModifier.ShiftModifier)
    return real
