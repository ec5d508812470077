"""The small list that opens on X: one more key says why the pair is rejected."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from core.domain import RejectReason
from gui.review import words

KEYS = dict(zip(range(1, len(RejectReason) + 1), RejectReason, strict=True))
LETTERS = {
    "W": RejectReason.WRONG_PHOTO,
    "P": RejectReason.BAD_PLACEMENT,
    "M": RejectReason.BAD_MASK,
    "B": RejectReason.POOR_PHOTO,
    "D": RejectReason.DUPLICATE,
    "O": RejectReason.OTHER,
}
_LETTER_OF = {reason: letter for letter, reason in LETTERS.items()}


class ReasonPopup(QFrame):
    """Digits or letters choose, Enter takes the first guess, Escape or a click elsewhere leaves all as it is."""

    chosen = Signal(object)
    """A ``RejectReason``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Reason for rejecting")
        self._buttons: dict[RejectReason, QPushButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.setSpacing(4)
        title = QLabel("Why is it rejected?")
        font = title.font()
        font.setWeight(font.Weight.DemiBold)
        title.setFont(font)
        layout.addWidget(title)
        for number, reason in KEYS.items():
            button = QPushButton(f"{number}   {words.REASONS[reason]}  ({_LETTER_OF[reason]})")
            button.setStyleSheet("text-align: left; outline: none")
            button.setAutoDefault(True)
            button.clicked.connect(self._on_button_clicked)
            self._buttons[reason] = button
            layout.addWidget(button)
        hint = QLabel("Enter takes the marked one, Esc cancels")
        hint.setProperty("role", "muted")
        layout.addWidget(hint)

    def ask(self, at: QPoint, guess: RejectReason) -> None:
        """Open at a place on the screen with a reason marked."""
        self.adjustSize()
        self.move(at)
        self.show()
        self._buttons[guess].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by key."""
        key = event.key()
        reason = KEYS.get(key - Qt.Key.Key_0) or LETTERS.get(event.text().upper())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            reason = next((reason for reason, button in self._buttons.items() if button.hasFocus()), None)
        if reason is not None:
            self._choose(reason)
        elif key == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _on_button_clicked(self) -> None:
        for reason, button in self._buttons.items():
            if button is self.sender():
                self._choose(reason)

    def _choose(self, reason: RejectReason) -> None:
        self.close()
        self.chosen.emit(reason)
