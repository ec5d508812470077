"""The glass over the two panes on which a placement is set by hand: paints over them, and hears the left button."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.domain import Placement
from core.jobs.hands import FitColours
from gui.assets import current_theme
from gui.canvas.layers import Glass, PictureLayer, checkerboard, paint_frame
from gui.canvas.linking import PairViews, Side
from gui.canvas.pane import Pane
from gui.canvas.placement_marks import HANDLE, KNOB, Marks
from gui.canvas.superposed import Superposed, Superposer
from gui.canvas.viewport import Point, Viewport


@dataclass(frozen=True, slots=True)
class PlacingScene:
    """A placement on the move, as the canvas shows it."""

    placement: Placement | None = None
    """By which the panes are linked, in place of the pair's own; None: they are not."""
    superposed: Superposed | None = None
    """Both pictures in one pane; None: two panes."""
    original: Marks = field(default_factory=Marks)
    designer: Marks = field(default_factory=Marks)


@dataclass(frozen=True, slots=True)
class PlacingTouch:
    """Where the mouse is."""

    side: Side
    at: Point
    """In pixels of that side's image."""
    reach: float
    """Image pixels for each view pixel."""
    share: float
    """Across the pane, 0 to 1."""
    width: float
    """Of the pane, view pixels."""
    kept: bool
    """Shift is held."""


class PlacingHands(Protocol):
    """Who is told what the left button does."""

    def press(self, touch: PlacingTouch) -> bool:
        """Take hold of something; False: there is nothing, and the drag pans."""
        ...

    def drag(self, touch: PlacingTouch) -> None:
        """Move what is held."""
        ...

    def release(self) -> None:
        """Let go."""
        ...

    def hover(self, touch: PlacingTouch | None) -> Qt.CursorShape | None:
        """Say what a drag would do, and with which mouse cursor."""
        ...


_Shown = tuple[Viewport, Marks, Superposed | None, Superposer | None]


def _moved_only(before: _Shown, after: _Shown) -> QRect | None:
    """Return what is to be painted if nothing but the placement has changed; None: all of the pane."""
    was, now = before[1].frame, after[1].frame
    if before[2] is None or after[2] is None or was is None or now is None:
        return None
    still = replace(before[2], placement=after[2].placement), replace(before[1], frame=now)
    if (after[0], after[1], after[2], after[3]) != (before[0], still[1], still[0], before[3]):
        return None
    seen = [after[0].to_view(corner) for corner in (*was.corners, *now.corners)]
    xs, ys = [x for x, _ in seen], [y for _, y in seen]
    room = KNOB + HANDLE + 4
    corners = QPointF(min(xs) - room, min(ys) - room), QPointF(max(xs) + room, max(ys) + room)
    return QRectF(*corners).toAlignedRect()


