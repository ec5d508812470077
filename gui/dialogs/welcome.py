"""What stands in the window while no project is open: what to do first, and the projects of before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.assets import Theme, app_icon, icon, on_theme_changed

_WIDTH = 560


class Welcome(QWidget):
    """The empty state."""

    project_chosen = Signal(str)
    """The folder of a project of before."""

    def __init__(self, new: QAction, open_: QAction, parent: QWidget | None = None) -> None:
        """``new`` and ``open_`` are the actions behind the two buttons."""
        super().__init__(parent)
        picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        picture.setPixmap(app_icon().pixmap(72, 72))
        picture.setFixedHeight(72)
        title = QLabel("Begin with two folders", alignment=Qt.AlignmentFlag.AlignCenter)
        title.setProperty("role", "title")
        words = QLabel(
            "Drop the folder of the originals and the folder of the designer images here. "
            "Pawtrait pairs them by file name and finds each designer image in its original.",
            wordWrap=True,
            alignment=Qt.AlignmentFlag.AlignCenter,
        )
        words.setProperty("role", "muted")
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._new, self._open = QPushButton("New project…"), QPushButton("Open project…")
        self._new.setProperty("role", "primary")
        self._new.clicked.connect(new.trigger)
        self._open.clicked.connect(open_.trigger)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self._new)
        self._buttons.addWidget(self._open)
        self._buttons.addStretch(1)
        demo = QLabel(
            "To try it first, type <b>pawtrait demo</b> in a terminal: it makes a project of sample photos.",
            textFormat=Qt.TextFormat.RichText,
            textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse,
            alignment=Qt.AlignmentFlag.AlignCenter,
            wordWrap=True,
        )
        demo.setProperty("role", "muted")
        self._recent_head = QLabel("Recent projects")
        font = self._recent_head.font()
        font.setWeight(font.Weight.DemiBold)
        self._recent_head.setFont(font)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(4)
        column = QWidget()
        column.setFixedWidth(_WIDTH)
        layout = QVBoxLayout(column)
        layout.setSpacing(14)
        for widget in (picture, title, words):
            layout.addWidget(widget)
        layout.addLayout(self._buttons)
        layout.addWidget(demo)
        layout.addSpacing(14)
        layout.addWidget(self._recent_head)
        layout.addLayout(self._recent)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        outer.addWidget(column, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(1)
        on_theme_changed(self._on_theme_changed)

    def show_recent(self, folders: Sequence[str]) -> None:
        """List the projects of before, the latest first."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()  # what was added a moment ago would come up as a window of its own
                widget.setParent(None)
                widget.deleteLater()
        self._recent_head.setVisible(bool(folders))
        for folder in folders:
            self._recent.addWidget(self._button(folder))

    def _button(self, folder: str) -> QPushButton:
        button = QPushButton(icon("folder"), "")
        # An ampersand in a path is a letter, not a mark of a key.
        metrics = button.fontMetrics()
        path = metrics.elidedText(str(Path(folder).parent), Qt.TextElideMode.ElideMiddle, _WIDTH // 2)
        button.setText(f"{Path(folder).name}    {path}".replace("&", "&&"))
        button.setToolTip(folder)
        button.setAccessibleName(f"Open {folder}")
        button.setStyleSheet("text-align: left")
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setProperty("folder", folder)
        button.clicked.connect(self._on_recent_clicked)
        return button

    def _on_recent_clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, QPushButton):
            self.project_chosen.emit(str(sender.property("folder")))

    def _on_theme_changed(self, _theme: Theme) -> None:
        for at in range(self._recent.count()):
            item = self._recent.itemAt(at)
            button = item.widget() if item is not None else None
            if isinstance(button, QPushButton):
                button.setIcon(icon("folder"))
