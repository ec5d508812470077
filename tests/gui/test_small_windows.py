"""The window at 1024 x 700: no mode makes it wider, and nothing that is there is cut off."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QLineEdit, QWidget

from gui.actions import BY_ID
from tests.gui.conftest import Driver

SIZE = (1024, 700)
ARROWS = 24
"""Room for the arrows of a field, and its frame."""
TOOLS = [name for name in BY_ID if name.startswith("tool_")]
MODES = ["compare_swipe", "compare_blink", "compare_onion", "compare_difference"]


def small(desk: Driver) -> Driver:
    desk.workspace.presenter.show(1)
    desk.qtbot.waitUntil(lambda: desk.scene().mask is not None)
    desk.window.resize(*SIZE)
    QApplication.processEvents()
    return desk


def needed(widget: QWidget) -> int:
    """Return the width without which something of a widget is cut off: a number needs no room for greater ones."""
    if isinstance(widget, QAbstractSpinBox):
        return widget.fontMetrics().horizontalAdvance(widget.text()) + ARROWS
    return widget.minimumSizeHint().width()


def cut_off(window: QWidget) -> list[str]:
    """Return the buttons and fields that get less room than they need, or lie outside of the window."""
    found = []
    for widget in window.findChildren(QWidget):
        theirs = isinstance(widget, (QAbstractButton, QAbstractSpinBox)) and not isinstance(widget.parent(), QLineEdit)
        if not theirs or not widget.isVisible():
            continue
        corner = widget.mapTo(window, QPoint(widget.width(), 0))
        if widget.width() < needed(widget) or corner.x() > window.width():
            found.append(f"{widget.accessibleName()}: {widget.width()} of {needed(widget)} pixels")
    return found


def check(desk: Driver) -> None:
    QApplication.processEvents()
    window = desk.window
    assert window.minimumSizeHint().width() <= SIZE[0]
    assert window.width() == SIZE[0]
    assert "\n".join(cut_off(window)) == ""


def test_reviewing(real: Driver) -> None:
    check(small(real))


def test_editing_with_every_tool(real: Driver) -> None:
    desk = small(real)
    desk.window.commands["edit"].trigger()
    desk.qtbot.waitUntil(lambda: desk.window.tools is not None and desk.window.tools.masks.editor.sheet is not None)
    for tool in TOOLS:
        desk.window.commands[tool].trigger()
        check(desk)


def test_placing_and_comparing(real: Driver) -> None:
    desk = small(real)
    desk.window.commands["place"].trigger()
    check(desk)
    for mode in MODES:
        desk.window.commands[mode].trigger()
        check(desk)
    desk.window.commands["landmarks"].trigger()
    check(desk)