class _Surface(QWidget):
    """Lies over one pane."""

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._shown: _Shown | None = None
        self.hide()

    def put(self, view: Viewport, marks: Marks, how: Superposed | None, both: Superposer | None) -> None:
        """Show something; paints only if anything differs."""
        before, self._shown = self._shown, (view, marks, how, both)
        if before == self._shown:
            return
        # it then paints all of the pane, which need not be painted beneath it
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, how is not None and both is not None)
        dirty = None if before is None else _moved_only(before, self._shown)
        if dirty is None:
            self.update()
        else:
            self.update(dirty)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the two pictures, then the marks."""
        if self._shown is None:
            return
        view, marks, how, both = self._shown
        glass = Glass((float(self.width()), float(self.height())), self.devicePixelRatio())
        painter = QPainter(self)
        if how is not None and both is not None:
            painter.fillRect(event.rect(), QColor(current_theme().surround))
            if not both.original.opaque:
                paint_frame(painter, view, both.original.size, checkerboard(current_theme().checker))
            both.paint(painter, view, glass, how)
        marks.paint(painter, view, glass.extent)
        painter.end()


class PlacingGlass(QObject):
    """Is not there until somebody takes hold of it."""

    def __init__(self, panes: dict[Side, Pane], parent: QObject) -> None:
        super().__init__(parent)
        self._panes = panes
        self._surfaces = {side: _Surface(pane) for side, pane in panes.items()}
        self._views = PairViews()
        self._both: Superposer | None = None
        self._hands: PlacingHands | None = None
        self._held: Side | None = None
        self.scene: PlacingScene | None = None
        for pane in panes.values():
            pane.installEventFilter(self)

    @property
    def one_pane(self) -> bool:
        """Whether both pictures lie in the original's pane."""
        return self.scene is not None and self.scene.superposed is not None

    @property
    def words(self) -> str:
        """How they lie over one another, as the caption says it."""
        return self.scene.superposed.words if self.scene is not None and self.scene.superposed is not None else ""

    def take(self, hands: PlacingHands | None) -> None:
        """Tell ``hands`` from now on what the left button does; None: it pans."""
        self._hands, self._held = hands, None
        for pane in self._panes.values():
            pane.set_tool_cursor(None)

    def follow(self, views: PairViews, pictures: tuple[PictureLayer | None, PictureLayer | None], bare: bool) -> None:
        """Go with the panes' views and pictures; ``bare``: only the original is to be seen."""
        self._views = views
        original, designer = pictures
        if original is None or designer is None:
            self._both = None
        elif self._both is None or (self._both.original, self._both.designer) != pictures:
            self._both = Superposer(original, designer)
        scene = self.scene
        for side, surface in self._surfaces.items():
            surface.setVisible(scene is not None and not bare)
            if scene is None:
                continue
            if surface.size() != self._panes[side].size():
                surface.resize(self._panes[side].size())
                surface.update()
            marks = scene.original if side is Side.ORIGINAL else scene.designer
            over = scene.superposed if side is Side.ORIGINAL else None
            surface.put(views.view(side), marks, over, self._both if over is not None else None)

    def samples(self, placement: Placement) -> FitColours | None:
        """Return what is needed to find what the recolouring did; None while a picture is missing."""
        return None if self._both is None else self._both.samples(placement)

    def share_of(self, point: Point) -> float:
        """Return how far across the original's pane a point of the original lies, 0 to 1 within it."""
        return self._views.original.to_view(point)[0] / max(self._panes[Side.ORIGINAL].width(), 1)

    def _touch(self, side: Side, event: QMouseEvent) -> PlacingTouch:
        at = event.position()
        view, pane = self._views.view(side), self._panes[side]
        kept = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        width = max(pane.width(), 1)
        point = view.to_image((at.x(), at.y()))
        return PlacingTouch(side, point, 1 / view.scale, at.x() / width, float(width), kept)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is held; all else goes its usual way."""
        hands = self._hands
        side = next((side for side, pane in self._panes.items() if pane is watched), None)
        if hands is None or side is None or self.scene is None:
            return False
        if event.type() is QEvent.Type.Leave and self._held is None:
            hands.hover(None)
        return isinstance(event, QMouseEvent) and self._on_mouse(hands, side, event)

    def _on_mouse(self, hands: PlacingHands, side: Side, event: QMouseEvent) -> bool:
        kind, left = event.type(), event.button() is Qt.MouseButton.LeftButton
        pane = self._panes[side]
        if kind is QEvent.Type.MouseMove and self._held is not None and not event.buttons() & Qt.MouseButton.LeftButton:
            self._held = None  # a dialog or a popup has had the release
            hands.release()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            if self._held is not None:
                return True  # a second button does not disturb what is held
            if left and not pane.panning and hands.press(self._touch(side, event)):
                self._held = side
                return True
        elif kind is QEvent.Type.MouseMove and self._held is not None:
            hands.drag(self._touch(side, event))
            pane.pointer_moved.emit((event.position().x(), event.position().y()))
            return True
        elif kind is QEvent.Type.MouseMove and not event.buttons():
            pane.set_tool_cursor(hands.hover(self._touch(side, event)))
        elif kind is QEvent.Type.MouseButtonRelease and self._held is not None:
            if left:
                self._held = None
                hands.release()
            return True
        return False
