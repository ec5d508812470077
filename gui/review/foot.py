"""The foot of the window: the job strip, a word in passing, where the mouse points, how large the picture is."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui.assets import Elided
from gui.canvas.scene import CursorPlace
from gui.jobs.strip import JobStrip

_TOLD_MS = 8000


class Foot(QWidget):
    """One quiet row."""

    def __init__(self, strip: JobStrip, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.told, self._cursor, self._zoom = Elided(Qt.TextElideMode.ElideRight), QLabel(), QLabel()
        self._rest = QTimer(self, singleShot=True, interval=_TOLD_MS)
        self._hint = ""
        self._pair_id: int | None = None
        self._rest.timeout.connect(self._on_rested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 12, 0)
        layout.setSpacing(20)
        layout.addWidget(strip, 1)
        for label in (self.told, self._cursor, self._zoom):
            label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
            layout.addWidget(label)
        for label in (self._cursor, self._zoom):
            label.setProperty("role", "muted")
        digits = self._zoom.fontMetrics()
        self._zoom.setMinimumWidth(digits.horizontalAdvance("6,400%"))

    def tell(self, words: str) -> None:
        """Say something in passing."""
        self.told.show_text(words)
        self.show()
        self._rest.start()

    def follow(self, pair_id: int | None) -> None:
        """A pair is on the screen: what was said of another one is not of it."""
        if pair_id != self._pair_id:
            self._pair_id = pair_id
            self.move_on()

    def move_on(self) -> None:
        """Another pair, another tool: what was said in passing is over."""
        self._rest.stop()
        self._on_rested()

    def show_hint(self, words: str) -> None:
        """Say what a drag will do, whenever there is nothing else to say; empty: nothing."""
        said = self.told.whole == self._hint
        self._hint = words
        if said or not self._rest.isActive():
            self.told.show_text(words)

    def _on_rested(self) -> None:
        self.told.show_text(self._hint)

    def show_cursor(self, place: CursorPlace | None) -> None:
        """Show which pixels the mouse points at, in both pictures."""
        parts = []
        if place is not None:
            for name, point in (("Original", place.original), ("Designer image", place.designer)):
                if point is not None:
                    parts.append(f"{name} {point[0]:.0f}, {point[1]:.0f}")
        self._cursor.setText("   ".join(parts))

    def show_zoom(self, zoom: float) -> None:
        """Show device pixels for each pixel of the original; 0.0 is that there is none."""
        self._zoom.setText(f"{zoom * 100:,.0f}%" if zoom else "")

    def clear(self) -> None:
        """Show nothing."""
        self.told.show_text("")
        for label in (self._cursor, self._zoom):
            label.clear()
