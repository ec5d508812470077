"""Choosing folders: a field with a button, and the guess which of two dropped folders holds the originals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLineEdit, QToolButton, QWidget

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
    """What dropped folders mean: a project, the two folders of a new one, or one of them; else a sentence why not."""

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
        try:
            within = sorted(folders[0].iterdir())
        except OSError as error:
            return Dropped(problem=f"{folders[0]} cannot be read: {error.strerror or error}.")
        inside = [folder for folder in within if _score(folder) and folder.is_dir()]
        if len(inside) != 2:
            return _one_folder(folders[0], within)
        folders = inside
    if len(folders) != 2:
        return Dropped(problem="Drop two folders (originals and designer images), or the folder of a project.")
    originals, designers, sure = guess_roles(*folders)
    return Dropped(originals=str(originals), designers=str(designers), sure=sure)


def _one_folder(folder: Path, within: Sequence[Path]) -> Dropped:
    """Return what a folder alone means: photos without designer images, or designer images whose originals lack."""
    from core.images.io import is_picture  # not needed to show a window

    if not any(is_picture(path) for path in within):
        return Dropped(
            problem="Drop two folders together, the originals and the designer images, or one of photos alone."
        )
    return Dropped(designers=str(folder)) if _score(folder) < 0 else Dropped(originals=str(folder))


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
    problem = folder_problem(originals, "originals")
    if not problem and designers:
        problem = folder_problem(designers, "designer images")
    if not problem and designers and Path(originals) == Path(designers):
        problem = "Originals and designer images must lie in two folders."
    if not problem and table and not Path(table).is_file():
        problem = f"There is no file {table}."
    return problem


def alone_hint(originals: str, designers: str, table: str) -> str:
    """Return what happens to photos without a designer image, as a sentence; empty where there are both folders."""
    if designers or not originals:
        return ""
    if table:
        return "Without a folder of designer images the table alone says which photos have one."
    return "Without designer images each photo comes in alone: a model predicts its portrait."


def alone_box(*fields: FolderField) -> QCheckBox:
    """Return the box that asks for photos alone as well; it can be ticked where one of ``fields`` says of others."""
    box = QCheckBox("Also photos without a designer image")
    box.setToolTip("A model predicts their portraits. Unticked, they are only named in the report.")

    def show() -> None:
        box.setEnabled(any(field.folder for field in fields))

    for field in fields:
        field.changed.connect(show)
    show()
    return box


def table_beside(originals: str) -> str:
    """Return the table of pairs that lies beside the folder of the originals, or nothing."""
    table = Path(originals).parent / "pairs.csv"
    return str(table) if originals and table.is_file() else ""


class FolderField(QWidget):
    """A path that can be typed, pasted, or chosen with a button."""

    changed = Signal()

    def __init__(
        self, name: str, folder: str = "", table: bool = False, parent: QWidget | None = None, optional: bool = False
    ) -> None:
        """``table`` True asks for a table of pairs instead of a folder; ``optional`` True says it may be empty."""
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
        elif optional:
            self.edit.setPlaceholderText("May be empty: photos alone are predicted")
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
