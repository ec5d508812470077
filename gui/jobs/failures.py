"""The list of what a batch could not do: which file, why, and what to do about it; can be copied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from core.jobs.context import ItemFailed


def as_text(failures: Sequence[tuple[str, ItemFailed]]) -> str:
    """Return failures as text, by job and remedy, so that a hundred files with one trouble read as one trouble."""
    groups: defaultdict[tuple[str, str], list[ItemFailed]] = defaultdict(list)
    for title, failure in failures:
        groups[title, failure.remedy].append(failure)
    parts = []
    for (title, remedy), members in groups.items():
        lines = [f"{title}: {len(members)} failed"]
        lines += [
            f"    {failure.message if failure.item in failure.message else f'{failure.item}: {failure.message}'}"
            for failure in dict.fromkeys(members)
        ]
        if remedy:
            lines.append(f"What to do: {remedy}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


class FailureList(QDialog):
    """Shows failures; the work goes on behind it."""

    def __init__(self, failures: Sequence[tuple[str, ItemFailed]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("What could not be done")
        self.resize(680, 400)
        self._text = QPlainTextEdit(as_text(failures), readOnly=True)
        self._text.setAccessibleName("Failures")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._on_copy_clicked)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(QLabel(f"{len(failures):,} failed; everything else was done. Nothing was half written."))
        layout.addWidget(self._text)
        layout.addWidget(buttons)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
