"""The key sheet: every action with its keys, by when it can be used."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.actions import TABLE, ActionSpec, key_text
from gui.assets import current_theme

_Rows = tuple[tuple[str, str], ...]
"""Keys, and what they do."""

_MOUSE = (
    ("Wheel", "Zoom at the mouse"),
    ("Drag, middle-drag", "Pan both pictures"),
    ("Shift-drag", "Pan one picture alone"),
    ("Double-click", "Fit"),
)
_EDIT_MOUSE = (
    ("Drag", "Use the tool"),
    ("Alt-drag, pen's eraser", "Take away instead"),
    ("Space-drag, middle-drag", "Pan"),
)
REASONS = (
    ("1, W", "Wrong photo"),
    ("2, P", "Bad placement"),
    ("3, M", "Bad mask"),
    ("4, B", "Poor photo"),
    ("5, D", "Duplicate"),
    ("6, O", "Other"),
    ("Enter", "The marked one"),
)
"""Keys of the list that opens on Reject."""


class KeySheet(QDialog):
    """Reads the table of actions, so nothing can be missing from it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        body = QWidget()
        columns = QGridLayout(body)
        columns.setHorizontalSpacing(40)
        columns.setContentsMargins(8, 8, 16, 8)
        review = [spec for spec in TABLE if spec.menu == "&Review"]
        view = [spec for spec in TABLE if spec.menu == "&View"]
        model = [spec for spec in TABLE if spec.menu == "&Model"]
        mask = [spec for spec in TABLE if spec.menu == "M&ask"]
        others = [spec for spec in TABLE if spec.menu not in ("&Review", "&View", "&Model", "M&ask")]
        sheets = (
            _sheet(("Review", _rows(review)), ("Why it is rejected, after X", REASONS)),
            _sheet(("View", _rows(view)), ("Project and program", _rows(others))),
            _sheet(("Model", _rows(model)), ("Mouse", _MOUSE)),
            _sheet(("Editing a mask, after E", _rows(mask)), ("Mouse, while editing", _EDIT_MOUSE)),
        )
        for column, sheet in enumerate(sheets):
            columns.addLayout(sheet, 0, column, Qt.AlignmentFlag.AlignTop)
        scroll = QScrollArea()
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll)
        layout.addWidget(buttons)
        self.resize(min(body.sizeHint().width() + 60, 1400), min(body.sizeHint().height() + 90, 760))


def _rows(specs: list[ActionSpec]) -> _Rows:
    return tuple((key_text(spec), spec.name) for spec in specs)


def _sheet(*sections: tuple[str, _Rows]) -> QGridLayout:
    """Lay out sections, each a title and its rows, below one another."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(5)
    for title, rows in sections:
        if grid.count():
            grid.setRowMinimumHeight(grid.rowCount(), 12)
        head = QLabel(title)
        font = head.font()
        font.setPointSizeF(font.pointSizeF() * 1.15)
        font.setWeight(font.Weight.DemiBold)
        head.setFont(font)
        grid.addWidget(head, grid.rowCount(), 0, 1, 2)
        for keys, name in rows:
            at = grid.rowCount()
            shown = QLabel(_as_keys(keys), textFormat=Qt.TextFormat.RichText)
            grid.addWidget(shown, at, 0, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(QLabel(name), at, 1)
    grid.setColumnStretch(1, 1)
    return grid


def _as_keys(keys: str) -> str:
    colour = current_theme().muted
    if not keys:
        return f'<span style="color:{colour}">menu</span>'
    return f'<span style="color:{colour}">, </span>'.join(f"<b>{escape(key)}</b>" for key in keys.split(", "))
