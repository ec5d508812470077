"""The bar beneath the pictures while a placement is set by hand: how the two are compared, and numbers to type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.domain import Placement
from gui.assets import Elided, current_theme
from gui.canvas.superposed import CompareMode
from gui.canvas.viewport import Size
from gui.current_keys import set_keyed
from gui.tools.field_keys import FieldKeys
from gui.tools.placement_handles import middle_of, mirrored, with_middle

_FIELDS = (
    ("x", "X", "Middle of the designer image in the original, from the left", " px", 1, (-1e6, 1e6), 1.0),
    ("y", "Y", "Middle of the designer image in the original, from the top", " px", 1, (-1e6, 1e6), 1.0),
    ("turn", "Rotation", "Degrees clockwise", "°", 2, (-180.0, 180.0), 0.1),
    ("scale", "Scale", "Original pixels for each designer pixel", " %", 2, (0.1, 1e5), 0.1),
)

_SMALLEST, _ROOMY = 580, 700
"""Widths of the bar: what the smallest window has for it, and what it needs for everything."""
_NARROW, _WIDE = 84, 112
"""Of a field: enough for 1,234.5 px, and for what a hand can read at a glance."""


class PlacementBar(QWidget):
    """Shows; what is done about it is decided elsewhere."""

    typed = Signal(object)
    """A ``Placement`` as its numbers were typed or ticked."""
    faded = Signal(float)
    """Opacity of the onion skin, 0 to 1."""
    left = Signal()
    """The keyboard is done with a field."""

    def __init__(self, compare: Sequence[QAction], steps: Sequence[QAction], points: Sequence[QAction]) -> None:
        """Make the bar.

        Args:
            compare: the modes of comparing.
            steps: what can be done beside moving: landmarks, solve from here, leave.
            points: what can be done with landmarks.
        """
        super().__init__()
        self._placement: Placement | None = None
        self._size: Size = (1.0, 1.0)
        self._fields: dict[str, QDoubleSpinBox] = {}
        self._mirrored = QCheckBox("Mirrored")
        self._mirrored.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._fade = QSlider(Qt.Orientation.Horizontal)
        self._fade.setRange(0, 100)
        self._fade.setValue(50)
        self._fade.setAccessibleName("Opacity of the designer image")
        self._fade.setToolTip("Opacity of the designer image")
        self._fade.setMinimumWidth(40)
        self._fade.setMaximumWidth(110)
        self._words = Elided(Qt.TextElideMode.ElideRight)
        self._below = QStackedWidget()
        self.setAccessibleName("Placing by hand")
        self._lay_out(compare, steps, points)
        self._fade.valueChanged.connect(self._on_faded)
        self._mirrored.clicked.connect(self._on_mirrored)
        keys = FieldKeys((*self._fields.values(), self._mirrored, self._fade), self)
        keys.left.connect(self.left)

    def _lay_out(self, compare: Sequence[QAction], steps: Sequence[QAction], points: Sequence[QAction]) -> None:
        above = QHBoxLayout()
        above.setSpacing(4)
        modes = QHBoxLayout()
        modes.setSpacing(0)
        for action in compare:
            modes.addWidget(_button(action))
        above.addLayout(modes)
        above.addWidget(self._fade)
        above.addStretch(1)
        for action in steps:
            self._last = _button(action)
            above.addWidget(self._last)
        numbers, marks = QWidget(), QWidget()
        row = QHBoxLayout(numbers)
        row.setContentsMargins(0, 0, 0, 0)
        for key, name, tip, unit, digits, (low, high), step in _FIELDS:
            field = QDoubleSpinBox(decimals=digits, minimum=low, maximum=high, singleStep=step, suffix=unit)
            field.setKeyboardTracking(False)
            field.setAccessibleName(name)
            field.setToolTip(tip)
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            field.setMinimumWidth(_NARROW)
            field.setMaximumWidth(_WIDE)
            field.valueChanged.connect(self._on_typed)
            label = QLabel(name)
            label.setProperty("role", "muted")
            label.setBuddy(field)
            row.addWidget(label)
            row.addWidget(field)
            self._fields[key] = field
        set_keyed(self._mirrored, "Mirror the designer image left to right ({mirror})")
        row.addWidget(self._mirrored)
        row.addStretch(1)
        row = QHBoxLayout(marks)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 1)
        for action in points:
            row.addWidget(_button(action))
        for page in (numbers, marks):
            self._below.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 6)
        column.setSpacing(6)
        column.addLayout(above)
        column.addWidget(self._below)
        self.setFixedHeight(max(96, self.sizeHint().height()))
        self.setMinimumWidth(_SMALLEST)

    def show_placement(self, placement: Placement | None, size: Size, may_change: bool) -> None:
        """Show the numbers of a placement."""
        self._placement, self._size = placement, size
        self._mirrored.setEnabled(may_change and placement is not None)
        for field in self._fields.values():
            field.setEnabled(may_change and placement is not None)
        if placement is None:
            return
        x, y = middle_of(placement, size)
        values = {"x": x, "y": y, "turn": placement.rotation_deg, "scale": 100 * placement.scale}
        for key, value in values.items():
            field = self._fields[key]
            if field.value() != round(value, field.decimals()):
                with QSignalBlocker(field):
                    field.setValue(value)
        self._mirrored.setChecked(placement.mirrored)

    def show_mode(self, mode: CompareMode | None, landmarks: bool) -> None:
        """Show what is of use with a mode of comparing, and with points or without."""
        self._fade.setVisible(mode is CompareMode.ONION)
        self._give_room()
        self._below.setCurrentIndex(1 if landmarks else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make do with what there is."""
        super().resizeEvent(event)
        self._give_room()

    def _give_room(self) -> None:
        """Leave the last step to its key and the menu where the onion skin's slider needs its place."""
        self._last.setHidden(not self._fade.isHidden() and self.width() < _ROOMY)

    def say(self, words: str) -> None:
        """Say how the points agree."""
        if words != self._words.whole:
            self._words.show_text(words)

    @property
    def words(self) -> str:
        """What is said of the points."""
        return self._words.whole

    def field(self, key: str) -> QDoubleSpinBox:
        """Return the field of "x", "y", "turn" or "scale"."""
        return self._fields[key]

    def _on_typed(self, _value: float) -> None:
        before = self._placement
        if before is None:
            return
        x, y = middle_of(before, self._size)
        # only what was typed counts: the others are shown rounded
        new = {key: field.value() for key, field in self._fields.items()}
        shown = {"x": x, "y": y, "turn": before.rotation_deg, "scale": 100 * before.scale}
        changed = {key for key, field in self._fields.items() if round(shown[key], field.decimals()) != new[key]}
        after = replace(
            before,
            rotation_deg=new["turn"] if "turn" in changed else before.rotation_deg,
            scale=new["scale"] / 100 if "scale" in changed else before.scale,
        )
        middle = new["x"] if "x" in changed else x, new["y"] if "y" in changed else y
        if changed:
            self.typed.emit(with_middle(after, self._size, middle))

    def _on_mirrored(self, _on: bool) -> None:
        if self._placement is not None:
            self.typed.emit(mirrored(self._placement, self._size))

    def _on_faded(self, value: int) -> None:
        self.faded.emit(value / 100)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, with a line between it and the pictures."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.window))
        painter.fillRect(0, 0, self.width(), 1, QColor(theme.line))
        painter.end()


def _button(action: QAction) -> QToolButton:
    made = QToolButton()
    made.setDefaultAction(action)
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    made.setProperty("role", "boxed")
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setAccessibleName(action.iconText())
    return made
