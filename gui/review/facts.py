"""Small widgets of the inspector: headings, rows of names and values, the sign of what was painted on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from gui.assets import Elided
from gui.canvas.swatches import painted_swatch


class PaintedSign(QWidget):
    """Says that something was painted on, beside the sign that it has over the original."""

    def __init__(self) -> None:
        super().__init__()
        self._colour = ""
        self._sign, self._text = QLabel(), QLabel(wordWrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self.setToolTip("Hats, names, frames: what shows nothing of the original")

    def say(self, text: str, colour: str = "") -> None:
        """Show a text; a colour (#rrggbb) stays until another one comes."""
        self._text.setText(text)
        if colour and colour != self._colour:
            self._colour = colour
            self._sign.setPixmap(painted_swatch(colour).pixmap(16, 16))


class Facts(QWidget):
    """Rows of a name and a value; "None" where there are none."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, Elided]] = []

    def show_facts(self, facts: list[tuple[str, str, str]]) -> None:
        """Show name, value and tool tip of each fact."""
        facts = facts or [("None", "", "")]
        while len(self._rows) < len(facts):
            name, value = muted(QLabel()), Elided()
            self._grid.addWidget(name, len(self._rows), 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, len(self._rows), 1)
            self._rows.append((name, value))
        for at, (name, value) in enumerate(self._rows):
            name.setVisible(at < len(facts))
            value.setVisible(at < len(facts))
            if at < len(facts):
                name.setText(facts[at][0])
                value.show_text(facts[at][1], facts[at][2])

    def names_width(self) -> int:
        """Return the width of the longest name."""
        return max((name.sizeHint().width() for name, _ in self._rows if not name.isHidden()), default=0)

    def set_names_width(self, width: int) -> None:
        """Let the values begin after ``width`` pixels for the names."""
        self._grid.setColumnMinimumWidth(0, width)


def heading(text: str) -> QLabel:
    """Return the head of a section."""
    label = weighty(QLabel(text, wordWrap=True))
    label.setContentsMargins(0, 10, 0, 0)
    return label


def weighty(label: QLabel) -> QLabel:
    """Return ``label`` in heavier type."""
    font = label.font()
    font.setWeight(font.Weight.DemiBold)
    label.setFont(font)
    return label


def muted(label: QLabel) -> QLabel:
    """Return ``label`` in fainter type."""
    label.setProperty("role", "muted")
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
