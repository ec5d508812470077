"""Icons from resources/icons, drawn in the theme's colours at every size a screen may ask for."""

from __future__ import annotations

import weakref
from functools import cache

import shiboken6
from PySide6.QtCore import QByteArray, QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from core.domain import Decision
from gui.assets.theme import ICONS, Theme, current_theme, on_theme_changed

# 16, 20, 24 and 32 at 100, 125, 150, 200 and 300 %; Qt takes the next larger one
SIZES = (16, 20, 24, 32, 40, 48, 64, 96)
APP_SIZES = (16, 24, 32, 48, 64, 128, 256)
DECISION_ICONS = {
    Decision.UNDECIDED: "undecided",
    Decision.ACCEPTED: "accept",
    Decision.CORRECTED: "correct",
    Decision.REJECTED: "reject",
    Decision.SKIPPED: "skip",
    Decision.SECOND_REVIEW: "second-review",
}


class _Drawer(QObject):
    """Keeps the icons drawn for the theme in force, and who shows them."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: dict[tuple[str, str], QIcon] = {}
        self.shown: weakref.WeakKeyDictionary[QAction | QAbstractButton, str] = weakref.WeakKeyDictionary()
        on_theme_changed(self._on_theme_changed)
        # pixmaps must go before the application does
        app = QCoreApplication.instance()
        assert app is not None, "icons are drawn for a running application"
        app.aboutToQuit.connect(self.drawn.clear)

    def _on_theme_changed(self, _theme: Theme) -> None:
        self.drawn.clear()
        for owner, name in list(self.shown.items()):
            if shiboken6.isValid(owner):
                owner.setIcon(icon(name))


@cache
def _drawer() -> _Drawer:
    return _Drawer()


def icon(name: str, colour: str = "") -> QIcon:
    """Return an icon for the theme in force; see :func:`set_icon` for one that goes with the theme.

    Args:
        name: file in resources/icons, without ending.
        colour: #rrggbb; empty means the theme's text.

    Raises:
        KeyError: no such icon.
    """
    drawer = _drawer()
    found = drawer.drawn.get((name, colour))
    if found is None:
        found = drawer.drawn[name, colour] = _draw(name, colour)
    return found


def set_icon(owner: QAction | QAbstractButton, name: str) -> None:
    """Give an action or button its icon, now and after each change of the theme."""
    owner.setIcon(icon(name))
    _drawer().shown[owner] = name


def decision_icon(decision: Decision) -> QIcon:
    """Return the icon of a decision in its colour, for the theme in force."""
    return icon(DECISION_ICONS[decision], current_theme().decision(decision))


def app_icon() -> QIcon:
    """Return the program's own icon."""
    return icon("app")


def _draw(name: str, colour: str) -> QIcon:
    source = _source(name)
    theme = current_theme()
    normal = QColor(colour or theme.text)
    faint = QColor(theme.muted)
    faint.setAlphaF(0.5)
    made = QIcon()
    for mode, tint in (
        (QIcon.Mode.Normal, normal),
        (QIcon.Mode.Disabled, faint),
        (QIcon.Mode.Selected, QColor(theme.on_accent)),
    ):
        # SVG's currentColor has no alpha of its own in Qt: the painter gives it
        drawing = QSvgRenderer(QByteArray(source.replace("currentColor", tint.name()).encode()))
        for size in APP_SIZES if name == "app" else SIZES:
            pixmap = QPixmap(size, size)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setOpacity(tint.alphaF())
            drawing.render(painter)
            painter.end()
            made.addPixmap(pixmap, mode)
    return made


@cache
def _source(name: str) -> str:
    path = ICONS / f"{name}.svg"
    if not path.is_file():
        raise KeyError(name)
    return path.read_text("utf-8")
