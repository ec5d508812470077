"""The list of what a batch could not do: which file, why, and what to do about it; can be copied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from textwrap import indent

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextBlockFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QTextEdit, QVBoxLayout, QWidget

from core.jobs.context import ItemFailed

_INDENT = "    "
_MARGIN = 24


def as_text(failures: Sequence[tuple[str, ItemFailed]]) -> str:
    """Return failures as text, by job and remedy, so that a hundred files with one trouble read as one trouble."""
    groups: defaultdict[tuple[str, str], list[ItemFailed]] = defaultdict(list)
    for title, failure in failures:
        groups[title, failure.remedy].append(failure)
    parts = []
    for (title, remedy), members in groups.items():
        lines = [f"{title}: {len(members)} failed"]
        lines += [
            indent(
                failure.message if failure.item in failure.message else f"{failure.item}: {failure.message}", _INDENT
            )
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
        self._failures = as_text(failures)
        self._text = QTextEdit(readOnly=True)
        _write(self._failures, self._text.document())
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
        QGuiApplication.clipboard().setText(self._failures)


def _write(text: str, document: QTextDocument) -> None:
    """Write ``text`` with its indents as margins, so that a line that is folded stays indented."""
    document.setUndoRedoEnabled(False)
    indented = QTextBlockFormat()
    indented.setLeftMargin(_MARGIN)
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    for at, line in enumerate(text.splitlines()):
        if at:
            cursor.insertBlock()
        cursor.setBlockFormat(indented if line.startswith(_INDENT) else QTextBlockFormat())
        cursor.insertText(line.removeprefix(_INDENT))
    cursor.endEditBlock()
