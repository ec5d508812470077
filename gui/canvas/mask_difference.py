"""Two masks of a photo: one of them, or what the second adds and leaves out, told by colour, stripes and line."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPaintEvent, QPixmap, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.jobs.answers import DisplayPicture
from gui.assets import current_theme
from gui.canvas.layers import CASING, LIGHT_CORE, MASK_EDGE, Glass, LineLook, PictureLayer, pen_of, qt_transform
from gui.canvas.marching import line_within
from gui.canvas.qimages import path_of_lines
from gui.canvas.viewport import Point, fit_points, level_matrix, transform

ADDED, REMOVED = QColor("#56b4e9"), QColor("#e8601c")
"""Apart for every kind of sight; stripes lean to the right over what is added, to the left over what is left out."""
_AS_IT_IS = QTransform()
_OLD_EDGE = LineLook(LIGHT_CORE, 1.25, dashed=True)
_LONGEST = 60_000
_MARGIN = 6.0
Plane8 = NDArray[np.uint8]


class Shown(Enum):
    """What a view shows."""

    OLD = "Old mask"
    NEW = "New mask"
    DIFFERENCE = "Difference"


class MaskDifference(QWidget):
    """One view; the same two masks may be in several."""

    def __init__(self, shown: Shown, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = shown
        self._picture: PictureLayer | None = None
        self._size = (1, 1)
        self._around: tuple[Point, Point] = ((0.0, 0.0), (0.0, 0.0))
        """Corners of a box around both masks, in their pixels."""
        self._paths: dict[str, QPainterPath] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(shown.value)

    def sizeHint(self) -> QSize:
        """Return a size at which a difference can be seen."""
        return QSize(480, 360) if self._shown is Shown.DIFFERENCE else QSize(240, 180)

    def show_masks(self, old: Plane8 | None, new: Plane8 | None, words: str = "") -> None:
        """Show other masks (None: none), of one size; their photo is still to come."""
        self._picture, self._paths = None, {}
        if old is not None and new is not None:
            self._size = old.shape[1], old.shape[0]
            was, now = old >= 128, new >= 128
            self._around = _box_of(was | now)
            planes = {"old": was, "new": now, "added": now & ~was, "removed": was & ~now}
            wanted = {Shown.OLD: ("old",), Shown.NEW: ("new",)}.get(self._shown, tuple(planes))
            self._paths = {name: _path(planes[name]) for name in wanted}
        self.setAccessibleDescription(words)
        self.update()

    def show_picture(self, picture: DisplayPicture) -> None:
        """Take the photo."""
        self._picture = PictureLayer(picture)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the photo, and over it what is shown."""
        theme, painter = current_theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.surround))
        if self._paths:
            extent = float(self.width()), float(self.height())
            full = self._picture.size if self._picture is not None else self._size
            to_full = level_matrix(self._size, full)
            view = fit_points([transform(to_full, corner) for corner in self._around], extent, _MARGIN)
            if self._picture is not None:
                self._picture.paint(painter, view, Glass(extent, self.devicePixelRatio()))
            painter.setTransform(qt_transform(view.after(to_full).matrix), True)
            self._paint_masks(painter)
        painter.end()

    def _paint_masks(self, painter: QPainter) -> None:
        if self._shown is not Shown.DIFFERENCE:
            old = self._shown is Shown.OLD
            self._line(painter, self._paths["old" if old else "new"], _OLD_EDGE if old else MASK_EDGE, outside=True)
            return
        # both lines first: what lies between them must be seen, however thin it is
        self._line(painter, self._paths["old"], _OLD_EDGE)
        self._line(painter, self._paths["new"], MASK_EDGE)
        to_screen = painter.transform().inverted()[0]
        for added, name in ((True, "added"), (False, "removed")):
            paint_stripes(painter, self._paths[name], added, to_screen)

    def _line(self, painter: QPainter, path: QPainterPath, look: LineLook, outside: bool = False) -> None:
        if outside:  # what does not belong to the mask recedes
            around = QPainterPath()
            around.addRect(QRectF(-0.5, -0.5, *self._size))
            painter.fillPath(around.subtracted(path), QColor(16, 16, 16, 150))
        for pen in look.pens(self.devicePixelRatio()):
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(path)


def paint_stripes(painter: QPainter, path: QPainterPath, added: bool, upright: QTransform = _AS_IT_IS) -> None:
    """Paint an area that is added, or left out; ``upright`` keeps the stripes at the screen's size."""
    painter.fillPath(path, ADDED if added else REMOVED)
    stripes = QBrush(CASING, Qt.BrushStyle.BDiagPattern if added else Qt.BrushStyle.FDiagPattern)
    stripes.setTransform(upright)
    painter.fillPath(path, stripes)
    edge = pen_of(CASING, 1.0)
    edge.setCosmetic(True)
    painter.strokePath(path, edge)


def difference_swatch(added: bool, ratio: float) -> QPixmap:
    """Return what stands in a legend for an area that is added, or left out."""
    made = QPixmap(round(22 * ratio), round(14 * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter, path = QPainter(made), QPainterPath()
    path.addRect(QRectF(0.5, 0.5, 21, 13))
    paint_stripes(painter, path, added)
    painter.end()
    return made


def _box_of(flags: NDArray[np.bool_]) -> tuple[Point, Point]:
    """Return the corners around what is set, with some room; of all, where nothing is."""
    height, width = flags.shape
    rows, columns = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))
    if not len(rows):
        return (0.0, 0.0), (width - 1.0, height - 1.0)
    left, right, top, bottom = (float(value) for value in (columns[0], columns[-1], rows[0], rows[-1]))
    room = 0.12 * max(right - left, bottom - top) + 2
    return (max(left - room, 0), max(top - room, 0)), (min(right + room, width - 1), min(bottom + room, height - 1))


def _path(plane: NDArray[np.bool_]) -> QPainterPath:
    points, starts = line_within(np.ascontiguousarray(plane * np.uint8(255)), 128, _LONGEST)
    return path_of_lines(points, starts)
