"""The field in which a comment is written."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from gui.current_keys import set_keyed


class CommentEdit(QPlainTextEdit):
    """Says that the comment is finished when the keyboard leaves it: nothing typed is lost."""

    finished = Signal()
    left = Signal()
    """Escape or Ctrl+Enter: the keyboard wants to go back to the queue."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_keyed(self, "Comment ({comment}; Esc goes back)", "placeholderText")
        self.setToolTip("Esc goes back to the pictures")
        self.setAccessibleName("Comment on this pair")
        self.setTabChangesFocus(True)
        self.setFixedHeight(72)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Finish."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape or Ctrl+Enter."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape or (enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            self.left.emit()
        else:
            super().keyPressEvent(event)
