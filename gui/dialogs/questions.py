"""Opens the dialogs and gives back what was answered; what is done with it is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from core.domain import Decision, Pair
from core.settings import Settings, Value
from gui.actions import Actions
from gui.dialogs.about import AboutDialog
from gui.dialogs.export_dialog import ExportDialog, ExportWish
from gui.dialogs.import_dialog import ImportDialog
from gui.dialogs.key_editor import KeyEditor
from gui.dialogs.keys import KeySheet
from gui.dialogs.mask_changes import MaskChanges
from gui.dialogs.new_project import NewProjectDialog
from gui.dialogs.palette import Palette
from gui.dialogs.settings_dialog import SettingsDialog
from gui.dialogs.train_dialog import TrainDialog
from gui.jobs.desk import ImportWish, NewProject
from gui.jobs.predictions import Predictions
from gui.jobs.training import Training
from gui.keymap import Keymap


def _accepted(dialog: QDialog) -> bool:
    answer = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()  # lives on until the event loop's next turn: long enough to be read
    return answer


def new_project(parent: QWidget, originals: str = "", designers: str = "", sure: bool = True) -> NewProject | None:
    """Ask for a new project; the folders may be known already."""
    dialog = NewProjectDialog(originals, designers, sure, parent)
    return dialog.wish() if _accepted(dialog) else None


def import_pairs(parent: QWidget, originals: str = "", designers: str = "") -> ImportWish | None:
    """Ask for pairs to add."""
    dialog = ImportDialog(originals, designers, parent)
    return dialog.wish() if _accepted(dialog) else None


def export(parent: QWidget, counts: Mapping[Decision, int]) -> ExportWish | None:
    """Ask what to export; ``counts`` are the project's pairs by decision."""
    dialog = ExportDialog(counts, parent)
    return dialog.wish() if _accepted(dialog) else None


def settings(parent: QWidget, now: Settings) -> dict[str, Value]:
    """Let the settings be changed and return those that were."""
    dialog = SettingsDialog(now, parent)
    return dialog.changes() if _accepted(dialog) else {}


def command(parent: QWidget, actions: Actions) -> QAction | None:
    """Let an action be found by name."""
    palette = Palette(actions, parent)
    palette.move(parent.mapToGlobal(parent.rect().center()) - palette.rect().center())
    return palette.chosen if _accepted(palette) else None


def project_folder(parent: QWidget, recent: tuple[str, ...]) -> str:
    """Ask for a project's folder; empty if there was no answer."""
    start = str(Path(recent[0]).parent) if recent else str(Path.home())
    return QFileDialog.getExistingDirectory(parent, "Open project", start)


def show_keys(parent: QWidget, change: QAction) -> None:
    """Show the key sheet beside the work; there is one at a time. ``change`` lets the keys be changed."""
    sheet = parent.findChild(KeySheet) or KeySheet(parent, change)
    sheet.show()
    sheet.raise_()


def change_keys(parent: QWidget, chosen: Callable[[Keymap], object]) -> None:
    """Let keys be changed beside the work; ``chosen`` hears of each change at once."""
    editor = parent.findChild(KeyEditor)
    if editor is None:
        editor = KeyEditor(parent)
        editor.chosen.connect(chosen)
    editor.show()
    editor.raise_()
    editor.activateWindow()


def show_training(parent: QWidget, training: Training) -> None:
    """Show the training beside the work; there is one dialog at a time."""
    dialog = parent.findChild(TrainDialog) or TrainDialog(training, parent)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


def compare_masks(parent: QWidget, predictions: Predictions, actions: Actions, pair: Pair | None) -> None:
    """Show beside the work what the version in use would change in a pair's mask, or (None) in all settled ones."""
    for old in parent.findChildren(MaskChanges):
        old.close()
    predictions.comparing.start(pair)
    MaskChanges(predictions.comparing, (actions["undo"], actions["redo"]), parent).show()


def show_about(parent: QWidget, log_file: str, project: str) -> None:
    """Say what this program is."""
    _accepted(AboutDialog(log_file, project, parent))


def may_stop(parent: QWidget, titles: list[str]) -> bool:
    """Ask whether running jobs may be stopped; True if so, or if there are none."""
    if not titles:
        return True
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("A job is running")
    box.setText(f"Stop the running job and close the project? ({', '.join(dict.fromkeys(titles))})")
    box.setInformativeText("What it has done so far stays; the rest can be done later.")
    stop = box.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
    wait = box.addButton("Let it run", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(wait)
    box.setEscapeButton(wait)
    _accepted(box)
    return box.clickedButton() is stop
