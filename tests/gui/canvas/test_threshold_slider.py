"""The threshold's slider under a real mouse, and what it says to those who do not see it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.canvas.threshold_slider import ThresholdScale, ThresholdSlider, _bars
from tests.gui.canvas.conftest import LEFT, NONE, send

SCALE = ThresholdScale(np.arange(256), 0.43, (0.33, 0.56))


@pytest.fixture
def slider(qtbot: QtBot) -> ThresholdSlider:
    made = ThresholdSlider()
    qtbot.addWidget(made)
    made.resize(218, made.sizeHint().height())
    made.show_scale(SCALE)
    made.show_value(43)
    made.show()
    return made


def x_of(slider: ThresholdSlider, per_cent: float) -> float:
    return slider._x(per_cent / 100)


def test_a_drag_is_followed_and_told_once_it_ends(slider: ThresholdSlider) -> None:
    moved: list[int] = []
    released: list[bool] = []
    slider.sliderMoved.connect(moved.append)
    slider.sliderReleased.connect(lambda: released.append(True))
    send(slider, QEvent.Type.MouseButtonPress, (x_of(slider, 50), 20), LEFT, LEFT)
    for at in (55, 60, 61):
        send(slider, QEvent.Type.MouseMove, (x_of(slider, at), 20), NONE, LEFT)
    assert (moved, released, slider.value()) == ([50, 55, 60, 61], [], 61)
    send(slider, QEvent.Type.MouseButtonRelease, (x_of(slider, 61), 20), LEFT, NONE)
    assert released == [True]
    send(slider, QEvent.Type.MouseMove, (x_of(slider, 10), 20))
    assert slider.value() == 61, "nobody holds it any more"


def test_beyond_its_ends_it_stays_at_them(slider: ThresholdSlider) -> None:
    send(slider, QEvent.Type.MouseButtonPress, (x_of(slider, 50), 20), LEFT, LEFT)
    send(slider, QEvent.Type.MouseMove, (-500, 20), NONE, LEFT)
    assert slider.value() == 0
    send(slider, QEvent.Type.MouseMove, (5000, 20), NONE, LEFT)
    assert slider.value() == 100
    send(slider, QEvent.Type.MouseButtonRelease, (5000, 20), LEFT, NONE)


def test_the_wheel_moves_nothing(slider: ThresholdSlider) -> None:
    event = QWheelEvent(
        QPointF(50, 10),
        slider.mapToGlobal(QPointF(50, 10)),
        QPoint(),
        QPoint(0, 120),
        NONE,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, event)
    assert slider.value() == 43


def test_without_a_map_it_takes_neither_mouse_nor_keys(slider: ThresholdSlider, qtbot: QtBot) -> None:
    slider.show_scale(None)
    send(slider, QEvent.Type.MouseButtonPress, (x_of(slider, 80), 20), LEFT, LEFT)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert (slider.value(), slider.isSliderDown()) == (43, False)


def test_what_is_drawn_is_said_as_well(slider: ThresholdSlider) -> None:
    assert "Learned: 43%" in slider.accessibleDescription()
    assert "between 33% and 56%" in slider.toolTip()
    slider.show_scale(ThresholdScale(np.arange(256), 1.0, (1.0, 1.0)))
    assert slider.accessibleDescription().startswith("Nothing was found")


def test_the_histogram_is_logarithmic(slider: ThresholdSlider) -> None:
    counts = np.zeros(256, np.int64)
    counts[0], counts[255] = 1_000_000, 100
    bars = _bars(counts)
    assert len(bars) == 64
    assert bars[0] == 1.0
    assert 0.3 < bars[-1] < 0.35, "a hundred of a million can still be seen"
    assert max(bars[1:-1]) == 0
