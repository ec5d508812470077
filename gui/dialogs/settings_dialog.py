"""The settings, a page for each group; every row is made from its row in the table."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
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

_PAGES = {"images": "Pictures", "reconcile": "Reconciliation", "review": "Review", "view": "View"}
_ORDER = ("review", "reconcile", "view", "images")
_WORDS = {
    "system": "Follow the system",
    "dark": "Dark",
    "light": "Light",
    "pawtrait": "pawtrait (ours)",
    "paper": "paper (Mueller et al.)",
    "auto": "Choose for me",
    "cpu": "Processor (CPU)",
    "cuda": "Graphics card (CUDA)",
}
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
        save = buttons.addButton("Save", QDialogButtonBox.ButtonRole.AcceptRole)
        save.setProperty("role", "primary")
        save.setDefault(True)
        defaults = buttons.addButton("Defaults", QDialogButtonBox.ButtonRole.ResetRole)
        defaults.setToolTip("Put the defaults into all fields; nothing is saved yet")
        defaults.clicked.connect(self._on_defaults_clicked)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(tabs)
        layout.addWidget(buttons)
        self.setMinimumWidth(600)

    def changes(self) -> dict[str, Value]:
        """Return the settings that differ from those in force."""
        values = {key: field.value() for key, field in self._fields.items()}
        return {key: value for key, value in values.items() if value != self._settings[key]}

    def _on_defaults_clicked(self) -> None:
        for field in self._fields.values():
            field.put(field.setting.default)


class _Field:
    """One setting's label, control and help."""

    def __init__(self, setting: Setting, value: Value) -> None:
        self.setting = setting
        self.control = _control(setting)
        self.control.setToolTip(setting.help)
        self.control.setAccessibleName(setting.label)
        self.control.setAccessibleDescription(setting.help)
        self.put(value)

    def add_to(self, form: QFormLayout) -> None:
        hint = QLabel(self.setting.help, wordWrap=True)
        hint.setProperty("role", "muted")
        hint.setMinimumWidth(360)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.control, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(hint)
        form.addRow("" if isinstance(self.control, QCheckBox) else self.setting.label, column)

    def put(self, value: Value) -> None:
        control = self.control
        if isinstance(control, QCheckBox):
            control.setChecked(bool(value))
        elif isinstance(control, QComboBox):
            control.setCurrentIndex(control.findData(value))
        elif isinstance(control, QSpinBox):
            control.setValue(int(value))
        elif isinstance(control, QDoubleSpinBox):
            control.setValue(float(value))
        elif isinstance(control, QLineEdit):
            control.setText(str(value))

    def value(self) -> Value:
        control = self.control
        if isinstance(control, QCheckBox):
            return control.isChecked()
        if isinstance(control, QComboBox):
            return str(control.currentData())
        if isinstance(control, (QSpinBox, QDoubleSpinBox)):
            return control.value()
        assert isinstance(control, QLineEdit)
        text = control.text().strip()
        # a colour is a word to the table; what is none would only be drawn as the default
        is_colour = str(self.setting.default).startswith("#")
        return str(self.setting.default) if is_colour and not QColor(text).isValid() else text


def _control(setting: Setting) -> QWidget:
    if isinstance(setting.default, bool):
        return QCheckBox(setting.label)
    if setting.choices:
        box = QComboBox()
        for choice in setting.choices:
            box.addItem(_WORDS.get(choice, choice), choice)
        return box
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
    number = QDoubleSpinBox(suffix=suffix)
    high = float(_WHOLE if setting.high is None else setting.high)
    number.setRange(float(setting.low or 0), high)
    number.setDecimals(2 if high <= 1 else 0)
    number.setSingleStep(0.05 if high <= 1 else 1)
    number.setMinimumWidth(120)
    return number
