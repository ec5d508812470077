"""How the prediction lies over the original: a button of the tool bar that says it, with a menu to choose."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from gui.canvas.scene import MapLook
from gui.canvas.swatches import SIDE, heat_swatch, mask_swatch, outline_swatch
from gui.current_keys import set_keyed


class LookButton(QToolButton):
    """One of the looks is always chosen."""

    look_chosen = Signal(object)
    """A ``MapLook``."""

    def __init__(self, looks: dict[MapLook, QAction], parent: QWidget | None = None) -> None:
        """``looks`` are checkable actions."""
        super().__init__(parent)
        self._looks = looks
        self.look = MapLook.MASK
        group = QActionGroup(self)
        menu = QMenu(self)
        for look, action in looks.items():
            group.addAction(action)
            menu.addAction(action)
            action.triggered.connect(partial(self._on_chosen, look))
        looks[MapLook.HEAT].setIcon(heat_swatch())
        looks[MapLook.OUTLINE].setIcon(outline_swatch())
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setMenu(menu)
        self.show_look(self.look)

    def show_look(self, look: MapLook) -> None:
        """Say that this look is in force."""
        self.look = look
        self._looks[look].setChecked(True)
        words = f"Prediction as {look.value}"
        self.setText(words)
        self.setIcon(self._looks[look].icon())
        set_keyed(self, f"{words}; the next look ({{look}})")
        self.setAccessibleName(f"Look of the prediction: {look.value}")

    def show_colour(self, colour: str) -> None:
        """Show the mask's look in its colour (#rrggbb)."""
        self._looks[MapLook.MASK].setIcon(mask_swatch(colour))
        self.setIcon(self._looks[self.look].icon())

    def choose_next(self) -> None:
        """Choose the look that follows this one."""
        looks = list(MapLook)
        self._on_chosen(looks[(looks.index(self.look) + 1) % len(looks)])

    def _on_chosen(self, look: MapLook, _checked: bool = True) -> None:
        self.show_look(look)
        self.look_chosen.emit(look)
