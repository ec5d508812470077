"""Colours and measures of the desk in two themes, and how they reach Qt; the theme follows the system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

import resources
from core.domain import Decision

ICONS = Path(resources.__file__).parent / "icons"
MODES = ("system", "dark", "light")


@dataclass(frozen=True, slots=True)
class Theme:
    """The tokens of one theme; colours are #rrggbb. Greys are neutral, as photos' colours are judged beside them."""

    name: str
    window: str
    """Behind panels and tool bars."""
    base: str
    """Behind lists and text fields."""
    raised: str
    """Buttons, cards, messages over a picture."""
    line: str
    """Borders and dividers."""
    grip: str
    """Scroll handles and the frames of what can be filled in or ticked: 3:1 on window and base."""
    text: str
    muted: str
    """Text of lesser weight; still 4.5:1 on window, base and raised."""
    accent: str
    """Selection, focus, the one main button."""
    on_accent: str
    surround: str
    """Around the pictures."""
    on_surround: str
    checker: tuple[str, str]
    """The two squares that show through a transparent picture."""
    warning: str
    error: str
    undecided: str
    accepted: str
    corrected: str
    rejected: str
    skipped: str
    second_review: str
    gap: int = 8
    """Space between neighbours, in logical pixels; half for parts of one thing, twice between groups."""
    radius: int = 4

    def decision(self, decision: Decision) -> str:
        """Return the colour of a decision; it is always shown with an icon and a word."""
        return str(getattr(self, decision.value))


LIGHT = Theme(
    name="light",
    window="#f0f0f0",
    base="#ffffff",
    raised="#fafafa",
    line="#c4c4c4",
    grip="#868686",
    text="#1c1c1c",
    muted="#5a5a5a",
    accent="#1f66c1",
    on_accent="#ffffff",
    surround="#737373",
    on_surround="#ffffff",
    checker=("#c8c8c8", "#b8b8b8"),
    warning="#8a5a00",
    error="#b3261e",
    undecided="#5a5a5a",
    accepted="#1b7332",
    corrected="#0a6a86",
    rejected="#b3261e",
    skipped="#7a5a00",
    second_review="#7a3fb0",
)
DARK = Theme(
    name="dark",
    window="#2a2a2a",
    base="#202020",
    raised="#363636",
    line="#4a4a4a",
    grip="#7a7a7a",
    text="#e8e8e8",
    muted="#b0b0b0",
    accent="#2f73cc",
    on_accent="#ffffff",
    surround="#3c3c3c",
    on_surround="#e8e8e8",
    checker=("#5c5c5c", "#505050"),
    warning="#f0b849",
    error="#ff8f85",
    undecided="#b0b0b0",
    accepted="#6fce85",
    corrected="#5cc4e4",
    rejected="#ff8f85",
    skipped="#dcb867",
    second_review="#cfa4f5",
)


class _Keeper(QObject):
    """Knows the theme in force and tells who wants to know."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.theme = LIGHT
        self.follows = True
        """True while the system's choice counts."""

    def on_system_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        """Go with the system, if we follow it."""
        app = QApplication.instance()
        if self.follows and isinstance(app, QApplication):
            self.put(app, DARK if scheme == Qt.ColorScheme.Dark else LIGHT)

    def put(self, app: QApplication, theme: Theme) -> None:
        """Give the application a theme, and tell everybody if it is another one."""
        another = theme != self.theme
        self.theme = theme
        app.setPalette(palette(theme))
        app.setStyleSheet(style_sheet(theme))
        if another:
            self.changed.emit(theme)


@cache
def _keeper() -> _Keeper:
    return _Keeper()


def apply_theme(app: QApplication, mode: str) -> None:
    """Give the whole program a theme; with "system" it follows the system from now on.

    Args:
        app: the application.
        mode: "system", "dark" or "light" (the setting ``view.theme``).

    Raises:
        ValueError: another mode.
    """
    if mode not in MODES:
        raise ValueError(f"not a theme: {mode}")
    keeper, hints = _keeper(), app.styleHints()
    # the one style that looks alike everywhere and takes every colour from the palette
    app.setStyle("Fusion")
    # not followed while we set it ourselves: that would answer our own change
    keeper.follows = False
    hints.colorSchemeChanged.connect(keeper.on_system_scheme_changed, Qt.ConnectionType.UniqueConnection)
    if mode == "system":
        hints.unsetColorScheme()
        keeper.put(app, DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT)
    else:
        # window frames and native dialogs go with us
        hints.setColorScheme(Qt.ColorScheme.Dark if mode == "dark" else Qt.ColorScheme.Light)
        keeper.put(app, DARK if mode == "dark" else LIGHT)
    keeper.follows = mode == "system"


def current_theme() -> Theme:
    """Return the theme in force (the light one until :func:`apply_theme` was called)."""
    return _keeper().theme


def on_theme_changed(slot: Callable[[Theme], object]) -> None:
    """Call ``slot`` with the new theme after each change.

    Give a method of a QObject: Qt forgets it when the object goes.
    """
    _keeper().changed.connect(slot)


