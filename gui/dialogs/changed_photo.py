"""A photo that two versions of a model cut in two ways: small pictures side by side, with a line around each cut."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.jobs.answers import DisplayPicture, Trial
from gui.assets import current_theme
from gui.canvas.colour_maps import cut_value
from gui.canvas.layers import FOOTPRINT_EDGE, MASK_EDGE, Glass, LineLook, PictureLayer, qt_transform
from gui.canvas.marching import line_within
from gui.canvas.qimages import path_of_lines
from gui.canvas.viewport import Viewport, fit, level_matrix
from gui.jobs.training import Changed

SIDE, GAP = 150, 2
_PICTURES: tuple[tuple[int, dict[bool, LineLook]], ...] = (
    (0, {False: MASK_EDGE}),
    (SIDE + GAP, {False: FOOTPRINT_EDGE, True: MASK_EDGE}),
)
"""Where each picture begins, and how it draws the old version's cut and the new one's."""
_LONGEST = 4000


class ChangedPhoto(QWidget):
    """Fills as its picture and its cuts come in."""

    def __init__(self, change: Changed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._change = change
        self._picture: PictureLayer | None = None
        self._cuts: dict[bool, tuple[tuple[int, int], QPainterPath]] = {}
        words = f"{change.before:.0%} → {change.after:.0%}"
        self._words = words
        self.setFixedSize(2 * SIDE + GAP, SIDE + self.fontMetrics().height() + 6)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(f"{change.name}\nOverlap {words}")
        self.setAccessibleName(f"{change.name}: overlap {words}")

    def show_picture(self, picture: DisplayPicture) -> None:
        """Take the photo."""
        self._picture = PictureLayer(picture)
        self.update()

    def show_cut(self, trial: Trial, new: bool) -> None:
        """Take what the old or the new version says."""
        level = trial.layer.levels[-1]
        points, starts = line_within(level, cut_value(trial.threshold), _LONGEST)
        self._cuts[new] = (level.shape[1], level.shape[0]), path_of_lines(points, starts)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the photo as the old version cuts it, as the new one does, and the overlap before and after."""
        theme, painter = current_theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for left, lines in _PICTURES:
            painter.save()
            painter.translate(left, 0)
            self._paint_picture(painter, lines)
            painter.restore()
        mark, colour = {1: ("▲ ", theme.accepted), -1: ("▼ ", theme.rejected), 0: ("", theme.text)}[self._change.way]
        painter.setPen(QColor(colour))
        below = QRectF(0, SIDE + 4, self.width(), self.fontMetrics().height())
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, mark + self._words)
        painter.end()

    def _paint_picture(self, painter: QPainter, lines: dict[bool, LineLook]) -> None:
        square = QRectF(0, 0, SIDE, SIDE)
        painter.fillRect(square, QColor(current_theme().surround))
        if self._picture is None:
            return
        view = fit(self._picture.size, (SIDE, SIDE))
        painter.setClipRect(square)
        self._picture.paint(painter, view, Glass((SIDE, SIDE), self.devicePixelRatio()))
        for new, look in lines.items():
            if new in self._cuts:
                self._paint_cut(painter, view, look, *self._cuts[new])

    def _paint_cut(
        self, painter: QPainter, view: Viewport, look: LineLook, size: tuple[int, int], path: QPainterPath
    ) -> None:
        assert self._picture is not None
        painter.save()
        painter.setTransform(qt_transform(view.after(level_matrix(size, self._picture.size)).matrix), True)
        for pen in look.pens(self.devicePixelRatio()):
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(path)
        painter.restore()
