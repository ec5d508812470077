"""The portrait's own colours in a mask's soft edge, as they lie over the photo when it is shown on a backdrop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from gui.canvas.layers import CORNERS, NEAREST_FROM, qt_transform
from gui.canvas.qimages import wrap_colour
from gui.canvas.viewport import Viewport, compose, level_matrix


class EdgeColours:
    """A part of one level of the photo's pyramid."""

    def __init__(self, pixels: NDArray[np.uint8], corner: tuple[int, int], level: tuple[int, int]) -> None:
        """Take (h, w, 4) B, G, R, A, premultiplied, at a corner (left, top) of a level of a size (width, height)."""
        self._image = wrap_colour(np.ascontiguousarray(pixels), opaque=False)
        self._corner, self._level = corner, level

    def paint(self, painter: QPainter, view: Viewport, ratio: float, full: tuple[int, int]) -> None:
        """Paint them over the photo, whose size is ``full``; ``ratio`` is device pixels for each view pixel."""
        of_level = view.after(level_matrix(self._level, full))
        squares = view.scale * ratio >= NEAREST_FROM and self._level == full
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not squares)
        painter.setTransform(qt_transform(compose(of_level.matrix, CORNERS)), True)
        painter.drawImage(QRectF(*self._corner, *self._image.size), self._image.image)
        painter.restore()
