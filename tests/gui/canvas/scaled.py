"""Run by test_scale.py in a process of its own, whose screen has another scale: where the mouse says it is, and what
is painted there."""

from __future__ import annotations

import json
import sys

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication

from core.jobs.answers import DisplayPicture
from gui.assets import apply_theme
from gui.canvas.pair_view import PairView
from gui.canvas.pane import Pane
from gui.canvas.scene import CursorPlace, PairScene

SIDE = 256


def main() -> None:
    """Print device pixels for each view pixel, and pixels of the picture: the one that is told, the one painted."""
    app = QApplication(sys.argv)
    apply_theme(app, "light")
    # each pixel's colour says where it lies: red is its column, green its row
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[..., 2], pixels[..., 1], pixels[..., 3] = np.arange(SIDE)[None, :], np.arange(SIDE)[:, None], 255
    view = PairView()
    view.resize(420, 360)
    view.show()
    picture = DisplayPicture((pixels,), True, SIDE, SIDE)
    view.show_scene(PairScene(original=picture, original_size=(SIDE, SIDE), pair_id=1))
    pane = next(found for found in view.findChildren(Pane) if found.accessibleName() == "Original")
    told: list[CursorPlace | None] = []
    view.cursor_moved.connect(told.append)
    ratio, found = view.devicePixelRatio(), []
    for zoom in (2.0, 3.7, 9.0):
        view.fit()
        view.zoom_by(zoom / view.zoom())
        shown = pane.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        for column in range(3, shown.width() - 40, 41):
            for row in range(2, shown.height() - 40, 37):
                at = QPointF((column + 0.5) / ratio, (row + 0.5) / ratio)
                told.clear()
                move = QMouseEvent(
                    QEvent.Type.MouseMove,
                    at,
                    pane.mapToGlobal(at),
                    Qt.MouseButton.NoButton,
                    Qt.MouseButton.NoButton,
                    Qt.KeyboardModifier.NoModifier,
                )
                QApplication.sendEvent(pane, move)
                colour = shown.pixelColor(column, row)
                if told and told[-1] is not None and told[-1].original is not None:
                    x, y = told[-1].original
                    found.append(((x, y), (colour.red(), colour.green())))
    sys.stdout.write(json.dumps({"ratio": ratio, "points": found}))


if __name__ == "__main__":
    main()
