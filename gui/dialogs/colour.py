"""A colour that can be typed or picked."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QColorDialog, QHBoxLayout, QLineEdit, QToolButton, QWidget


class ColourField(QWidget):
    """A field for a colour's name or #rrggbb, with a swatch that opens the palette."""

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.edit = QLineEdit()
        self.edit.setAccessibleName(name)
        self.edit.setMinimumWidth(120)
        self._swatch = QToolButton()
        self._swatch.setProperty("role", "boxed")
        self._swatch.setIconSize(QSize(14, 14))
        self._swatch.setToolTip("Pick a colour")
        self._swatch.setAccessibleName(f"Pick: {name}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.edit)
        layout.addWidget(self._swatch)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self._on_text_changed)
        self._swatch.clicked.connect(self._on_swatch_clicked)

    def text(self) -> str:
        """Return what stands in the field."""
        return self.edit.text()

    def setText(self, text: str) -> None:
        """Put a colour into the field."""
        self.edit.setText(text)

    def is_valid(self) -> bool:
        """Return whether what stands in the field is a colour."""
        return QColor.isValidColorName(self.text().strip())

    def _on_text_changed(self) -> None:
        if self.is_valid():
            pixmap = QPixmap(self._swatch.iconSize())
            pixmap.fill(QColor(self.text().strip()))
            self._swatch.setIcon(QIcon(pixmap))
        else:
            self._swatch.setIcon(QIcon())
        self.changed.emit()

    def _on_swatch_clicked(self) -> None:
        now = QColor(self.text().strip()) if self.is_valid() else QColor()
        chosen = QColorDialog.getColor(now, self, self._name, QColorDialog.ColorDialogOption.DontUseNativeDialog)
        if chosen.isValid():
            self.edit.setText(chosen.name())
