"""The key sheet: every action with its keys, by when it can be used."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.actions import TABLE, ActionSpec, key_text
from gui.assets import current_theme

_MOUSE = (
    ("Wheel", "Zoom at the mouse"),
    ("Space-drag, middle-drag", "Pan both pictures"),
    ("Shift-drag", "Pan one picture alone"),
    ("Double-click", "Fit"),
)


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
        others = [spec for spec in TABLE if spec.menu not in ("&Review", "&View")]
        columns.addLayout(_sheet("Review", review), 0, 0, Qt.AlignmentFlag.AlignTop)
        right = QVBoxLayout()
        right.setSpacing(16)
        right.addLayout(_sheet("View", view))
        right.addLayout(_sheet("Mouse", [], _MOUSE))
        columns.addLayout(right, 0, 1, Qt.AlignmentFlag.AlignTop)
        columns.addLayout(_sheet("Project and program", others), 0, 2, Qt.AlignmentFlag.AlignTop)
        scroll = QScrollArea()
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll)
        layout.addWidget(buttons)
        self.resize(min(body.sizeHint().width() + 60, 1180), min(body.sizeHint().height() + 90, 760))


def _sheet(title: str, specs: list[ActionSpec], more: tuple[tuple[str, str], ...] = ()) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(5)
    head = QLabel(title)
    font = head.font()
    font.setPointSizeF(font.pointSizeF() * 1.15)
    font.setWeight(font.Weight.DemiBold)
    head.setFont(font)
    grid.addWidget(head, 0, 0, 1, 2)
    rows = [(key_text(spec), spec.name) for spec in specs] + list(more)
    for at, (keys, name) in enumerate(rows, start=1):
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
