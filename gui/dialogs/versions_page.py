"""The versions of the models: when each was made, on how much, how good it is, and which is in use."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.jobs.answers import ModelEntry
from gui.assets import icon
from gui.jobs.training import Training

_HEADS = ("Model", "Version", "Made", "Photos", "Overlap", "Boundary F")


class VersionsPage(QWidget):
    """Lists them; the marked one can be put into use."""

    def __init__(self, training: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self._shown: tuple[ModelEntry, ...] = ()
        self.table = QTableWidget(0, len(_HEADS))
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, head in enumerate(_HEADS):
            named = QTableWidgetItem(head)
            named.setTextAlignment(_alignment(column))
            self.table.setHorizontalHeaderItem(column, named)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName("Versions of the models")
        words = QLabel(
            "Every version is kept, and every prediction knows which one made it. What ships was measured on other "
            "photos than your versions: a training compares the two on the same ones.",
            wordWrap=True,
        )
        words.setProperty("role", "muted")
        self.use = QPushButton("Use this version")
        self.use.setAutoDefault(False)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addWidget(words)
        layout.addWidget(self.table, 1)
        layout.addLayout(row)
        self.table.itemSelectionChanged.connect(self._on_selected)
        self.use.clicked.connect(self._on_use_clicked)
        self._on_selected()

    def refresh(self) -> None:
        """Show the training's versions, if they are others."""
        if self._training.versions == self._shown:
            return
        self._shown = self._training.versions
        self.table.setRowCount(len(self._shown))
        for row, entry in enumerate(self._shown):
            used = self._training.predicts(entry)
            for column, words in enumerate(_cells(entry, used)):
                item = QTableWidgetItem(words)
                if column == 0:
                    item.setIcon(icon("accept") if used else _blank())
                item.setTextAlignment(_alignment(column))
                self.table.setItem(row, column, item)
        self.table.resizeRowsToContents()
        self._on_selected()

    def _chosen(self) -> ModelEntry | None:
        rows = {item.row() for item in self.table.selectedItems()}
        return self._shown[rows.pop()] if len(rows) == 1 else None

    def _on_selected(self) -> None:
        entry = self._chosen()
        self.use.setEnabled(entry is not None and not entry.in_use)

    def _on_use_clicked(self) -> None:
        entry = self._chosen()
        if entry is not None:
            self._training.use(entry.model, entry.version)


def _alignment(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if column >= 3 else Qt.AlignmentFlag.AlignLeft)


def _blank() -> QIcon:
    """Return an icon that keeps names in line."""
    pixmap = QPixmap(16, 16)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)


def _cells(entry: ModelEntry, used: bool) -> tuple[str, ...]:
    made = f"{datetime.fromisoformat(entry.made_at).astimezone():%Y-%m-%d %H:%M}" if entry.made_at else "ships"
    return (
        entry.title + (" (in use)" if used else ""),
        entry.version[:7] or "–",
        made,
        f"{entry.trained_on:,}" if entry.trained_on else "–",
        "–" if entry.held_out_iou is None else f"{entry.held_out_iou:.1%}",
        "–" if entry.boundary_f is None else f"{entry.boundary_f:.1%}",
    )
