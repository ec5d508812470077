"""The order in which Tab goes from one widget to the next."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def tab_through(*widgets: QWidget) -> None:
    """Let Tab go from each of these to the next: Qt goes in the order in which they were made."""
    for one, other in pairwise(widgets):
        QWidget.setTabOrder(one, other)


def first_by_tab(root: QWidget) -> QWidget | None:
    """Return where Tab comes first within ``root``, itself included; None where nothing takes the keyboard."""
    widget: QWidget | None = root
    while widget is not None:
        ours = widget is root or root.isAncestorOf(widget)
        if ours and widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return widget
        widget = widget.nextInFocusChain()
        if widget is root:
            break
    return None


def tab_as_read(root: QWidget) -> None:
    """Let Tab go through what ``root`` holds line by line, as it is laid out now."""
    found = [
        (widget.mapTo(root, widget.rect().center()), widget)
        for widget in root.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(root)
    ]
    found.sort(key=lambda entry: entry[0].y())
    lines: list[list[tuple[int, QWidget]]] = []
    last = -_LINE
    for at, widget in found:
        if at.y() - last >= _LINE:
            lines.append([])
            last = at.y()
        lines[-1].append((at.x(), widget))
    tab_through(*(widget for line in lines for _, widget in sorted(line, key=lambda entry: entry[0])))


_LINE = 10
"""Middles of widgets of one line differ by less, pixels."""
