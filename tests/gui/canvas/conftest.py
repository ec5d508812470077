"""Pictures, masks, views and a mouse for the canvas' tests, and ears for what Qt complains of."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.domain import Placement
from core.jobs.answers import DisplayPicture, MaskLayer
from gui.assets import apply_theme
from gui.canvas.pair_view import PairView
from gui.canvas.pane import Pane
from gui.canvas.scene import OverlayStyle, PairScene

Array = NDArray[np.uint8]
Take = Callable[[QImage], Array]
LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
GREY = (120, 120, 120)
PLACEMENT = Placement(0.5, 90.0, True, 365.0, 290.0)
BARE = OverlayStyle(outline=False, footprint=False)


# the offscreen platform has no window manager to tell sizes to
HARMLESS = "This plugin does not support propagateSizeHints()"


def pane(view: PairView, name: str = "Original") -> Pane:
    return next(found for found in view.findChildren(Pane) if found.accessibleName() == name)


def send(
    target: QWidget,
    kind: QEvent.Type,
    at: tuple[float, float],
    button: Qt.MouseButton = NONE,
    buttons: Qt.MouseButton = NONE,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    here = QPointF(*at)
    QApplication.sendEvent(target, QMouseEvent(kind, here, target.mapToGlobal(here), button, buttons, keys))


def drag(
    target: QWidget,
    start: tuple[float, float],
    end: tuple[float, float],
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    send(target, QEvent.Type.MouseButtonPress, start, button, button, keys)
    send(target, QEvent.Type.MouseMove, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), NONE, button, keys)
    send(target, QEvent.Type.MouseMove, end, NONE, button, keys)
    send(target, QEvent.Type.MouseButtonRelease, end, button, NONE, keys)
    leave(target)


def leave(target: QWidget) -> None:
    """Take the mouse away, and its mark in the other pane with it."""
    QApplication.sendEvent(target, QEvent(QEvent.Type.Leave))


def wheel(target: QWidget, at: tuple[float, float], angle: int = 0, pixels: int = 0) -> None:
    event = QWheelEvent(
        QPointF(*at),
        target.mapToGlobal(QPointF(*at)),
        QPoint(0, pixels),
        QPoint(0, angle),
        NONE,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(target, event)


def shot(view: PairView, pixels: Take, name: str = "Original") -> Array:
    return pixels(pane(view, name).grab().toImage())


def centre_of(shown: Array, colour: tuple[int, int, int]) -> tuple[float, float]:
    """Return x, y of the middle of what has a colour, give or take 60."""
    rows, columns = np.nonzero(np.all(np.abs(shown.astype(int) - colour) <= 60, axis=2))
    assert len(rows), "nothing has that colour"
    return (columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2


def listen(view: PairView) -> list[Any]:
    heard: list[Any] = []
    view.cursor_moved.connect(heard.append)
    return heard


def marked_at(view: PairView, name: str) -> tuple[float, float]:
    at = pane(view, name)._crosshair
    assert at is not None, "nothing is marked"
    return at


@pytest.fixture(autouse=True)
def _qt_is_content(qtlog: Any) -> Iterator[None]:
    yield
    assert [record.message for record in qtlog.records if record.message != HARMLESS] == []


def _halved(pixels: Array) -> Array:
    height, width = pixels.shape[:2]
    even = np.pad(pixels, [(0, height % 2), (0, width % 2), *[(0, 0)] * (pixels.ndim - 2)], mode="edge")
    blocks = even.reshape(-(-height // 2), 2, -(-width // 2), 2, *pixels.shape[2:])
    return np.ascontiguousarray(blocks.mean(axis=(1, 3)).round().astype(np.uint8))


def _levels(pixels: Array) -> tuple[Array, ...]:
    levels = [np.ascontiguousarray(pixels)]
    while max(levels[-1].shape[:2]) > 512:
        levels.append(_halved(levels[-1]))
    return tuple(levels)


@pytest.fixture
def picture() -> Callable[..., DisplayPicture]:
    """Make a display picture of (h, w, 3) RGB, with alpha (h, w) if given, as a preview if ``full`` is larger."""

    def make(rgb: Array, alpha: Array | None = None, full: tuple[int, int] | None = None) -> DisplayPicture:
        height, width = rgb.shape[:2]
        cover = np.full((height, width), 255, np.uint8) if alpha is None else alpha
        colour = (rgb[..., ::-1] * (cover[..., None] / 255)).round().astype(np.uint8)
        return DisplayPicture(_levels(np.dstack([colour, cover])), alpha is None, *(full or (width, height)))

    return make


@pytest.fixture
def mask_layer() -> Callable[[Array], MaskLayer]:
    """Make a mask layer of one filled rectangle or disc (its outline is that of the bounding box's pixels)."""

    def make(mask: Array) -> MaskLayer:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        left, right, top, bottom = columns[0], columns[-1], rows[0], rows[-1]
        ring = np.array([(left, top), (left, bottom), (right, bottom), (right, top)], np.float32)
        return MaskLayer(_levels(mask), (ring,), int(np.count_nonzero(mask >= 128)))

    return make


@pytest.fixture
def view(qtbot: QtBot) -> PairView:
    """Show an empty pair view, 801 x 430: two panes of 400 x 400 or a little less."""
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, "light")
    made = PairView()
    qtbot.addWidget(made)
    made.resize(801, 430)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def pixels() -> Callable[[QImage], Array]:
    """Take a Qt image to (h, w, 3) RGB."""

    def take(image: QImage) -> Array:
        flat = image.convertToFormat(QImage.Format.Format_RGB32)
        data = np.frombuffer(flat.constBits(), np.uint8).reshape(flat.height(), flat.width(), 4)
        return data[..., 2::-1].copy()

    return take


@pytest.fixture
def scene(picture: Callable[..., DisplayPicture], mask_layer: Callable[[Array], MaskLayer]) -> PairScene:
    """Make a 600 x 400 original, grey with a red square; a 300 x 200 designer image of it; a square mask."""
    original = np.full((400, 600, 3), 120, np.uint8)
    original[180:220, 280:320] = (220, 30, 30)
    designer = np.full((200, 300, 3), 90, np.uint8)
    x, y = (round(at) for at in PLACEMENT.apply_inverse(300, 200))
    designer[y - 40 : y + 40, x - 40 : x + 40] = (30, 200, 30)
    mask = np.zeros((400, 600), np.uint8)
    mask[100:300, 200:400] = 255
    return PairScene(
        picture(original), picture(designer), mask_layer(mask), PLACEMENT, (600, 400), (300, 200), BARE, pair_id=1
    )
