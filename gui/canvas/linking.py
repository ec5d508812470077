"""The two views of a pair, linked through the placement or each on its own. Numbers only, no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from core.domain import Placement
from gui.canvas.viewport import Point, Size, Viewport, fit, fit_points, frame, whole_pixels, zoom_limits

MARGIN = 12.0
"""View pixels left free around a fitted image."""


class Side(Enum):
    """One of the two panes."""

    ORIGINAL = "original"
    DESIGNER = "designer"

    @property
    def other(self) -> Side:
        """The other pane."""
        return Side.DESIGNER if self is Side.ORIGINAL else Side.ORIGINAL


@dataclass(frozen=True, slots=True)
class PairViews:
    """Where both images of a pair lie in their panes.

    Linked, the designer image is seen through *view of the original* after *placement*: both panes show the same
    thing at the same place, size and angle, and a mirrored designer image is mirrored back. The panes are taken
    to be equally large. A pair without a placement cannot be linked, whatever ``wanted`` says.
    """

    original_size: Size = (1.0, 1.0)
    designer_size: Size = (1.0, 1.0)
    placement: Placement | None = None
    wanted: bool = True
    """True if the user wants the panes linked."""
    original: Viewport = field(default_factory=Viewport)
    alone: Viewport = field(default_factory=Viewport)
    """The designer image's view while it is not linked."""
    shift: Point = (0.0, 0.0)
    """How far a linked designer image was moved by itself, in the original's pixels."""

    @property
    def linked(self) -> bool:
        """True while the designer image follows the original."""
        return self.wanted and self.placement is not None

    @property
    def designer(self) -> Viewport:
        """The designer image's view."""
        if not self.wanted or self.placement is None:
            return self.alone
        dx, dy = self.shift
        return self.original.after(((1.0, 0.0, dx), (0.0, 1.0, dy))).after(self.placement.matrix())

    def view(self, side: Side) -> Viewport:
        """Return the view of one pane."""
        return self.original if side is Side.ORIGINAL else self.designer

    def size(self, side: Side) -> Size:
        """Return the size of one image."""
        return self.original_size if side is Side.ORIGINAL else self.designer_size

    def fitted(self, pane: Size) -> PairViews:
        """Return both views with the whole images in them.

        Neither a designer image with much empty room nor a placement gone astray may shrink the original: where it
        would lose more than a fifth of its size, linked views show the whole original only.
        """
        whole = fit(self.original_size, pane, MARGIN)
        if self.wanted and self.placement is not None:
            corners = [self.placement.apply(x, y) for x, y in frame(self.designer_size)]
            both = fit_points([*frame(self.original_size), *corners], pane, MARGIN)
            whole = both if both.scale >= whole.scale * 0.8 else whole
        return replace(self, original=whole, alone=fit(self.designer_size, pane, MARGIN), shift=(0.0, 0.0))

    def fitted_to_footprint(self, pane: Size) -> PairViews:
        """Return linked views with the whole designer image in them; without a link, that of :meth:`fitted`."""
        if not self.wanted or self.placement is None:
            return replace(self, alone=fit(self.designer_size, pane, MARGIN))
        corners = [self.placement.apply(x, y) for x, y in frame(self.designer_size)]
        return replace(self, original=fit_points(corners, pane, MARGIN), shift=(0.0, 0.0))

    def at_scale(self, scale: float, pane: Size, ratio: float) -> PairViews:
        """Return views at ``scale`` view pixels for each pixel, the middle of each pane kept, edges on device pixels.

        Linked, it is the original that gets the scale; ``ratio`` is device pixels for each view pixel.
        """

        def rescaled(view: Viewport) -> Viewport:
            middle = (pane[0] / 2, pane[1] / 2)
            return whole_pixels(view.zoomed_at(middle, scale / view.scale, (scale, scale)), ratio)

        return replace(self, original=rescaled(self.original), alone=rescaled(self.alone))

    def zoomed_at(self, side: Side, point: Point, factor: float, pane: Size) -> PairViews:
        """Return the views magnified about a point of one pane; linked, in both."""
        limits = zoom_limits(self.original_size, pane)
        if self.linked:
            return replace(self, original=self.original.zoomed_at(point, factor, limits))
        if side is Side.ORIGINAL:
            return replace(self, original=self.original.zoomed_at(point, factor, limits))
        return replace(self, alone=self.alone.zoomed_at(point, factor, zoom_limits(self.designer_size, pane)))

    def panned(self, side: Side, dx: float, dy: float, alone: bool = False) -> PairViews:
        """Return the views moved by (dx, dy) view pixels; linked, both of them unless ``alone``."""
        if not self.linked:
            if side is Side.ORIGINAL:
                return replace(self, original=self.original.panned(dx, dy))
            return replace(self, alone=self.alone.panned(dx, dy))
        moved = self.original.panned(dx, dy)
        if not alone:
            return replace(self, original=moved)
        step_x, step_y = dx / self.original.scale, dy / self.original.scale
        x, y = self.shift
        if side is Side.DESIGNER:
            return replace(self, shift=(x + step_x, y + step_y))
        return replace(self, original=moved, shift=(x - step_x, y - step_y))

    def centred(self, point: Point, pane: Size) -> PairViews:
        """Return views with a point of the original in the middle of its pane; linked, of both."""
        x, y = self.original.to_view(point)
        return self.panned(Side.ORIGINAL, pane[0] / 2 - x, pane[1] / 2 - y)

    def recentred(self, before: Size, after: Size) -> PairViews:
        """Return views for panes that changed size, the middle kept in the middle."""
        dx, dy = (after[0] - before[0]) / 2, (after[1] - before[1]) / 2
        return replace(self, original=self.original.panned(dx, dy), alone=self.alone.panned(dx, dy))

    def counterpart(self, side: Side, point: Point) -> Point | None:
        """Return the point of the other *image* that shows the same thing; None without a placement.

        ``point`` is an image point of ``side``.
        """
        if self.placement is None:
            return None
        if side is Side.ORIGINAL:
            return self.placement.apply_inverse(*point)
        return self.placement.apply(*point)
