"""A dialog with named fields, one sentence on what is still missing, and a button that waits for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from gui.assets import tab_as_read


class FormDialog(QDialog):
    """The frame of the dialogs that ask for something; subclasses add rows and say what is wrong."""

    def __init__(self, title: str, verb: str, intro: str, parent: QWidget | None = None) -> None:
        """``verb`` names the button that accepts."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(560)
        self._intro = QLabel(intro, wordWrap=True)
        self._intro.setProperty("role", "muted")
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.form.setVerticalSpacing(10)
        self.form.setHorizontalSpacing(12)
        self._missing = QLabel(wordWrap=True)
        self._missing.setProperty("role", "muted")
        self._missing.setMinimumHeight(self._missing.fontMetrics().height() * 2)
        self._missing.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.button = buttons.addButton(verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self.button.setProperty("role", "primary")
        self.button.setDefault(True)
        # Enter must never cancel: Qt would hand the default to Cancel while the verb's button waits.
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(14)
        layout.addWidget(self._intro)
        layout.addLayout(self.form)
        layout.addWidget(self._missing)
        layout.addStretch(1)
        layout.addWidget(buttons)

    def showEvent(self, event: QShowEvent) -> None:
        """Be as large as all of it needs; have Tab end at the buttons, which were made before the fields."""
        super().showEvent(event)
        layout = self.layout()
        assert layout is not None
        layout.activate()
        width = max(self.width(), min(layout.totalMinimumSize().width(), self.screen().availableSize().width()))
        self.resize(width, max(self.height(), layout.totalHeightForWidth(width)))
        tab_as_read(self)

    def problem(self) -> str:
        """Return what is still wrong or missing, as a sentence; empty if nothing is."""
        return ""

    def hint(self) -> str:
        """Return what is worth knowing before the button is pressed, as a sentence; empty if nothing is."""
        return ""

    def check(self) -> None:
        """Show what is missing; call it whenever a field has changed."""
        problem = self.problem()
        self._missing.setText(problem or self.hint())
        self.button.setEnabled(not problem)
        self.button.setDefault(True)

    def add_row(self, name: str, field: QWidget) -> None:
        """Add a field with its name beside it."""
        self.form.addRow(form_label(name, field), field)


def form_label(name: str, field: QWidget) -> QLabel:
    """Return a label as high as ``field``, so that their words stand on one line; a form's own labels hang higher."""
    label = QLabel(name)
    label.setFixedHeight(field.sizeHint().height())
    label.setBuddy(field)
    return label
