"""Controls of the overlay in the tool bar, and its legend: mask, outline, footprint, what was painted on."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSlider, QToolBar, QToolButton, QWidget

from core.settings import Settings, Value
from gui.canvas.painted import painted_colour
from gui.canvas.scene import MapLook, OverlayStyle
from gui.canvas.swatches import SIDE, footprint_swatch, mask_swatch, outline_swatch, painted_swatch
from gui.review.look_button import LookButton

COLOURS = (
    ("#00b4ff", "Blue"),
    ("#ff2fd0", "Magenta"),
    ("#00d26a", "Green"),
    ("#ff8a00", "Orange"),
    ("#ffe600", "Yellow"),
    ("#ff3b30", "Red"),
)
_SAVE_MS = 500


def style_from(settings: Settings) -> OverlayStyle:
    """Return the overlay's style as the settings have it; a colour that is none becomes the default."""
    colour = QColor(settings.text("view.overlay_colour"))
    return OverlayStyle(
        colour=colour.name() if colour.isValid() else OverlayStyle().colour,
        opacity=settings.number("view.overlay_opacity"),
        outline=settings.flag("view.overlay_outline"),
        footprint=settings.flag("view.footprint"),
        painted=settings.flag("view.painted"),
    )


class OverlayBar(QWidget):
    """Changes the style at once; it becomes a setting when the hand rests."""

    style_changed = Signal(object)
    """An ``OverlayStyle``."""
    setting_chosen = Signal(str, object)
    """A key of the settings and its new value."""

    def __init__(
        self,
        style: OverlayStyle,
        toggles: dict[str, QAction],
        looks: dict[MapLook, QAction],
        parent: QWidget | None = None,
    ) -> None:
        """``toggles`` are the checkable actions ``overlay``, ``outline``, ``footprint`` and ``painted``."""
        super().__init__(parent)
        self.style_now = style
        self._toggles = toggles
        self._saved = style
        self._silent = False
        self._colour = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self._colour.setText("Mask")
        self._colour.setIconSize(QSize(SIDE, SIDE))
        self._colour.setToolTip("Colour of the mask")
        self._colour.setAccessibleName("Colour of the mask")
        self._colour.setMenu(self._colour_menu())
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setFixedWidth(110)
        self.slider.setToolTip("Opacity of the mask")
        self.slider.setAccessibleName("Opacity of the mask")
        self._number = QLabel()
        self._number.setMinimumWidth(self._number.fontMetrics().horizontalAdvance("100%"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(4)
        self.look = LookButton(looks)
        self._words = [self._colour, *(self._button(toggles[name]) for name in ("outline", "footprint", "painted"))]
        self._words.append(self.look)
        for widget in (self._colour, self.slider, self._number, *self._words[1:]):
            layout.addWidget(widget)
        layout.addStretch(1)
        toggles["outline"].setIcon(outline_swatch())
        toggles["footprint"].setIcon(footprint_swatch())
        self._rest = QTimer(self, singleShot=True, interval=_SAVE_MS)
        self._rest.timeout.connect(self.save)
        self.show_style(style)
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.look.look_chosen.connect(self._on_look_chosen)
        for action in toggles.values():
            action.toggled.connect(self._on_toggled)

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()  # Tab follows the order in which they come into the bar
        button.setDefaultAction(action)
        button.setIconSize(QSize(SIDE, SIDE))
        return button

    def fit(self, bar: QToolBar, room: int) -> None:
        """Write beside each sign what it stands for, unless ``bar`` would then be wider than ``room``."""
        # both are asked anew: what a bar has left out for want of room does not tell that it has shrunk
        layouts = [layout for layout in (self.layout(), bar.layout()) if layout is not None]
        for style in (Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly):
            for button in self._words:
                button.setToolButtonStyle(style)
            for layout in layouts:
                layout.invalidate()
            if bar.sizeHint().width() <= room:
                break
        layouts[-1].activate()

    def _colour_menu(self) -> QMenu:
        menu = QMenu(self)
        for colour, name in COLOURS:
            action = menu.addAction(mask_swatch(colour), name)
            action.setData(colour)
        menu.triggered.connect(self._on_colour_chosen)
        return menu

    def show_style(self, style: OverlayStyle) -> None:
        """Put the controls where a style has them, without saying so."""
        self.style_now = self._saved = style
        self._silent = True
        for name, on in (
            ("overlay", style.visible),
            ("outline", style.outline),
            ("footprint", style.footprint),
            ("painted", style.painted),
        ):
            self._toggles[name].setChecked(on)
        self._silent = False
        self.look.show_look(style.look)
        self.slider.blockSignals(True)
        self.slider.setValue(round(style.opacity * 100))
        self.slider.blockSignals(False)
        self._refresh()

    def save(self) -> None:
        """Make settings of what has been changed since the last time."""
        self._rest.stop()
        now, before = self.style_now, self._saved
        self._saved = now
        pairs: tuple[tuple[str, Value, Value], ...] = (
            ("view.overlay_colour", now.colour, before.colour),
            ("view.overlay_opacity", now.opacity, before.opacity),
            ("view.overlay_outline", now.outline, before.outline),
            ("view.footprint", now.footprint, before.footprint),
            ("view.painted", now.painted, before.painted),
        )
        for key, new, old in pairs:
            if new != old:
                self.setting_chosen.emit(key, new)

    def _change(self, style: OverlayStyle) -> None:
        self.style_now = style
        self._refresh()
        self.style_changed.emit(style)
        self._rest.start()

    def _refresh(self) -> None:
        self._colour.setIcon(mask_swatch(self.style_now.colour))
        self.look.show_colour(self.style_now.colour)
        self._toggles["painted"].setIcon(painted_swatch(painted_colour(self.style_now.colour)))
        self._number.setText(f"{round(self.style_now.opacity * 100)}%")

    def _on_slider_moved(self, value: int) -> None:
        self._change(replace(self.style_now, opacity=value / 100))

    def _on_colour_chosen(self, action: QAction) -> None:
        self._change(replace(self.style_now, colour=str(action.data())))

    def _on_look_chosen(self, look: MapLook) -> None:
        self._change(replace(self.style_now, look=look))

    def _on_toggled(self) -> None:
        if self._silent:
            return
        self._change(
            replace(
                self.style_now,
                visible=self._toggles["overlay"].isChecked(),
                outline=self._toggles["outline"].isChecked(),
                footprint=self._toggles["footprint"].isChecked(),
                painted=self._toggles["painted"].isChecked(),
            )
        )
