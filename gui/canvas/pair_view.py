"""The pair view: original and designer image side by side, their zoom, pan and cursor linked by the placement."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from core.domain import Placement
from gui.assets import current_theme
from gui.canvas.caption import Caption
from gui.canvas.contents import Layers
from gui.canvas.edit_surface import EditSurface
from gui.canvas.hand import Hand
from gui.canvas.linking import PairViews, Side
from gui.canvas.navigator import Navigator
from gui.canvas.pane import Pane
from gui.canvas.placing_glass import PlacingGlass, PlacingScene
from gui.canvas.scene import CursorPlace, PairScene
from gui.canvas.viewport import Point
from gui.current_keys import is_key_of

NAMES = {Side.ORIGINAL: "Original", Side.DESIGNER: "Designer image"}


class PaneLayout(Enum):
    """How the two panes lie."""

    SIDE_BY_SIDE = "side by side"
    STACKED = "stacked"


class PairView(QWidget):
    """Shows a :class:`PairScene`. Takes no keys but the one that pans (Space), and that only while it has the focus."""

    cursor_moved = Signal(object)
    """A :class:`CursorPlace`, or None when the mouse points at no image."""
    zoom_changed = Signal(float)
    """Device pixels for each pixel of the original: 1.0 is 100 %, 0.0 that there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty view."""
        super().__init__(parent)
        self._scene = PairScene()
        self._views = PairViews()
        self.fitted = True
        """Both images are shown whole, as they were at first."""
        self._extent = (1.0, 1.0)
        self._zoom = 0.0
        self._original_only = False
        self._hovered: tuple[Side, Point] | None = None
        self._cursor: CursorPlace | None = None
        self._layers = Layers()
        self._panes = {side: Pane(NAMES[side], self) for side in Side}
        self.glass = PlacingGlass(self._panes, self)
        """On which a placement is set by hand."""
        self.surface = EditSurface(self._panes[Side.ORIGINAL])
        """On which the original's mask is edited."""
        self.hand = Hand(self._panes[Side.ORIGINAL], self)
        self.navigator: Navigator | None = None
        """The original, small; None while nobody wants it: it costs nothing then."""
        self._captions = {side: Caption(NAMES[side], self) for side in Side}
        self._halves = {side: QWidget(self) for side in Side}
        self._lay_out()
        self._connect()
        self.setAccessibleName("Pair view")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a click on the picture takes the keyboard from a field
        self._refresh()

    def _lay_out(self) -> None:
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(1)
        for side in Side:
            half = QVBoxLayout(self._halves[side])
            half.setContentsMargins(0, 0, 0, 0)
            half.setSpacing(0)
            half.addWidget(self._captions[side])
            half.addWidget(self._panes[side], 1)
            self._box.addWidget(self._halves[side], 1)

    def _connect(self) -> None:
        original, designer = self._panes[Side.ORIGINAL], self._panes[Side.DESIGNER]
        original.pointer_moved.connect(self._on_original_pointer_moved)
        designer.pointer_moved.connect(self._on_designer_pointer_moved)
        original.panned.connect(self._on_original_panned)
        designer.panned.connect(self._on_designer_panned)
        original.zoomed.connect(self._on_original_zoomed)
        designer.zoomed.connect(self._on_designer_zoomed)
        original.fit_requested.connect(self.fit)
        designer.fit_requested.connect(self.fit_designer)
        original.resized.connect(self._on_pane_resized)

    def show_scene(self, scene: PairScene) -> None:
        """Show a snapshot; only what differs from the last one is made and painted anew.

        Another ``pair_id`` is fitted into the view; the same one stays where it is, whatever has come for it.
        """
        before, self._scene = self._scene, scene
        new = scene.pair_id != before.pair_id
        self._layers.show(scene)
        self._hide_half()  # fits what is shown into the panes as they are then
        views = replace(
            self._views,
            original_size=scene.original_size or (1, 1),
            designer_size=scene.designer_size or (1, 1),
            placement=scene.placement if new else self._placement,  # what is being placed is still the pair before
        )
        if self._placement != self._views.placement:
            views = replace(views, shift=(0.0, 0.0))
        resized = (scene.original_size, scene.designer_size) != (before.original_size, before.designer_size)
        self.fitted = self.fitted or new
        self._views = views.fitted(self._extent) if new or (resized and self.fitted) else views
        self._refresh()

    def show_placing(self, placing: PlacingScene | None) -> None:
        """Show a placement on the move in place of the pair's own; None: the pair's own again."""
        self.glass.scene = placing
        self._hide_half()
        shift = self._views.shift if placing is not None and placing.superposed is None else (0.0, 0.0)
        self._views = replace(self._views, placement=self._placement, shift=shift)
        self._refresh()

    @property
    def _placement(self) -> Placement | None:
        placing = self.glass.scene
        return self._scene.placement if placing is None else placing.placement

    @property
    def _comparing(self) -> bool:
        return self._scene.comparing and self.glass.scene is None

    def _hide_half(self) -> None:
        alone = self._scene.designer_size is None and not self._scene.message_designer and not self._comparing
        self._halves[Side.DESIGNER].setHidden(alone or self.glass.one_pane)

    def fit(self) -> None:
        """Show both images whole; not linked, each in its own view."""
        self.fitted = True
        self._views = self._views.fitted(self._extent)
        self._refresh()

    def fit_designer(self) -> None:
        """Show the whole designer image; linked, the part of the original that it was made from."""
        if self._comparing:
            self.fit()
        else:
            self._move(self._views.fitted_to_footprint(self._extent))

    def actual_size(self) -> None:
        """Show one pixel of the original as one pixel of the screen, the middle kept."""
        ratio = self.devicePixelRatio()
        self._move(self._views.at_scale(1 / ratio, self._extent, ratio))

    def zoom_by(self, factor: float) -> None:
        """Magnify about the mouse, or about the middle while it is elsewhere; not linked, in the pane under it."""
        side, point = self._hovered or (Side.ORIGINAL, (self._extent[0] / 2, self._extent[1] / 2))
        self._move(self._views.zoomed_at(self._shown(side), point, factor, self._extent))

    def set_original_only(self, on: bool) -> None:
        """Show the bare original while ``on``: nothing over it, and in place of the designer image too.

        Linked, the view blinks then between designer image and original.
        """
        self._original_only = on
        self._refresh()

    def set_layout_mode(self, mode: PaneLayout) -> None:
        """Lay the panes side by side or one over the other."""
        beside = mode is PaneLayout.SIDE_BY_SIDE
        self._hovered = None  # the panes move under the mouse, which tells soon enough where it is
        self._show_cursor()
        self._box.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    def set_linked(self, on: bool) -> None:
        """Link the panes through the placement, or give the designer image a view of its own, upright and whole."""
        if on != self._views.wanted:
            own = self._views.fitted(self._extent).alone
            self._views = replace(self._views, wanted=on, alone=own, shift=(0.0, 0.0))
            self._refresh()

    def show_navigator(self, on: bool) -> None:
        """Show the original, small, in a corner of its pane; or do without."""
        if on and self.navigator is None:
            self.navigator = Navigator(self._panes[Side.ORIGINAL])
            self.navigator.centre_chosen.connect(self._on_centre_chosen)
            self._lead_navigator()
        elif not on and self.navigator is not None:
            self.navigator.hide()
            self.navigator.deleteLater()
            self.navigator = None

    def _lead_navigator(self) -> None:
        if self.navigator is not None:
            picture, size = self._layers.pictures[0], self._scene.original_size
            self.navigator.follow(picture, size, self._views.original, self._panes[Side.ORIGINAL].rect())

    def _on_centre_chosen(self, point: Point) -> None:
        self._move(self._views.centred(point, self._extent))

    def set_space_pan(self, on: bool) -> None:
        """Say with the mouse cursor that a drag moves the picture, while Space is held."""
        for pane in self._panes.values():
            pane.set_space_pan(on)

    def zoom(self) -> float:
        """Return device pixels for each pixel of the original, 0.0 while there is none."""
        return 0.0 if self._scene.original_size is None else self._views.original.scale * self.devicePixelRatio()

    def _move(self, views: PairViews) -> None:
        if self._scene.original_size is None:
            return
        self.fitted = False
        self._views = views
        self._refresh()

    def _refresh(self) -> None:
        for side in Side:
            content = self._layers.content(side, self._shown(side), self._original_only or self.glass.scene is not None)
            if side is Side.ORIGINAL and self.glass.one_pane and not content.message:
                content = replace(content, message=self._scene.message_designer)  # hidden unless a picture is missing
            self._panes[side].show_content(content, self._views.view(self._shown(side)))
            _tell(self._panes[side], self._captions[side], content.message, self._words(side))
        self.glass.follow(self._views, self._layers.pictures, self._original_only)
        original = self._panes[Side.ORIGINAL]
        bare = self._original_only or not self._scene.style.visible
        self.surface.follow(self._views.original, (original.width(), original.height()), self._scene.editing, bare)
        self._lead_navigator()
        self._show_cursor()
        if self._zoom != self.zoom():
            self._zoom = self.zoom()
            self.zoom_changed.emit(self._zoom)

    def _shown(self, side: Side) -> Side:
        """Return whose image a pane shows just now."""
        return Side.ORIGINAL if self._original_only or self._comparing else side

    def _words(self, side: Side) -> tuple[str, str, str]:
        """Return name, detail and zoom of a pane's caption."""
        shown = self._shown(side)
        size = _size(self._scene, shown)
        if size is None:
            return NAMES[shown], "", ""
        zoom = f"{self._views.view(shown).scale * self.devicePixelRatio():.0%}"
        if self._comparing and not self._original_only:
            return _compared_words(self._scene, side), "", zoom
        if self.glass.one_pane and not self._original_only:
            return "Original and designer image", self.glass.words, zoom
        detail = f"{size[0]} × {size[1]}"
        if shown is Side.DESIGNER:
            return NAMES[shown], f"{detail} · {_placed_words(self._placement, self._views.linked)}", zoom
        return NAMES[shown], ("" if self._original_only else _whose(self._scene)) + detail, zoom

    def _show_cursor(self) -> None:
        """Mark what the mouse points at in the other pane, and tell the desk."""
        place = None
        marks: dict[Side, Point | None] = dict.fromkeys(Side)
        if self._hovered is not None:
            side, at = self._hovered
            shown, facing = self._shown(side), self._shown(side.other)
            point = self._views.view(shown).to_image(at)
            if _inside(self._scene, shown, point):
                match = self._views.counterpart(shown, point)
                match = match if match is not None and _inside(self._scene, shown.other, match) else None
                place = CursorPlace(point, match) if shown is Side.ORIGINAL else CursorPlace(match, point)
                there = point if facing is shown else match
                marks[side.other] = None if there is None else self._views.view(facing).to_view(there)
        for side, mark in marks.items():
            self._panes[side].show_crosshair(mark)
        if place != self._cursor:
            self._cursor = place
            self.cursor_moved.emit(place)

    def _on_original_pointer_moved(self, point: Point | None) -> None:
        self._hovered = None if point is None else (Side.ORIGINAL, point)
        self._show_cursor()

    def _on_designer_pointer_moved(self, point: Point | None) -> None:
        self._hovered = None if point is None else (Side.DESIGNER, point)
        self._show_cursor()

    def _on_original_panned(self, start: Point, end: Point, alone: bool) -> None:
        self._pan(Side.ORIGINAL, start, end, alone)

    def _on_designer_panned(self, start: Point, end: Point, alone: bool) -> None:
        self._pan(Side.DESIGNER, start, end, alone)

    def _pan(self, side: Side, start: Point, end: Point, alone: bool) -> None:
        self._hovered = (side, end)
        self._move(self._views.panned(self._shown(side), end[0] - start[0], end[1] - start[1], alone))

    def _on_original_zoomed(self, x: float, y: float, factor: float) -> None:
        self._hovered = (Side.ORIGINAL, (x, y))
        self.zoom_by(factor)

    def _on_designer_zoomed(self, x: float, y: float, factor: float) -> None:
        self._hovered = (Side.DESIGNER, (x, y))
        self.zoom_by(factor)

    def _on_pane_resized(self) -> None:
        before, self._extent = self._extent, self._panes[Side.ORIGINAL].extent
        if self.fitted:
            self._views = self._views.fitted(self._extent)
        else:
            self._views = self._views.recentred(before, self._extent)
        self._hovered = None
        self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line between the panes."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(current_theme().line))
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the hand while Space is held."""
        self._on_key(event, True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Take the hand away."""
        self._on_key(event, False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the hand away: the release of Space goes elsewhere."""
        super().focusOutEvent(event)
        self.set_space_pan(False)

    def _on_key(self, event: QKeyEvent, down: bool) -> None:
        if not is_key_of("pan_held", event):
            event.ignore()
        elif not event.isAutoRepeat():
            self.set_space_pan(down)


def _tell(pane: Pane, caption: Caption, message: str, words: tuple[str, str, str]) -> None:
    """Say what is to be said of a pane, to the eye and to a screen reader."""
    caption.say(*words)
    pane.setAccessibleDescription(", ".join(filter(None, (message, *words))))


def _size(scene: PairScene, side: Side) -> tuple[int, int] | None:
    return scene.original_size if side is Side.ORIGINAL else scene.designer_size


def _inside(scene: PairScene, side: Side, point: Point) -> bool:
    size = _size(scene, side)
    return size is not None and -0.5 <= point[0] < size[0] - 0.5 and -0.5 <= point[1] < size[1] - 0.5


def _whose(scene: PairScene) -> str:
    """Return whose mask lies over the original, where that is worth a word."""
    if scene.editing or scene.shows_edited:
        return "editing the mask · " if scene.editing else "edited mask · "
    if scene.prediction is None:
        return ""
    return f"{'prediction' if scene.shows_prediction else 'reconciliation'}'s mask · "


def _placed_words(placement: Placement | None, linked: bool) -> str:
    if placement is None:
        return "not placed"
    return "as placed in the original" if linked else "as delivered"


def _compared_words(scene: PairScene, side: Side) -> str:
    """Return which mask a pane shows while two are compared."""
    shown = scene.compared if side is Side.DESIGNER else scene.prediction if scene.shows_prediction else None
    if side is Side.ORIGINAL and shown is None:
        return "Reconciliation" if scene.mask is not None else NAMES[Side.ORIGINAL]
    return shown.name if shown is not None else "Compared"
