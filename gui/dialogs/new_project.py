"""Asks what a new project is to be called, where it lies, and which pictures belong to it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QWidget

from core.store.folder import is_project
from gui.dialogs.folders import FolderField, alone_box, alone_hint, pairs_problem, table_beside
from gui.dialogs.form import FormDialog
from gui.jobs.desk import NewProject

_FORBIDDEN = set('<>:"/\\|?*')
_INTRO = (
    "A project is a folder with the masks and decisions. Your pictures stay where they are; they are never changed. "
    "Files of the same name in the two folders make a pair; photos without a designer image can come in alone."
)


class NewProjectDialog(FormDialog):
    """Gives a :class:`NewProject`."""

    def __init__(self, originals: str = "", designers: str = "", sure: bool = True, parent: QWidget | None = None):
        """The folders may be known already; ``sure`` False asks the user to look which is which."""
        super().__init__("New project", "Create", _INTRO, parent)
        self._name = QLineEdit(_name_from(originals))
        self._where = FolderField("Where the project lies", _default_place())
        self._originals = FolderField("Originals", originals)
        self._designers = FolderField("Designer images", designers, optional=True)
        self._table = FolderField("Table of pairs", table_beside(originals), table=True)
        self._swap = QPushButton("Swap the two folders", autoDefault=False)
        self._reconcile = QCheckBox("Reconcile after the import")
        self._reconcile.setChecked(True)
        self._alone = alone_box(self._designers, self._table)
        self.add_row("Name", self._name)
        self.add_row("In folder", self._where)
        self.add_row("Originals", self._originals)
        self.add_row("Designer images", self._designers)
        if not sure:
            hint = QLabel("The names do not tell which folder holds the originals: please look.", wordWrap=True)
            hint.setProperty("role", "warning")
            self.form.addRow("", hint)
        if originals and designers:
            self.form.addRow("", self._swap)
        self.add_row("Table of pairs", self._table)
        self.form.addRow("", self._alone)
        self.form.addRow("", self._reconcile)
        self._name.textChanged.connect(self.check)
        for field in (self._where, self._originals, self._designers, self._table):
            field.changed.connect(self.check)
        self._swap.clicked.connect(self._on_swap_clicked)
        self._name.selectAll()
        self._name.setFocus()
        self.check()

    def wish(self) -> NewProject:
        """Return what was asked for."""
        return NewProject(
            str(self._folder()),
            self._originals.folder,
            self._designers.folder,
            self._table.folder or None,
            self._reconcile.isChecked(),
            self._alone.isChecked(),
        )

    def problem(self) -> str:
        """Return what is still missing."""
        name = self._name.text().strip()
        if not name:
            return "Give the project a name."
        if _FORBIDDEN & set(name) or name.startswith("."):
            return 'A name cannot begin with a dot or hold any of < > : " / \\ | ? *'
        if not self._where.folder:
            return "Choose where the project lies."
        if is_project(self._folder()):
            return f"There already is a project {self._folder()}. Choose another name, or open that one."
        if self._is_empty():
            return ""
        return pairs_problem(self._originals.folder, self._designers.folder, self._table.folder)

    def hint(self) -> str:
        """Say that a project without folders begins empty, and what becomes of photos alone."""
        if self._is_empty():
            return "Without folders the project is empty; pairs can be imported later."
        return alone_hint(self._originals.folder, self._designers.folder, self._table.folder)

    def _is_empty(self) -> bool:
        return not self._originals.folder and not self._designers.folder

    def _folder(self) -> Path:
        return Path(self._where.folder).expanduser() / self._name.text().strip()

    def _on_swap_clicked(self) -> None:
        originals, designers = self._designers.folder, self._originals.folder
        self._originals.set_folder(originals)
        self._designers.set_folder(designers)


def _default_place() -> str:
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return documents if documents and Path(documents).is_dir() else str(Path.home())


def _name_from(originals: str) -> str:
    return Path(originals).parent.name if originals else "Portraits"
