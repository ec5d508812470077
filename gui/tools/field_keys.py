"""Enter and Esc in the fields of a bar: both give the keyboard back to the pictures."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget


class FieldKeys(QObject):
    """Lives as long as its bar."""

    left = Signal()
    """The keyboard is done with a field."""

    def __init__(self, fields: Iterable[QWidget], bar: QWidget) -> None:
        super().__init__(bar)
        for field in fields:
            field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what was typed on Enter, leave it on Esc."""
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        spin = watched if isinstance(watched, (QSpinBox, QDoubleSpinBox)) else None
        if spin is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            spin.interpretText()
        elif event.key() != Qt.Key.Key_Escape:
            return False
        elif isinstance(spin, QSpinBox):
            spin.setValue(spin.value())  # as it was before something was typed
        elif spin is not None:
            spin.setValue(spin.value())
        self.left.emit()
        return True
