"""Dialogs on a small screen: nothing in them is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.domain import Decision
from core.settings import Settings
from gui.assets import ElidingCombo
from gui.dialogs.about import AboutDialog
from gui.dialogs.export_dialog import ExportDialog
from gui.dialogs.import_dialog import ImportDialog
from gui.dialogs.keys import KeySheet
from gui.dialogs.new_project import NewProjectDialog
from gui.dialogs.settings_dialog import SettingsDialog

SMALL = 1024, 660
"""What is left of a screen of 1024 x 700."""
DIALOGS: dict[str, Callable[[], QDialog]] = {
    "about": lambda: AboutDialog("/log", "/project"),
    "export": lambda: ExportDialog(dict.fromkeys(Decision, 12_345)),
    "import": ImportDialog,
    "keys": KeySheet,
    "new": lambda: NewProjectDialog("/originals", "/designers", False),
    "settings": lambda: SettingsDialog(Settings()),
}


def _cut_off(dialog: QDialog) -> list[str]:
    found = [combo.currentText() for combo in dialog.findChildren(ElidingCombo) if combo.width() < dialog.width() / 2]
    for widget in dialog.findChildren(QWidget):
        theirs = isinstance(widget, (QAbstractButton, QComboBox, QLabel, QLineEdit, QAbstractSpinBox))
        if not theirs or not widget.isVisible() or isinstance(widget.parent(), QAbstractSpinBox):
            continue
        wanted = widget.minimumSizeHint()
        high = widget.heightForWidth(widget.width()) if widget.hasHeightForWidth() else wanted.height()
        if widget.height() < high or widget.width() < wanted.width():
            found.append(f"{type(widget).__name__} {widget.size()} of {wanted}, {high} high")
    return found


@pytest.fixture
def letters(qapp: QApplication) -> Iterator[Callable[[int], None]]:
    before = qapp.font()

    def enlarge(points: int) -> None:
        font = QFont(before)
        font.setPointSize(points)
        qapp.setFont(font)

    yield enlarge
    qapp.setFont(before)


@pytest.mark.parametrize("name", DIALOGS)
@pytest.mark.parametrize("points", [0, 14])
def test_nothing_is_cut_off(name: str, points: int, qtbot: QtBot, letters: Callable[[int], None]) -> None:
    """Also where the system's letters are larger."""
    if points:
        letters(points)
    dialog = DIALOGS[name]()
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    assert _cut_off(dialog) == []
    if not points:
        assert dialog.width() <= SMALL[0]
        assert dialog.height() <= SMALL[1] or isinstance(dialog, KeySheet), "that one is as high as the screen lets it"
    for area in dialog.findChildren(QScrollArea):
        assert area.horizontalScrollBar().maximum() == 0, "one reads down, not across"
