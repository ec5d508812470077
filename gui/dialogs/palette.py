"""The command palette: type a few letters of what you want, Enter does it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gui.actions import Actions, ActionSpec, key_text
from gui.current_keys import with_keys


def fits(query: str, name: str) -> int | None:
    """Return how badly ``name`` fits the letters of ``query`` (0 best), or None if it does not.

    The letters must come in order; a name that holds them together, and early, fits better.
    """
    query, name = query.casefold().strip(), name.casefold()
    at = name.find(query)
    if at >= 0:
        return at
    last, gaps = -1, 0
    for letter in query.replace(" ", ""):
        found = name.find(letter, last + 1)
        if found < 0:
            return None
        gaps += found - last - 1
        last = found
    return 100 + gaps


class Palette(QDialog):
    """Lists the actions that can be used now. The chosen one is triggered by whoever opened the palette."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.chosen: QAction | None = None
        self._rows: list[tuple[ActionSpec, QAction]] = [
            (spec, action) for spec, action in actions if action.isEnabled() and spec.id != "palette"
        ]
        self._edit = QLineEdit(placeholderText="What do you want to do?")
        self._edit.setAccessibleName("Search commands")
        self._list = QListWidget()
        self._list.setIconSize(QSize(16, 16))
        blank = QPixmap(self._list.iconSize())
        blank.fill(Qt.GlobalColor.transparent)
        self._no_icon = QIcon(blank)  # keeps the names in line
        self._list.setFrameShape(QListWidget.Shape.NoFrame)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.addWidget(self._edit)
        layout.addWidget(self._list)
        self.resize(460, 380)
        self._edit.textChanged.connect(self._on_text_changed)
        self._edit.returnPressed.connect(self._on_entered)
        self._list.itemClicked.connect(self._on_entered)
        self._edit.installEventFilter(self)
        self._edit.setFocus()
        self._on_text_changed("")

    def names(self) -> list[str]:
        """Return what is listed, best first."""
        return [self._list.item(row).data(Qt.ItemDataRole.UserRole)[0].name for row in range(self._list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move through the list while the keyboard is in the field above it."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None:
                row = self._list.currentRow() + step
                self._list.setCurrentRow(max(0, min(row, self._list.count() - 1)))
                return True
        return super().eventFilter(watched, event)

    def _on_text_changed(self, text: str) -> None:
        found = [(rank, row) for row in self._rows if (rank := fits(text, row[0].name)) is not None]
        found.sort(key=lambda pair: pair[0])
        self._list.clear()
        for _, (spec, action) in found:
            keys = f"   ({key_text(spec)})" if key_text(spec) else ""
            item = QListWidgetItem(action.icon() if spec.icon else self._no_icon, spec.name + keys)
            item.setToolTip(with_keys(spec.tip))
            item.setSizeHint(QSize(0, 30))
            item.setData(Qt.ItemDataRole.UserRole, (spec, action))
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _on_entered(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self.chosen = item.data(Qt.ItemDataRole.UserRole)[1]
            self.accept()
