"""Words that end in an ellipsis where there is no room for them: a label and a combo box."""

from __future__ import annotations

import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QStyle, QStyleOptionComboBox, QStylePainter

HEAD = 0.4
"""Share of the room that the beginning of a name may take; names of a series differ at their ends."""
_WORDS_END = re.compile(r"\w(?=\W|_)")


def elided_name(name: str, metrics: QFontMetrics, room: int) -> str:
    """Return a name with its first words, so that one knows the series, and as much of its end as there is room for."""
    if metrics.horizontalAdvance(name) <= room:
        return name
    head = next((at for at in range(len(name)) if metrics.horizontalAdvance(name[: at + 1]) > HEAD * room), 0)
    head = max((found.end() for found in _WORDS_END.finditer(name, 0, head + 1)), default=head // 2)
    rest = room - metrics.horizontalAdvance(name[:head])
    return name[:head] + metrics.elidedText(name[head:], Qt.TextElideMode.ElideLeft, rest)


class Elided(QLabel):
    """One line; elided in the middle unless told otherwise: file names differ at their ends."""

    def __init__(self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        self.whole = ""
        """The text as it would stand there with enough room."""
        self._mode = mode
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str, tip: str = "") -> None:
        """Show a text; the tool tip is ``tip``, else the whole text."""
        self.whole = text
        self.setToolTip(tip or text)
        self.setAccessibleName(text)
        self.updateGeometry()
        self._elide()

    def sizeHint(self) -> QSize:
        """Return what the whole text needs."""
        return QSize(self.fontMetrics().horizontalAdvance(self.whole) + 1, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return that it makes do with nothing."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for now."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = self.contentsRect().width()
        shown = self.fontMetrics().elidedText(self.whole, self._mode, room)
        if shown != self.text():
            self.setText(shown)


class ElidingCombo(QComboBox):
    """Its entries are whole in its list."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it with as much of the words as there is room for."""
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        control = QStyle.ComplexControl.CC_ComboBox
        room = self.style().subControlRect(control, option, QStyle.SubControl.SC_ComboBoxEditField, self).width()
        if not option.currentIcon.isNull():
            room -= self.iconSize().width() + 4
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room - 2)
        painter.drawComplexControl(control, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()
