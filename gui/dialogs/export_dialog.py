"""Asks what is to be exported, of which pairs, and where to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QSizePolicy, QWidget

from core.domain import Decision
from core.export.exporters import EXPORTERS
from gui.assets import ElidingCombo, decision_icon
from gui.dialogs.folders import FolderField
from gui.dialogs.form import FormDialog, form_label

_NAMES = {
    Decision.ACCEPTED: "Accepted",
    Decision.CORRECTED: "Corrected",
    Decision.UNDECIDED: "Undecided",
    Decision.SECOND_REVIEW: "Second review",
    Decision.SKIPPED: "Skipped",
    Decision.REJECTED: "Rejected",
}
_ROWS = 3
"""Of decisions to choose from, below one another."""
_USUAL = frozenset({Decision.ACCEPTED, Decision.CORRECTED})


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What a person wants to be written."""

    format: str
    folder: str
    decisions: frozenset[Decision]


class ExportDialog(FormDialog):
    """Gives an :class:`ExportWish`."""

    def __init__(self, counts: Mapping[Decision, int], parent: QWidget | None = None) -> None:
        """``counts`` are the project's pairs by decision."""
        intro = "One file for each pair with a mask, named like the pair. Files of the same name are replaced."
        super().__init__("Export", "Export", intro, parent)
        self._counts = counts
        self._format = ElidingCombo()
        self._format.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._format.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for name, exporter in EXPORTERS.items():
            self._format.addItem(exporter.title, name)
        self._folder = FolderField("Folder to write to")
        self._boxes: dict[Decision, QCheckBox] = {}
        boxes = QWidget()
        grid = QGridLayout(boxes)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        for decision, name in _NAMES.items():
            if decision is Decision.CORRECTED and not counts[decision]:
                continue
            box = QCheckBox(f"{name} ({counts[decision]:,})")
            box.setChecked(decision in _USUAL)
            box.setIcon(decision_icon(decision))
            box.toggled.connect(self.check)
            self._boxes[decision] = box
            grid.addWidget(box, (len(self._boxes) - 1) % _ROWS, (len(self._boxes) - 1) // _ROWS)
        grid.setColumnStretch(2, 1)
        self.add_row("Format", self._format)
        self.add_row("To folder", self._folder)
        self.form.addRow(form_label("Pairs", self._boxes[Decision.ACCEPTED]), boxes)
        self._folder.changed.connect(self.check)
        self._folder.setFocus()
        self.check()

    def wish(self) -> ExportWish:
        """Return what was asked for."""
        return ExportWish(str(self._format.currentData()), self._folder.folder, self._decisions())

    def problem(self) -> str:
        """Return what is still missing."""
        if not self._folder.folder:
            return "Choose the folder to write to; it is made if it is not there."
        if not self._decisions():
            return "Choose which pairs to export."
        if not sum(self._counts[decision] for decision in self._decisions()):
            return "No pair has such a decision yet."
        return ""

    def _decisions(self) -> frozenset[Decision]:
        return frozenset(decision for decision, box in self._boxes.items() if box.isChecked())
