"""The tool bar: groups of actions, then the overlay's controls, which are its legend."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QToolBar

from gui.actions import TOOL_BAR, Actions
from gui.canvas.scene import MapLook, OverlayStyle
from gui.review.overlay_bar import OverlayBar

_TOGGLES = ("overlay", "outline", "footprint", "painted")


class ToolBar(QToolBar):
    """Always where it is."""

    def __init__(self, commands: Actions, style: OverlayStyle) -> None:
        super().__init__("Tools")
        looks = {look: commands[f"look_{look.value.replace(' ', '_')}"] for look in MapLook}
        self.overlay = OverlayBar(style, {name: commands[name] for name in _TOGGLES}, looks)
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.toggleViewAction().setVisible(False)
        for group in TOOL_BAR:
            for name in group:
                self.addAction(commands[name])
            if group != TOOL_BAR[-1]:
                self.addSeparator()
        self.addWidget(self.overlay)

    def fit(self, room: int) -> None:
        """Leave the words out where they would not fit."""
        self.overlay.fit(self, room)
