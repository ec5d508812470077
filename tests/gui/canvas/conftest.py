"""Pictures, masks and views for the canvas' tests, and ears for what Qt complains of."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from core.jobs.answers import DisplayPicture, MaskLayer
from gui.assets import apply_theme
from gui.canvas.pair_view import PairView

Array = NDArray[np.uint8]
# the offscreen platform has no window manager to tell sizes to
HARMLESS = "This plugin does not support propagateSizeHints()"


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
