"""The settings, a page for each group; every row is made from its row in the table."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.settings import TABLE, Setting, Settings, Value
from gui.dialogs.colour import ColourField
from gui.dialogs.form import form_label

_PAGES = {
    "images": "Pictures",
    "reconcile": "Reconciliation",
    "model": "Prediction",
    "review": "Review",
    "view": "View",
}
_ORDER = ("review", "reconcile", "model", "view", "images")
_WORDS = {
    "system": "Follow the system",
    "dark": "Dark",
    "light": "Light",
    "pawtrait": "pawtrait (ours)",
    "paper": "paper (Mueller et al.)",
    "auto": "Choose for me",
    "cpu": "Processor (CPU)",
    "cuda": "Graphics card (CUDA)",
    "deepgaze2-vgg16": "deepgaze2-vgg16 (the paper's)",
    "1": "1 (fastest)",
    "4": "4 (best)",
}
_HELP = {"view.overlay_opacity": "0 % is invisible, 100 % is solid."}
"""Where the dialog shows a value in another form than the table holds it."""
_WHOLE = 10**9


class SettingsDialog(QDialog):
    """Gives the values that were changed; saving them is somebody else's."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._settings = settings
        self._fields = {setting.key: _Field(setting, settings[setting.key]) for setting in TABLE}
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        groups = dict.fromkeys([*_ORDER, *(setting.group for setting in TABLE)])
        for group in groups:
            page = QWidget()
            form = QFormLayout(page)
            form.setContentsMargins(16, 16, 16, 16)
            form.setVerticalSpacing(10)
            form.setHorizontalSpacing(16)
            for setting in TABLE:
                if setting.group == group:
                    self._fields[setting.key].add_to(form)
            tabs.addTab(page, _PAGES.get(group, group.capitalize()))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = buttons.addButton("Save", QDialogButtonBox.ButtonRole.AcceptRole)
        self.save.setProperty("role", "primary")
        self.save.setDefault(True)
        defaults = buttons.addButton("Defaults", QDialogButtonBox.ButtonRole.ResetRole)
        defaults.setToolTip("Put the defaults into all fields; nothing is saved yet")
        for other in (buttons.button(QDialogButtonBox.StandardButton.Cancel), defaults):
            other.setAutoDefault(False)  # Enter saves, or does nothing
        defaults.clicked.connect(self._on_defaults_clicked)
        self._wrong = QLabel(wordWrap=True)
        self._wrong.setProperty("role", "warning")
        for field in self._fields.values():
            if isinstance(field.control, ColourField):
                field.control.changed.connect(self._check)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(tabs)
        layout.addWidget(self._wrong)
        layout.addWidget(buttons)
        self.setMinimumWidth(600)
        self._check()

    def changes(self) -> dict[str, Value]:
        """Return the settings that differ from those in force."""
        values = {key: field.value() for key, field in self._fields.items()}
        return {key: value for key, value in values.items() if value != self._settings[key]}

    def _check(self) -> None:
        problem = next((problem for field in self._fields.values() if (problem := field.problem())), "")
        self._wrong.setText(problem)
        self.save.setEnabled(not problem)
        self.save.setDefault(True)

    def _on_defaults_clicked(self) -> None:
        for field in self._fields.values():
            field.put(field.setting.default)


class _Hint(QLabel):
    """Takes the height its lines need: a form does not ask for it."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask."""
        super().resizeEvent(event)
        self.setMinimumHeight(self.heightForWidth(self.width()))


class _Field:
    """One setting's label, control and help."""

    def __init__(self, setting: Setting, value: Value) -> None:
        self.setting = setting
        self.control = _control(setting)
        self._help = _HELP.get(setting.key, setting.help)
        self._scale = 100.0 if _is_share(setting) else 1.0
        self.control.setToolTip(self._help)
        self.control.setAccessibleName(setting.label)
        self.control.setAccessibleDescription(self._help)
        self.put(value)

    def add_to(self, form: QFormLayout) -> None:
        hint = _Hint(self._help, wordWrap=True)
        hint.setProperty("role", "muted")
        hint.setMinimumWidth(360)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.control, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(hint)
        named = isinstance(self.control, QCheckBox)
        form.addRow(QLabel() if named else form_label(self.setting.label, self.control), column)

    def put(self, value: Value) -> None:
        control = self.control
        if isinstance(control, QCheckBox):
            control.setChecked(bool(value))
        elif isinstance(control, QComboBox):
            control.setCurrentIndex(control.findData(value))
        elif isinstance(control, QSpinBox):
            control.setValue(int(value))
        elif isinstance(control, QDoubleSpinBox):
            control.setValue(float(value) * self._scale)
        elif isinstance(control, (QLineEdit, ColourField)):
            control.setText(str(value))

    def value(self) -> Value:
        control = self.control
        if isinstance(control, QCheckBox):
            return control.isChecked()
        if isinstance(control, QComboBox):
            return str(control.currentData())
        if isinstance(control, QSpinBox):
            return control.value()
        if isinstance(control, QDoubleSpinBox):
            return control.value() / self._scale
        assert isinstance(control, (QLineEdit, ColourField))
        return control.text().strip()

    def problem(self) -> str:
        """Return what is wrong with the value, as a sentence; empty if nothing is."""
        if isinstance(self.control, ColourField) and not self.control.is_valid():
            return f"{self.setting.label}: “{self.control.text()}” is no colour. Write one like {self.setting.default}."
        return ""


def _is_share(setting: Setting) -> bool:
    """Return whether a setting is a share of one, which people read in per cent."""
    return isinstance(setting.default, float) and (setting.low, setting.high) == (0, 1)


def _control(setting: Setting) -> QWidget:
    if isinstance(setting.default, bool):
        return QCheckBox(setting.label)
    if setting.choices:
        box = QComboBox()
        for choice in setting.choices:
            box.addItem(_WORDS.get(choice, choice), choice)
        return box
    if str(setting.default).startswith("#"):
        return ColourField(setting.label)
    if isinstance(setting.default, str):
        edit = QLineEdit()
        edit.setMinimumWidth(220)
        return edit
    suffix = f" {setting.unit}" if setting.unit else ""
    if isinstance(setting.default, int):
        whole = QSpinBox(suffix=suffix)
        whole.setRange(int(setting.low or 0), int(_WHOLE if setting.high is None else setting.high))
        whole.setMinimumWidth(120)
        return whole
    share = _is_share(setting)
    number = QDoubleSpinBox(suffix=" %" if share else suffix)
    number.setRange(
        float(setting.low or 0), 100.0 if share else float(_WHOLE if setting.high is None else setting.high)
    )
    number.setDecimals(0)
    number.setSingleStep(5 if share else 1)
    number.setMinimumWidth(120)
    return number
