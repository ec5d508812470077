"""Asks which pairs are to be added to the open project."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QWidget

from gui.dialogs.folders import FolderField, alone_box, alone_hint, pairs_problem, table_beside
from gui.dialogs.form import FormDialog
from gui.jobs.desk import ImportWish

_INTRO = (
    "Files of the same name in the two folders make a pair; where the names differ, a table says what belongs "
    "together. Photos without a designer image can come in alone. Pairs that are there already stay as they are."
)


class ImportDialog(FormDialog):
    """Gives an :class:`ImportWish`."""

    def __init__(self, originals: str = "", designers: str = "", parent: QWidget | None = None) -> None:
        """The folders may be known already."""
        super().__init__("Import pairs", "Import", _INTRO, parent)
        self._originals = FolderField("Originals", originals)
        self._designers = FolderField("Designer images", designers, optional=True)
        self._table = FolderField("Table of pairs", table_beside(originals), table=True)
        self._reconcile = QCheckBox("Reconcile after the import")
        self._reconcile.setChecked(True)
        self._alone = alone_box(self._designers, self._table)
        self.add_row("Originals", self._originals)
        self.add_row("Designer images", self._designers)
        self.add_row("Table of pairs", self._table)
        self.form.addRow("", self._alone)
        self.form.addRow("", self._reconcile)
        for field in (self._originals, self._designers, self._table):
            field.changed.connect(self.check)
        self._originals.setFocus()
        self.check()

    def wish(self) -> ImportWish:
        """Return what was asked for."""
        return ImportWish(
            self._originals.folder,
            self._designers.folder,
            self._table.folder or None,
            self._reconcile.isChecked(),
            self._alone.isChecked(),
        )

    def problem(self) -> str:
        """Return what is still missing."""
        return pairs_problem(self._originals.folder, self._designers.folder, self._table.folder)

    def hint(self) -> str:
        """Say what becomes of photos without a designer image."""
        return alone_hint(self._originals.folder, self._designers.folder, self._table.folder)
