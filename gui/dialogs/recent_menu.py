"""The menu of projects of before."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget


class RecentMenu(QMenu):
    """Is filled when it opens."""

    project_chosen = Signal(str)

    def __init__(self, folders: Callable[[], tuple[str, ...]], parent: QWidget | None = None) -> None:
        """``folders`` gives the projects' folders, the latest first."""
        super().__init__("Open &recent", parent)
        self._folders = folders
        self.aboutToShow.connect(self._on_opens)
        self.triggered.connect(self._on_triggered)

    def _on_opens(self) -> None:
        self.clear()
        for folder in self._folders():
            self.addAction(folder.replace("&", "&&")).setData(folder)
        if self.isEmpty():
            self.addAction("None yet").setEnabled(False)

    def _on_triggered(self, action: QAction) -> None:
        self.project_chosen.emit(str(action.data()))
