"""A line above the pictures that says what went wrong and what to do, and is in nobody's way."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from gui.assets import Theme, current_theme, icon, on_theme_changed, set_icon


class Banner(QWidget):
    """One message at a time. A message that stays (read-only, say) comes back when a later one is closed."""

    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lasting = ("", "")
        self._may_retry = False
        self._kept = ("", "")
        self._sign = QLabel()
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._close = QToolButton()
        self._close.setToolTip("Close this message")
        self._close.setAccessibleName("Close this message")
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_icon(self._close, "close")
        self._retry = QPushButton("Try again")
        self._retry.setToolTip("See whether the project can be written now")
        self._retry.setAutoDefault(False)
        self._retry.clicked.connect(self.retry_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(8)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._retry)
        layout.addWidget(self._close)
        self._close.clicked.connect(self._on_closed)
        on_theme_changed(self._on_theme_changed)
        self._on_theme_changed(current_theme())
        self.hide()

    @property
    def message(self) -> str:
        """What is shown; empty while nothing is."""
        return "" if self.isHidden() else self._text.text()

    def tell(self, message: str, remedy: str = "", keep: bool = False) -> None:
        """Show a message until it is closed or another one comes; ``keep`` it when a project comes or goes."""
        self._kept = (message, remedy) if keep else self._kept
        self._show(message, remedy, closable=True)

    def tell_lasting(self, message: str, remedy: str = "", retry: bool = False) -> None:
        """Show a message that is true until it is taken back by :meth:`clear`; ``retry`` offers to try again."""
        self._lasting, self._may_retry = (message, remedy), retry
        self._show(message, remedy, closable=False)

    def clear(self) -> None:
        """The project is about to go: show nothing more of it."""
        self._lasting = ("", "")
        self._show_rest()

    def dismiss(self) -> None:
        """What was told in passing has been read: a person goes on to something else."""
        self._show_rest()

    def _show(self, message: str, remedy: str, closable: bool) -> None:
        self._text.setText(f"{message} {remedy}".strip())
        self._text.setAccessibleName(self._text.text())
        self._close.setVisible(closable)
        self._retry.setVisible(self._may_retry and not closable)
        self.show()

    def _on_closed(self) -> None:
        self._kept = ("", "")
        self._show_rest()

    def _show_rest(self) -> None:
        if self._kept[0]:
            self._show(*self._kept, closable=True)
        elif self._lasting[0]:
            self._show(*self._lasting, closable=False)
        else:
            self.hide()

    def _on_theme_changed(self, theme: Theme) -> None:
        self._sign.setPixmap(icon("warning", theme.warning).pixmap(16, 16))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground with a stripe in the warning's colour."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.raised))
        painter.fillRect(0, 0, 4, self.height(), QColor(theme.warning))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(theme.line))
        painter.end()
