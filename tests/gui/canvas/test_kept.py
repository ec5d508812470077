"""What a widget has painted is kept: only what was spoilt is painted anew, and it looks the same."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.canvas.kept import Kept
from tests.gui.canvas.conftest import Array, Take


class Board(QWidget):
    """Paints a colour, and writes down where."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.resize(60, 40)
        self.colour = QColor("#204060")
        self.made: list[QRectF] = []
        self.kept = Kept(self, self.make)

    def make(self, painter: QPainter, part: QRectF) -> None:
        self.made.append(part)
        painter.fillRect(self.rect(), self.colour)

    def seen(self, pixels: Take) -> Array:
        image = QImage(self.size(), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.black)
        painter = QPainter(image)
        self.kept.paint(painter)
        painter.end()
        return pixels(image)


@pytest.fixture
def board(qtbot: QtBot) -> Board:
    made = Board()
    qtbot.addWidget(made)
    return made


def test_only_what_was_spoilt_is_painted_anew(board: Board, pixels: Take) -> None:
    first = board.seen(pixels)
    assert np.unique(first.reshape(-1, 3), axis=0).tolist() == [[0x20, 0x40, 0x60]]
    board.colour = QColor(255, 0, 0, 128)
    assert np.array_equal(board.seen(pixels), first)
    board.kept.spoil(QRect(50, 30, 30, 30))
    part = board.seen(pixels)
    assert board.made == [QRectF(0, 0, 60, 40), QRectF(50, 30, 10, 10)]
    assert part[35, 55] == pytest.approx(np.array((128, 0, 0)), abs=1), "not over what was there"
    part[30:, 50:] = first[30:, 50:]
    assert np.array_equal(part, first)
    assert len(board.made) == 2


def test_another_size_and_other_content_are_painted_whole(board: Board, pixels: Take) -> None:
    board.seen(pixels)
    board.resize(70, 50)
    board.seen(pixels)
    board.kept.drop()
    board.kept.spoil(QRect(0, 0, 5, 5))
    board.seen(pixels)
    assert board.made == [QRectF(0, 0, 60, 40), QRectF(0, 0, 70, 50), QRectF(0, 0, 70, 50)]
