"""The key sheet: every action with its keys, by when it can be used."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.actions import TABLE, ActionSpec, key_text
from gui.assets import current_theme
from gui.current_keys import on_keys_changed, with_keys

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
    ("{flip_held}-drag, pen's eraser", "Take away instead"),
    ("{pan_held}-drag, middle-drag", "Pan"),
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


_WIDEST = 1400


class KeySheet(QDialog):
    """Reads the table of actions, so nothing can be missing from it."""

    def __init__(self, parent: QWidget | None = None, change: QAction | None = None) -> None:
        """``change`` lets the keys be changed."""
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._scroll, self._body = QScrollArea(), QWidget()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setAccessibleName("Every action and its keys")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        if change is not None:
            button = buttons.addButton("Change keys…", QDialogButtonBox.ButtonRole.ActionRole)
            button.setAutoDefault(False)
            button.clicked.connect(change.trigger)
        layout = QVBoxLayout(self)
        layout.addWidget(self._scroll)
        layout.addWidget(buttons)
        self._fill()
        on_keys_changed(self._fill)
        room = self._scroll.sizeHint().expandedTo(self._body.sizeHint())
        screen = self.screen().availableSize()
        width, height = min(room.width() + 60, _WIDEST, screen.width()), min(room.height() + 90, 760, screen.height())
        self.resize(width, height)

    def _fill(self) -> None:
        room = min(_WIDEST, self.screen().availableSize().width()) - 60
        bodies = (_in_columns(count) for count in (4, 3, 2))
        self._body = next((body for body in bodies if body.sizeHint().width() <= room), _in_columns(1))
        self._scroll.setWidget(self._body)


def _in_columns(count: int) -> QWidget:
    """Return all that there is to read, so many sections beside one another."""
    body = QWidget()
    columns = QGridLayout(body)
    columns.setHorizontalSpacing(40)
    columns.setVerticalSpacing(16)
    columns.setContentsMargins(8, 8, 16, 8)
    review, view, model, placing, mask = (_of(menu) for menu in _MENUS)
    others = [spec for spec in TABLE if spec.menu not in _MENUS]
    edit_mouse = tuple((with_keys(keys), name) for keys, name in _EDIT_MOUSE)
    sheets = (
        _sheet(("Review", _rows(review)), (with_keys("Why it is rejected, after {reject}"), REASONS)),
        _sheet(("View", _rows(view)), ("Project and program", _rows(others))),
        _sheet(("Model", _rows(model)), ("Mouse", _MOUSE)),
        _sheet((with_keys("Editing a mask, after {edit}"), _rows(mask)), ("Mouse, while editing", edit_mouse)),
    )
    half = len(placing) // 2
    below = (_sheet(("Placement", _rows(placing[:half]))), _sheet(("Placement, by keys", _rows(placing[half:]))))
    for at, sheet in enumerate((*sheets, *below)):
        columns.addLayout(sheet, at // count, at % count, Qt.AlignmentFlag.AlignTop)
    return body


_MENUS = ("&Review", "&View", "&Model", "Pla&cement", "M&ask")


def _of(menu: str) -> list[ActionSpec]:
    return [spec for spec in TABLE if spec.menu == menu]


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
    return f'<span style="color:{colour}"> or </span>'.join(f"<b>{escape(key)}</b>" for key in keys.split(" or "))
