from __future__ import annotations

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QPushButton
from pytestqt.qtbot import QtBot

from core.domain import Decision
from core.settings import BY_KEY
from gui.assets import (
    DARK,
    LIGHT,
    Theme,
    app_icon,
    apply_theme,
    current_theme,
    decision_icon,
    icon,
    on_theme_changed,
    set_icon,
)
from gui.assets.icons import DECISION_ICONS
from gui.assets.theme import ICONS as FOLDER
from gui.assets.theme import MODES

ICONS = sorted(path.stem for path in FOLDER.glob("*.svg"))


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    apply_theme(qapp, "light")
    yield qapp
    apply_theme(qapp, "light")


def luminance(colour: str) -> float:
    """Return relative luminance, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read(theme: Theme) -> None:
    inks = [theme.text, theme.muted, theme.warning, theme.error, *(theme.decision(each) for each in Decision)]
    pairs = [(ink, ground) for ink in inks for ground in (theme.window, theme.base, theme.raised)]
    pairs += [(theme.on_accent, theme.accent), (theme.on_surround, theme.surround)]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_frames_and_handles_can_be_seen(theme: Theme) -> None:
    assert contrast(theme.grip, theme.base) >= 3
    assert contrast(theme.grip, theme.window) >= 3
    assert contrast(theme.accent, theme.base) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_greys_beside_pictures_are_neutral(theme: Theme) -> None:
    for grey in (theme.window, theme.base, theme.raised, theme.line, theme.grip, theme.surround, *theme.checker):
        assert grey[1:3] == grey[3:5] == grey[5:7]


def test_the_setting_offers_the_modes_there_are() -> None:
    assert set(BY_KEY["view.theme"].choices) == set(MODES)


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_a_theme_reaches_the_palette(app: QApplication, mode: str) -> None:
    apply_theme(app, mode)
    theme = current_theme()
    assert theme.name == mode
    assert app.palette().color(QPalette.ColorRole.Window) == QColor(theme.window)
    assert app.palette().color(QPalette.ColorRole.Text) == QColor(theme.text)
    assert theme.accent in app.styleSheet()


def test_every_system_gets_the_same_style(app: QApplication) -> None:
    app.setStyle("Windows")
    apply_theme(app, "dark")
    app.setStyleSheet("")
    assert app.style().name() == "fusion"


def test_a_ticked_box_shows_its_tick(app: QApplication, qtbot: QtBot) -> None:
    box = QCheckBox()
    qtbot.addWidget(box)
    box.setChecked(True)
    shown = box.grab().toImage()
    colours = {shown.pixelColor(x, y).name() for x in range(shown.width()) for y in range(shown.height())}
    assert {LIGHT.accent, LIGHT.on_accent} <= colours


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_a_choice_is_flat_with_an_arrow_and_shows_the_focus(app: QApplication, theme: Theme, qtbot: QtBot) -> None:
    apply_theme(app, theme.name)
    box = QComboBox()
    qtbot.addWidget(box)
    box.resize(120, 30)
    shown = box.grab().toImage()
    assert {shown.pixelColor(60, y).name() for y in range(2, 28)} == {theme.raised}
    assert shown.pixelColor(60, 0).name() == theme.grip
    arrow = {shown.pixelColor(x, y).name() for x in range(98, 118) for y in range(2, 28)}
    assert theme.raised in arrow
    assert max(contrast(colour, theme.raised) for colour in arrow) >= 3
    box.show()
    qtbot.waitExposed(box)
    box.activateWindow()
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    assert box.grab().toImage().pixelColor(60, 0).name() == theme.accent


def test_there_is_no_third_theme(app: QApplication) -> None:
    with pytest.raises(ValueError, match="sepia"):
        apply_theme(app, "sepia")


def test_the_system_is_followed_only_if_asked(app: QApplication) -> None:
    changed = app.styleHints().colorSchemeChanged
    apply_theme(app, "system")
    changed.emit(Qt.ColorScheme.Dark)
    assert current_theme() is DARK
    changed.emit(Qt.ColorScheme.Light)
    assert current_theme() is LIGHT
    apply_theme(app, "light")
    changed.emit(Qt.ColorScheme.Dark)
    assert current_theme() is LIGHT


def test_whoever_wants_to_know_of_a_theme_is_told_once(app: QApplication, qtbot: QtBot) -> None:
    heard: list[Theme] = []
    on_theme_changed(heard.append)
    apply_theme(app, "dark")
    apply_theme(app, "dark")
    apply_theme(app, "light")
    assert heard == [DARK, LIGHT]


@pytest.mark.parametrize("name", ICONS)
def test_icon_is_drawn_sharp_at_every_size(app: QApplication, name: str) -> None:
    drawn = icon(name)
    for size in (16, 24, 32, 64):
        pixmap = drawn.pixmap(QSize(size, size))
        assert (pixmap.width(), pixmap.height()) == (size, size)
        image = pixmap.toImage()
        inked = sum(image.pixelColor(x, y).alpha() > 100 for x in range(size) for y in range(size))
        assert 0.02 * size * size < inked
        border = [(0, at) for at in range(size)] + [(at, size - 1) for at in range(size)]
        assert name == "app" or not any(image.pixelColor(*at).alpha() > 200 for at in border)


def test_icons_take_the_themes_text_colour(app: QApplication) -> None:
    def ink() -> QColor:
        return icon("stacked").pixmap(QSize(96, 96)).toImage().pixelColor(48, 48)

    assert ink() == QColor(LIGHT.text)
    apply_theme(app, "dark")
    assert ink() == QColor(DARK.text)
    assert icon("stacked", "#12ab34").pixmap(QSize(96, 96)).toImage().pixelColor(48, 48) == QColor("#12ab34")


def test_a_disabled_icon_is_fainter(app: QApplication) -> None:
    faint = icon("stacked").pixmap(QSize(96, 96), QIcon.Mode.Disabled).toImage().pixelColor(48, 48)
    assert 80 < faint.alpha() < 160


def test_an_unknown_icon_is_a_bug(app: QApplication) -> None:
    with pytest.raises(KeyError, match="unicorn"):
        icon("unicorn")


def test_every_decision_has_an_icon_of_its_own_colour(app: QApplication) -> None:
    assert set(DECISION_ICONS) == set(Decision)
    assert len(set(DECISION_ICONS.values())) == len(Decision)
    image = decision_icon(Decision.REJECTED).pixmap(QSize(96, 96)).toImage()
    assert image.pixelColor(48, 48) == QColor(LIGHT.rejected)


def test_set_icon_goes_with_the_theme(app: QApplication, qtbot: QtBot) -> None:
    action, button = QAction(), QPushButton()
    qtbot.addWidget(button)
    for owner in (action, button):
        set_icon(owner, "stacked")
    apply_theme(app, "dark")
    for owner in (action, button):
        assert owner.icon().pixmap(QSize(96, 96)).toImage().pixelColor(48, 48) == QColor(DARK.text)


def test_an_owner_that_is_gone_is_forgotten(app: QApplication, qtbot: QtBot) -> None:
    button = QPushButton()
    set_icon(button, "accept")
    button.deleteLater()
    qtbot.wait(1)
    apply_theme(app, "dark")


def test_the_program_has_an_icon_for_task_bars(app: QApplication) -> None:
    assert max(size.width() for size in app_icon().availableSizes()) >= 256
