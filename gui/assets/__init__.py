"""The look of the desk: themes and icons."""

from gui.assets.eliding import Elided, ElidingCombo, elided_name
from gui.assets.icons import DECISION_ICONS, app_icon, decision_icon, icon, set_icon
from gui.assets.tab_order import first_by_tab, tab_as_read, tab_through
from gui.assets.theme import DARK, LIGHT, Theme, apply_theme, current_theme, on_theme_changed

__all__ = [
    "DARK",
    "DECISION_ICONS",
    "LIGHT",
    "Elided",
    "ElidingCombo",
    "Theme",
    "app_icon",
    "apply_theme",
    "current_theme",
    "decision_icon",
    "elided_name",
    "first_by_tab",
    "icon",
    "on_theme_changed",
    "set_icon",
    "tab_as_read",
    "tab_through",
]