def palette(theme: Theme) -> QPalette:
    """Return a theme as Qt's palette, the disabled colours too."""
    role = QPalette.ColorRole
    made = QPalette()
    for where, colour in {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.base,
        role.AlternateBase: theme.window,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.corrected,
        role.LinkVisited: theme.second_review,
        role.Light: theme.raised,
        role.Midlight: theme.raised,
        role.Mid: theme.line,
        role.Dark: theme.line,
        role.Shadow: theme.surround,
    }.items():
        made.setColor(where, QColor(colour))
    faint = QColor(theme.muted)
    faint.setAlphaF(0.6)
    for where in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, where, faint)
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.line))
    return made


def style_sheet(theme: Theme) -> str:
    """Return the little that the palette cannot say.

    Dynamic properties choose a look: ``role="muted"``, ``"title"`` or ``"warning"`` of a QLabel, ``"primary"`` of a
    QPushButton, ``"boxed"`` of a QToolButton that stands in a form.
    """
    tick, unfold = ((ICONS / f"{name}.svg").as_posix() for name in ("tick", "unfold"))
    return f"""
QToolTip {{ color: {theme.text}; background: {theme.raised}; border: 1px solid {theme.line}; padding: 4px; }}
QMainWindow::separator, QSplitter::handle {{ background: {theme.line}; }}
QSplitter::handle:horizontal, QMainWindow::separator:vertical {{ width: 1px; }}
QSplitter::handle:vertical, QMainWindow::separator:horizontal {{ height: 1px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QToolBar {{ border: none; spacing: 2px; padding: 4px; }}
QToolButton {{ border: 1px solid transparent; border-radius: {theme.radius}px; padding: 4px; }}
QToolButton[popupMode="2"] {{ padding-right: 20px; }}
QToolButton::menu-indicator {{ image: url("{unfold}"); width: 12px; height: 12px;
    subcontrol-origin: border; subcontrol-position: right center; right: 5px; }}
QToolButton:hover {{ background: {theme.raised}; border-color: {theme.line}; }}
QToolButton[role="boxed"] {{ background: {theme.raised}; border-color: {theme.line}; }}
QToolButton:checked, QToolButton:pressed {{ background: {theme.base}; border-color: {theme.muted}; }}
QToolButton[role="boxed"]:checked {{ background: {theme.accent}; border-color: {theme.accent};
    color: {theme.on_accent}; }}
QToolButton:focus {{ border-color: {theme.accent}; }}
QPushButton {{ background: {theme.raised}; border: 1px solid {theme.line}; border-radius: {theme.radius}px;
    padding: 5px 14px; }}
QPushButton:hover, QPushButton:pressed {{ background: {theme.base}; }}
QPushButton:focus {{ border-color: {theme.accent}; }}
QPushButton:disabled {{ background: {theme.window}; }}
QPushButton[role="primary"]:enabled {{ background: {theme.accent}; border-color: {theme.accent};
    color: {theme.on_accent}; }}
QPushButton[role="primary"]:focus {{ border-color: {theme.text}; }}
QLineEdit, QPlainTextEdit {{ background: {theme.base}; border: 1px solid {theme.grip};
    border-radius: {theme.radius}px; padding: 4px 6px; }}
QLineEdit:focus, QPlainTextEdit:focus {{ border-color: {theme.accent}; }}
QComboBox {{ background: {theme.raised}; border: 1px solid {theme.grip}; border-radius: {theme.radius}px;
    padding: 4px 0 4px 6px; }}
QComboBox:hover, QComboBox:on {{ background: {theme.base}; }}
QComboBox:focus {{ border-color: {theme.accent}; }}
QComboBox:disabled {{ background: {theme.window}; border-color: {theme.line}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ width: 12px; height: 12px; image: url("{unfold}"); }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 14px; height: 14px; border: 1px solid {theme.grip};
    background: {theme.base}; }}
QCheckBox::indicator {{ border-radius: 3px; }}
QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent}; image: url("{tick}"); }}
QRadioButton::indicator {{ border-radius: 8px; }}
QRadioButton::indicator:checked {{ border-color: {theme.accent}; background: {_dot(theme.on_accent, theme.accent)}; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border-color: {theme.text}; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {theme.line};
    background: {theme.line}; }}
QRadioButton::indicator:checked:disabled {{ background: {_dot(theme.base, theme.muted)}; border-color: {theme.muted}; }}
QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: 12px; }}
QScrollBar:horizontal {{ height: 12px; }}
QScrollBar::handle {{ background: {theme.grip}; border-radius: 3px; margin: 3px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {theme.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
QProgressBar {{ background: {theme.base}; border: 1px solid {theme.line}; border-radius: {theme.radius}px;
    text-align: center; }}
QProgressBar::chunk {{ background: {theme.accent}; border-radius: {theme.radius - 1}px; }}
QLabel[role="muted"] {{ color: {theme.muted}; }}
QLabel[role="title"] {{ font-size: 18pt; font-weight: 600; }}
QLabel[role="warning"] {{ color: {theme.warning}; }}
"""


def _dot(inner: str, outer: str) -> str:
    """Return a ground with a dot in its middle: as wide borders, dots have steps at 150 and 200 %."""
    stops = f"stop:0 {inner}, stop:0.4 {inner}, stop:0.46 {outer}, stop:1 {outer}"
    return f"qradialgradient(cx:0.5, cy:0.5, fx:0.5, fy:0.5, radius:0.5, {stops})"
