"""Choosing folders: a field with a button, and the guess which of two dropped folders holds the originals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QToolButton, QWidget

from core.store.folder import is_project
from gui.assets import set_icon

_ORIGINALS = {
    "original",
    "originals",
    "orig",
    "photo",
    "photos",
    "source",
    "sources",
    "raw",
    "input",
    "inputs",
    "customer",
}
_DESIGNERS = {
    "designer",
    "designers",
    "design",
    "designs",
    "edit",
    "edits",
    "edited",
    "retouched",
    "portrait",
    "portraits",
    "crop",
    "crops",
    "cutout",
    "cutouts",
    "final",
    "finals",
    "output",
    "outputs",
}


def guess_roles(one: Path, other: Path) -> tuple[Path, Path, bool]:
    """Return originals and designer images of two folders, and whether the names left no doubt."""
    score = _score(one) - _score(other)
    if score < 0:
        return other, one, True
    return one, other, score > 0


def _score(folder: Path) -> int:
    found = set(re.split(r"[\W_\d]+", folder.name.casefold()))
    return len(found & _ORIGINALS) - len(found & _DESIGNERS)


@dataclass(frozen=True, slots=True)
class Dropped:
    """What dropped folders mean: a project, or the two folders of a new one; else a sentence says why not."""

    project: str = ""
    originals: str = ""
    designers: str = ""
    sure: bool = True
    """The names left no doubt which folder is which."""
    problem: str = ""


def read_drop(paths: Sequence[Path]) -> Dropped:
    """Return what was meant by dropping ``paths`` on the window."""
    folders = [path for path in paths if path.is_dir()]
    if len(folders) == 1 and len(paths) == 1:
        if is_project(folders[0]):
            return Dropped(project=str(folders[0]))
        inside = [folder for folder in sorted(folders[0].iterdir()) if folder.is_dir() and _score(folder)]
        if len(inside) != 2:
            return Dropped(problem="Drop two folders together: the originals and the designer images.")
        folders = inside
    if len(folders) != 2:
        return Dropped(problem="Drop two folders (originals and designer images), or the folder of a project.")
    originals, designers, sure = guess_roles(*folders)
    return Dropped(originals=str(originals), designers=str(designers), sure=sure)


def folder_problem(text: str, what: str) -> str:
    """Return what is wrong with a folder that must exist, as a sentence; empty if nothing is."""
    if not text.strip():
        return f"Choose the folder of the {what}."
    try:
        there = Path(text.strip()).is_dir()
    except (OSError, ValueError):
        there = False
    return "" if there else f"There is no folder {text.strip()}."


def pairs_problem(originals: str, designers: str, table: str) -> str:
    """Return what is wrong with what is to be imported, as a sentence; empty if nothing is."""
    problem = folder_problem(originals, "originals") or folder_problem(designers, "designer images")
    if not problem and Path(originals) == Path(designers):
        problem = "Originals and designer images must lie in two folders."
    if not problem and table and not Path(table).is_file():
        problem = f"There is no file {table}."
    return problem


def table_beside(originals: str) -> str:
    """Return the table of pairs that lies beside the folder of the originals, or nothing."""
    table = Path(originals).parent / "pairs.csv"
    return str(table) if originals and table.is_file() else ""


class FolderField(QWidget):
    """A path that can be typed, pasted, or chosen with a button."""

    changed = Signal()

    def __init__(self, name: str, folder: str = "", table: bool = False, parent: QWidget | None = None) -> None:
        """``table`` True asks for a table of pairs instead of a folder."""
        super().__init__(parent)
        self._name = name
        self.edit = QLineEdit(folder)
        self.edit.setAccessibleName(name)
        self.edit.setMinimumWidth(360)
        self._button = QToolButton()
        self._table = table
        self._button.setToolTip("Choose a table (CSV: pair, original, designer)" if table else "Choose a folder")
        self._button.setAccessibleName(f"Choose: {name}")
        if table:
            self.edit.setPlaceholderText("CSV, only where file names differ")
        set_icon(self._button, "folder")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self._button)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self.changed)
        self._button.clicked.connect(self._on_button_clicked)

    @property
    def folder(self) -> str:
        """What stands in the field."""
        return self.edit.text().strip()

    def set_folder(self, folder: str) -> None:
        """Put a path into the field."""
        self.edit.setText(folder)

    def _on_button_clicked(self) -> None:
        start = self.folder or str(Path.home())
        if self._table:
            chosen, _ = QFileDialog.getOpenFileName(self, self._name, start, "Tables (*.csv);;All files (*)")
        else:
            chosen = QFileDialog.getExistingDirectory(self, self._name, start)
        if chosen:
            self.edit.setText(chosen)
