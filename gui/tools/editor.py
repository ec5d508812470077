"""A mask on the table with a tool in the hand: touches become previews at once, and patches when a gesture ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from core.domain import Box
from core.maths.patches import Patch, Plane8
from gui.canvas.edit_layer import EditLayer, Preview
from gui.canvas.edit_surface import EditSurface, PointerRing, TrailLine
from gui.canvas.hand import Hand, Pointer, PointerKind
from gui.current_keys import with_keys
from gui.tools.base import Answer, Options, Tool, ToolName, Touch
from gui.tools.kit import make_tool
from gui.tools.shapes import PolygonTool
from gui.tools.sheet import Sheet

_TAKE_OR_LEAVE = "{commit} takes what is shown, {leave_edit} leaves it."


class Editor(QObject):
    """Shows a sheet on the surface and lets the hand work on it. What is done is said, and written elsewhere."""

    painted = Signal(object)
    """A ``Painting`` that a gesture comes to. What it shows stays until :meth:`catch_up`."""
    wished = Signal(object)
    """A ``Wish``."""
    began = Signal()
    """A gesture of more than one touch is under way."""
    rested = Signal()
    """A gesture of more than one touch has come to its end, or was given up."""
    told = Signal(str)
    hint_changed = Signal(str)
    options_changed = Signal(object)
    """``Options``, after a key has changed them."""
    tool_changed = Signal(object)
    """A ``ToolName``."""

    def __init__(self, surface: EditSurface, hand: Hand, parent: QObject) -> None:
        super().__init__(parent)
        self._surface = surface
        self._hand = hand
        self.sheet: Sheet | None = None
        self.layer: EditLayer | None = None
        self.options = self._taken = Options()
        """As they are set; the tool in the hand may have been taken before that."""
        self.name = ToolName.BRUSH
        self._tool: Tool | None = None
        self._under_way = False
        """A gesture is, as far as has been heard."""
        self._pointer = Pointer(PointerKind.LEAVE)
        self._held = False
        """A proposal is looked at: no tool works on it."""
        self._level = 0
        """In which a stroke is drawn ahead."""
        self._preview: Preview | None = None
        """Of the stroke under way."""
        self._previews: list[Preview] = []
        """Of those that are not part of the sheet yet."""
        self._stale: list[Box] = []
        """Where the sheet has changed and is not shown yet."""
        hand.moved.connect(self._on_pointer)

    # --- what lies on the table -------------------------------------------------------------------------------------

    def open(self, sheet: Sheet, levels: Sequence[Plane8]) -> None:
        """Put a mask on the table; a gesture under way on another one is given up."""
        self._forget()
        self.sheet, self.layer = sheet, EditLayer(levels)
        self._surface.show_layer(self.layer)
        self._hand.hide_cursor()
        self._take()

    def close(self) -> None:
        """Clear the table."""
        self._forget()
        self.sheet = self.layer = self._tool = None
        self._surface.show_layer(None)
        self._surface.show_ring(None)

    def _forget(self) -> None:
        self._preview, self._under_way = None, False
        self._previews, self._stale = [], []

    def show_box(self, box: Box, pixels: Plane8 | None = None) -> None:
        """Show a box of the mask as it is, or as a proposal would have it."""
        if self.sheet is not None and self.layer is not None:
            self.layer.put(box, self.sheet.mask_in(box) if pixels is None else pixels)
            self._surface.touch(box)

    def apply(self, parts: Iterable[Patch], *, show: bool = True) -> None:
        """Do what a patch says, or take it back, and show it; else :meth:`catch_up` will."""
        if self.sheet is not None:
            self._stale += self.sheet.apply(parts)
            if show:
                self.catch_up()

    def catch_up(self) -> None:
        """Show the mask as it is in place of what was drawn ahead, unless a gesture is under way over it."""
        if self._preview is not None:
            return
        previews, self._previews = self._previews, []
        stale, self._stale = self._stale, []
        for preview in reversed(previews):
            for box in preview.take_back():
                self._surface.touch(box)
        for box in stale:
            self.show_box(box)

    def hold(self, on: bool) -> None:
        """Let no tool work while a proposal is looked at."""
        self._held = on
        self._show_ring()
        self.hint()

    def clear_trail(self) -> None:
        """Take the line of a gesture away."""
        self._surface.show_trail(None)

    # --- which tool -------------------------------------------------------------------------------------------------

    def choose(self, name: ToolName) -> None:
        """Take another tool into the hand."""
        self.cancel()
        self.name = name
        self._take()
        self.tool_changed.emit(name)

    def swap(self) -> None:
        """Brush instead of eraser, or the other way round."""
        self.choose(ToolName.BRUSH if self.name is ToolName.ERASER else ToolName.ERASER)

    def set_options(self, options: Options) -> None:
        """Set the tools in another way; a gesture under way goes on as it began, and the next one takes it up."""
        if options == self.options:
            return
        self.options = options
        if not self.busy:
            self._take()
        self.options_changed.emit(options)

    def _take(self) -> None:
        if self.sheet is not None:
            self._tool, self._taken = make_tool(self.name, self.sheet.size, self.options), self.options
        self._show_ring()
        self.hint()

    # --- gestures ---------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a gesture is under way."""
        return self._tool is not None and self._tool.busy

    def cancel(self) -> bool:
        """Give up the gesture under way; False if there is none."""
        if self._tool is None or not self._tool.busy:
            return False
        self._heed(self._tool.cancel())
        self.clear_trail()
        return True

    def finish(self) -> bool:
        """End a gesture of several clicks; False if there is none."""
        if self._tool is None or not self._tool.busy:
            return False
        self._heed(self._tool.finish())
        return True

    @property
    def has_corners(self) -> bool:
        """Whether a polygon is being drawn."""
        return isinstance(self._tool, PolygonTool) and self._tool.busy

    def take_corner_back(self) -> None:
        """Take the last corner of the polygon away that is being drawn."""
        if isinstance(self._tool, PolygonTool):
            self._heed(self._tool.take_back())

    def _on_pointer(self, pointer: Pointer) -> None:
        before, self._pointer = self._pointer, pointer
        tool = self._tool
        if tool is None or self.sheet is None:
            return
        if pointer.flipped != before.flipped:
            self.hint()
        x, y = self._surface.view.to_image(pointer.at)
        touch = Touch(x, y, pointer.pressed, pointer.flipped)
        if not tool.busy:
            self._level = self._surface.level
        tool.look_through(self._surface.view.scale, self._level)
        kind = pointer.kind
        if self._held:
            if kind is PointerKind.PRESS:
                self.told.emit(with_keys(_TAKE_OR_LEAVE))
        elif kind in (PointerKind.PRESS, PointerKind.DOUBLE):
            self._heed(tool.press(touch))
            if kind is PointerKind.DOUBLE and isinstance(tool, PolygonTool):
                self._heed(tool.finish())
        elif kind is PointerKind.RELEASE:
            self._heed(tool.release(touch))
        elif kind in (PointerKind.MOVE, PointerKind.HOVER):
            self._heed(tool.move(touch))
        self._show_ring()

    def _heed(self, answer: Answer) -> None:
        tool, layer = self._tool, self.layer
        if layer is None or tool is None:
            return
        if answer.dirty is not None and tool.adds is not None:
            if self._preview is None:
                self._preview = layer.preview(self._level)
            changed = self._preview.draw(answer.dirty, tool.covers(answer.dirty), tool.adds)
            if changed is not None:
                self._surface.touch(changed)
        if not tool.busy and self._preview is not None:
            self._previews.append(self._preview)
            self._preview = None
            layer.release()
            if answer.mark is None:
                self.catch_up()
        trail = answer.trail
        if trail is not None:
            self._surface.show_trail(TrailLine(trail.points, trail.closed, trail.width))
        elif not tool.busy:
            self.clear_trail()
        if answer.words:
            self.told.emit(answer.words)
        if answer.mark is not None:
            self.painted.emit(answer.mark)
        if answer.wish is not None:
            self.wished.emit(answer.wish)
        before, self._under_way = self._under_way, tool.busy
        if tool.busy and not before:
            self.began.emit()
        elif before and not tool.busy:
            if self._taken != self.options:
                self._take()
            self.rested.emit()

    # --- what the pointer says --------------------------------------------------------------------------------------

    def _show_ring(self) -> None:
        pointer, tool = self._pointer, self._tool
        if tool is None or pointer.kind is PointerKind.LEAVE or not self._hand.on:
            self._surface.show_ring(None)
            return
        ring = tool.ring()
        adds = tool.adds if tool.adds is not None else (self.name is ToolName.ERASER) == pointer.flipped
        radius, brush = ring.radius, self.options.brush
        if pointer.kind is PointerKind.MOVE and self.name in (ToolName.BRUSH, ToolName.ERASER):
            radius = min(radius, brush.radius(pointer.pressed))
        inner = min(ring.inner, radius)
        self._surface.show_ring(PointerRing(pointer.at, radius, inner, adds))

    def hint(self) -> None:
        """Say what a drag will do now."""
        if self._tool is not None:
            self.hint_changed.emit(with_keys(_TAKE_OR_LEAVE) if self._held else self._tool.hint(self._pointer.flipped))

    def resize_brush(self, factor: float) -> None:
        """Make the brush larger or smaller."""
        self.set_options(self.options.sized(factor))

    def harden_brush(self, by: float) -> None:
        """Make the brush harder or softer."""
        self.set_options(self.options.hardened(by))

    def set_brush_size(self, size: float) -> None:
        """Give the brush a diameter, pixels of the original."""
        self.set_options(replace(self.options, brush=replace(self.options.brush, size=size)))
