"""Version, licence, and where the program keeps its things."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from core import settings
from gui import window_state
from gui.assets import app_icon


def program_version() -> str:
    """Return the version that is installed."""
    try:
        return version("pawtrait")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "not installed"


class AboutDialog(QDialog):
    """Says what this is."""

    def __init__(self, log_file: str, project: str, parent: QWidget | None = None) -> None:
        """``project`` is the open project's folder, or empty."""
        super().__init__(parent)
        self.setWindowTitle("About Pawtrait")
        picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        picture.setPixmap(app_icon().pixmap(64, 64))
        title = QLabel("Pawtrait", alignment=Qt.AlignmentFlag.AlignCenter)
        title.setProperty("role", "title")
        words = QLabel(
            "Finds the designer's image in the photo, and the portrait's mask with it.\nApache License 2.0",
            alignment=Qt.AlignmentFlag.AlignCenter,
        )
        facts = QFormLayout()
        facts.setHorizontalSpacing(16)
        for name, value in (
            ("Version", program_version()),
            ("PySide6", pyside_version),
            ("Project", project or "none open"),
            ("Settings", str(settings.default_path())),
            ("Window", str(window_state.default_path())),
            ("Log", log_file),
        ):
            if not value:
                continue
            label = QLabel(value, textFormat=Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            facts.addRow(name, label)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(14)
        for widget in (picture, title, words):
            layout.addWidget(widget)
        layout.addLayout(facts)
        layout.addWidget(buttons)
