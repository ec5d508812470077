"""What dialogs ask, what they take for an answer, and that they change nothing themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLabel,
    QMainWindow,
    QPushButton,
    QSpinBox,
)
from pytestqt.qtbot import QtBot

from core.domain import Decision
from core.settings import TABLE, Settings
from core.store.opening import create_project
from gui.actions import TABLE as ACTIONS
from gui.actions import Actions, Scope, key_text
from gui.dialogs.about import AboutDialog
from gui.dialogs.bug import BugDialog
from gui.dialogs.colour import ColourField
from gui.dialogs.export_dialog import ExportDialog
from gui.dialogs.folders import guess_roles, read_drop
from gui.dialogs.import_dialog import ImportDialog
from gui.dialogs.keys import REASONS, KeySheet
from gui.dialogs.new_project import NewProjectDialog
from gui.dialogs.palette import Palette, fits
from gui.dialogs.settings_dialog import SettingsDialog
from gui.dialogs.welcome import Welcome
from gui.jobs.desk import ImportWish, NewProject
from gui.review import reasons, words


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    made = tmp_path / "spring" / "originals", tmp_path / "spring" / "designers"
    for folder in made:
        folder.mkdir(parents=True)
    return made


# --- folders ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("originals", "designers"),
        ("Photos 2024", "Crops 2024"),
        ("customer_photos", "anything"),
        ("anything", "final-portraits"),
        ("RAW", "Edited"),
    ],
)
def test_names_tell_the_roles_in_either_order(one: str, other: str) -> None:
    originals, designers = Path("/x") / one, Path("/x") / other
    assert guess_roles(originals, designers) == (originals, designers, True)
    assert guess_roles(designers, originals) == (originals, designers, True)


def test_names_that_tell_nothing_leave_a_doubt() -> None:
    assert guess_roles(Path("/x/a"), Path("/x/b")) == (Path("/x/a"), Path("/x/b"), False)


def test_two_dropped_folders_are_a_new_project(folders: tuple[Path, Path]) -> None:
    dropped = read_drop([folders[1], folders[0]])
    assert (dropped.originals, dropped.designers, dropped.sure) == (str(folders[0]), str(folders[1]), True)


def test_a_folder_that_holds_both_will_do(folders: tuple[Path, Path]) -> None:
    dropped = read_drop([folders[0].parent])
    assert (dropped.originals, dropped.designers) == (str(folders[0]), str(folders[1]))


def test_a_folder_of_photos_alone_will_do(tmp_path: Path) -> None:
    for name in ("walks", "designers"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").touch()
    dropped = read_drop([tmp_path / "walks"])
    assert (dropped.originals, dropped.designers, dropped.problem) == (str(tmp_path / "walks"), "", "")
    dropped = read_drop([tmp_path / "designers"])
    assert (dropped.originals, dropped.designers) == ("", str(tmp_path / "designers"))


def test_a_dropped_project_is_opened(tmp_path: Path) -> None:
    create_project(tmp_path / "ours", "anna").close()
    assert read_drop([tmp_path / "ours"]).project == str(tmp_path / "ours")


def test_anything_else_is_answered_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.touch()
    (tmp_path / "empty").mkdir()
    for paths in ([file], [tmp_path / "empty"], [tmp_path, tmp_path, tmp_path], []):
        assert read_drop(paths).problem.startswith("Drop two folders")


# --- new project and import ---------------------------------------------------------------------------------------


def test_a_new_project_from_two_folders(folders: tuple[Path, Path], tmp_path: Path, qtbot: QtBot) -> None:
    table = folders[0].parent / "pairs.csv"
    table.write_text("pair,original,designer\n")
    dialog = NewProjectDialog(str(folders[0]), str(folders[1]))
    qtbot.addWidget(dialog)
    assert dialog.button.isEnabled()
    dialog._where.set_folder(str(tmp_path))
    assert dialog.wish() == NewProject(str(tmp_path / "spring"), str(folders[0]), str(folders[1]), str(table), True)
    assert not (tmp_path / "spring" / "project.sqlite").exists()


def test_the_button_waits_for_what_is_missing(folders: tuple[Path, Path], tmp_path: Path, qtbot: QtBot) -> None:
    dialog = NewProjectDialog()
    qtbot.addWidget(dialog)
    assert dialog.problem() == "", "an empty project is one too"
    assert "Without folders the project is empty" in dialog._missing.text()
    for name in ("", "  ", "a/b", ".hidden", "what?"):
        dialog._name.setText(name)
        assert not dialog.button.isEnabled()
    dialog._name.setText("Frühling 🐕")
    assert dialog.button.isEnabled()
    dialog._originals.set_folder(str(folders[0]))
    assert dialog.problem() == "", "photos alone will do"
    assert "each photo comes in alone" in dialog._missing.text()
    dialog._originals.set_folder("")
    dialog._designers.set_folder(str(folders[0]))
    assert dialog.problem() == "Choose the folder of the originals."
    dialog._originals.set_folder(str(folders[0]))
    assert "two folders" in dialog.problem()
    dialog._designers.set_folder(str(tmp_path / "nowhere"))
    assert dialog.problem() == f"There is no folder {tmp_path / 'nowhere'}."
    dialog._designers.set_folder(str(folders[1]))
    assert dialog.button.isEnabled()
    create_project(tmp_path / "there", "anna").close()
    dialog._where.set_folder(str(tmp_path))
    dialog._name.setText("there")
    assert "already is a project" in dialog.problem()


def test_doubtful_folders_can_be_swapped(folders: tuple[Path, Path], qtbot: QtBot) -> None:
    dialog = NewProjectDialog(str(folders[1]), str(folders[0]), sure=False)
    qtbot.addWidget(dialog)
    assert any("please look" in label.text() for label in dialog.findChildren(QLabel))
    next(button for button in dialog.findChildren(QPushButton) if "Swap" in button.text()).click()
    assert (dialog.wish().originals, dialog.wish().designers) == (str(folders[0]), str(folders[1]))


def test_an_import_needs_its_folders_and_its_table(folders: tuple[Path, Path], tmp_path: Path, qtbot: QtBot) -> None:
    dialog = ImportDialog()
    qtbot.addWidget(dialog)
    assert not dialog.button.isEnabled()
    dialog._originals.set_folder(str(folders[0]))
    dialog._designers.set_folder(str(folders[1]))
    assert dialog.wish() == ImportWish(str(folders[0]), str(folders[1]), None, True)
    assert dialog._missing.text() == ""
    dialog._alone.setChecked(True)
    assert dialog.wish().photos_alone
    dialog._designers.set_folder("")
    assert not dialog._alone.isEnabled(), "all of them are"
    assert dialog.wish().designers == ""
    assert "each photo comes in alone" in dialog._missing.text()
    dialog._table.set_folder(str(tmp_path / "no.csv"))
    assert not dialog.button.isEnabled()


# --- export -------------------------------------------------------------------------------------------------------


def test_an_export_begins_with_what_was_accepted(qtbot: QtBot, tmp_path: Path) -> None:
    counts = dict.fromkeys(Decision, 0) | {Decision.ACCEPTED: 3}
    dialog = ExportDialog(counts)
    qtbot.addWidget(dialog)
    assert not dialog.button.isEnabled()
    dialog._folder.set_folder(str(tmp_path))
    wish = dialog.wish()
    assert (wish.format, wish.folder) == ("masks", str(tmp_path))
    assert wish.decisions == {Decision.ACCEPTED}
    dialog._boxes[Decision.ACCEPTED].setChecked(False)
    assert dialog.problem() == "Choose which pairs to export."
    dialog._boxes[Decision.SKIPPED].setChecked(True)
    assert "No pair" in dialog.problem()


def test_an_export_offers_corrected_pairs_where_there_are_any(qtbot: QtBot) -> None:
    dialog = ExportDialog(dict.fromkeys(Decision, 0) | {Decision.CORRECTED: 1})
    qtbot.addWidget(dialog)
    assert dialog.wish().decisions == {Decision.ACCEPTED, Decision.CORRECTED}


# --- Enter --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["new", "import", "export"])
def test_enter_never_cancels_and_accepts_once_all_is_there(
    kind: str, folders: tuple[Path, Path], tmp_path: Path, qtbot: QtBot
) -> None:
    dialog: NewProjectDialog | ImportDialog | ExportDialog
    if kind == "new":
        dialog = NewProjectDialog("", str(folders[1]))
        first, missing = dialog._name, (dialog._originals, folders[0])
    elif kind == "import":
        dialog = ImportDialog()
        dialog._designers.set_folder(str(folders[1]))
        first, missing = dialog._originals.edit, (dialog._originals, folders[0])
    else:
        dialog = ExportDialog(dict.fromkeys(Decision, 1))
        first, missing = dialog._folder.edit, (dialog._folder, tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.focusWidget() is first
    assert not dialog.button.isEnabled()
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert dialog.isVisible()
    missing[0].set_folder(str(missing[1]))
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted


# --- settings -----------------------------------------------------------------------------------------------------


def test_every_setting_has_a_field_and_untouched_ones_are_no_change(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings({"reconcile.workers": 3}))
    qtbot.addWidget(dialog)
    assert set(dialog._fields) == {setting.key for setting in TABLE}
    assert dialog.changes() == {}
    for setting in TABLE:
        setting.check(dialog._fields[setting.key].value())


def test_changes_are_given_back_and_not_saved(qtbot: QtBot) -> None:
    settings = Settings()
    dialog = SettingsDialog(settings)
    qtbot.addWidget(dialog)
    fields = dialog._fields
    theme, workers, mirror = (fields[key].control for key in ("view.theme", "reconcile.workers", "reconcile.mirror"))
    assert isinstance(theme, QComboBox)
    assert isinstance(workers, QSpinBox)
    assert isinstance(mirror, QCheckBox)
    theme.setCurrentIndex(theme.findData("dark"))
    workers.setValue(4)
    mirror.setChecked(False)
    assert dialog.changes() == {"view.theme": "dark", "reconcile.workers": 4, "reconcile.mirror": False}
    assert settings.text("view.theme") == "system"
    next(button for button in dialog.findChildren(QPushButton) if button.text() == "Defaults").click()
    assert dialog.changes() == {}


def test_what_is_no_colour_cannot_be_saved(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings())
    qtbot.addWidget(dialog)
    field = dialog._fields["view.overlay_colour"]
    field.put("banana")
    assert not dialog.save.isEnabled()
    assert "“banana” is no colour" in dialog._wrong.text()
    dialog.show()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert field.value() == "banana"
    field.put("#ff8800")
    assert dialog.save.isEnabled()
    assert dialog._wrong.text() == ""
    assert dialog.changes() == {"view.overlay_colour": "#ff8800"}
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_the_swatch_picks_a_colour_and_no_choice_leaves_it(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    field = ColourField("Colour")
    qtbot.addWidget(field)
    field.setText("#112233")
    answers = iter([QColor(), QColor("#445566")])
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_arguments: next(answers))
    field._swatch.click()
    assert field.text() == "#112233"
    field._swatch.click()
    assert field.text() == "#445566"


def test_opacity_is_read_in_per_cent(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings({"view.overlay_opacity": 0.29}))
    qtbot.addWidget(dialog)
    control = dialog._fields["view.overlay_opacity"].control
    assert isinstance(control, QDoubleSpinBox)
    assert control.text() == "29 %"
    control.setValue(60)
    assert dialog.changes() == {"view.overlay_opacity": 0.6}


# --- finding out --------------------------------------------------------------------------------------------------


def test_the_key_sheet_lists_every_action(qtbot: QtBot) -> None:
    sheet = KeySheet()
    qtbot.addWidget(sheet)
    shown = [label.text() for label in sheet.findChildren(QLabel)]
    assert [spec.name for spec in ACTIONS if spec.name not in shown] == []
    text = " ".join(shown)
    assert [key_text(spec) for spec in ACTIONS if key_text(spec).split(" or ")[0] not in text] == []


def test_the_key_sheet_lists_the_keys_of_the_reasons() -> None:
    letters = {reason: letter for letter, reason in reasons.LETTERS.items()}
    expected = [(f"{number}, {letters[reason]}", words.REASONS[reason]) for number, reason in reasons.KEYS.items()]
    assert list(REASONS[: len(expected)]) == expected


@pytest.fixture
def commands(qtbot: QtBot) -> Iterator[Actions]:
    window = QMainWindow()
    qtbot.addWidget(window)
    actions = Actions(window, lambda _name: None)
    actions.enable(Scope.REVIEW, False)
    yield actions
    window.close()


def test_the_palette_offers_what_can_be_done_now(commands: Actions, qtbot: QtBot) -> None:
    palette = Palette(commands)
    qtbot.addWidget(palette)
    assert "Accept" not in palette.names()
    commands.enable(Scope.REVIEW, True)
    again = Palette(commands)
    qtbot.addWidget(again)
    assert "Accept" in again.names()
    assert "Commands" not in again.names()


def test_the_palette_finds_by_letters_and_gives_the_action(commands: Actions, qtbot: QtBot) -> None:
    palette = Palette(commands)
    qtbot.addWidget(palette)
    qtbot.keyClicks(palette._edit, "redo")
    assert palette.names()[0] == "Redo"
    qtbot.keyClick(palette._edit, Qt.Key.Key_Down)
    qtbot.keyClick(palette._edit, Qt.Key.Key_Up)
    qtbot.keyClick(palette._edit, Qt.Key.Key_Return)
    assert palette.chosen is commands["redo"]


def test_nothing_found_chooses_nothing(commands: Actions, qtbot: QtBot) -> None:
    palette = Palette(commands)
    qtbot.addWidget(palette)
    palette._edit.setText("zzz")
    qtbot.keyClick(palette._edit, Qt.Key.Key_Return)
    assert palette.chosen is None


def test_better_fits_come_first() -> None:
    ranked = sorted(["Next undecided", "Undo", "Footprint"], key=lambda name: fits("und", name) or 0)
    assert ranked[0] == "Undo" or fits("und", "Undo") == 0
    assert fits("und", "Next undecided") == 5
    assert fits("nund", "Next undecided") is not None
    assert fits("x", "Undo") is None


def test_about_tells_where_things_lie(qtbot: QtBot) -> None:
    dialog = AboutDialog("/log/here.log", "")
    qtbot.addWidget(dialog)
    shown = [label.text() for label in dialog.findChildren(QLabel)]
    assert "/log/here.log" in shown
    assert "none open" in shown


def test_a_bug_report_can_be_copied(qtbot: QtBot, qapp: object) -> None:
    dialog = BugDialog("Traceback: oops", "/log")
    qtbot.addWidget(dialog)
    next(button for button in dialog.findChildren(QPushButton) if button.text() == "Copy").click()
    assert qapp.clipboard().text() == "Traceback: oops"


def test_the_welcome_lists_projects_of_before(commands: Actions, qtbot: QtBot) -> None:
    welcome = Welcome(commands["new"], commands["open"])
    qtbot.addWidget(welcome)
    chosen: list[str] = []
    welcome.project_chosen.connect(chosen.append)
    welcome.show_recent(["/a/one & two", "/b/three"])
    welcome.show_recent(["/a/one & two"])
    buttons = [button for button in welcome.findChildren(QPushButton) if button.property("folder")]
    assert [button.text().split("  ")[0] for button in buttons] == ["one && two"]
    buttons[0].click()
    assert chosen == ["/a/one & two"]
