"""What the canvas shows while a placement is set by hand; makes its scenes, blinks, and keeps the colours' fit new."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from core.domain import Pair, Placement
from core.maths.recolouring import ColourTable
from gui.canvas.linking import Side
from gui.canvas.pair_view import PairView
from gui.canvas.placement_marks import FrameMarks, Marks, PointMark
from gui.canvas.placing_glass import PlacingScene
from gui.canvas.superposed import CompareMode, Superposed
from gui.tools.landmarks import Landmarks
from gui.tools.placement_bar import PlacementBar
from gui.tools.placement_handles import corners_of, middle_of
from gui.tools.placement_work import PlacementWork

BLINK_MS = 600
FIT_MS = 120
"""After a move has rested so long, the colours are fitted anew."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What there is to show."""

    pair: Pair
    now: Placement | None
    """Where the designer image lies on the screen."""
    own: Placement | None
    """Where the project says it lies."""
    held: bool
    """A hand is moving it."""
    handles: bool


class Scenes(QObject):
    """Of one view."""

    def __init__(self, view: PairView, bar: PlacementBar, work: PlacementWork, parent: QObject) -> None:
        super().__init__(parent)
        self._view, self._bar, self._work = view, bar, work
        self.mode = CompareMode.SWIPE
        self.in_panes = True
        """With landmarks: side by side."""
        self.split = 0.5
        self.linked_by: Placement | None = None
        """By which the panes are linked; None: they are not."""
        self.over: Superposed | None = None
        """What lies over one another now; None: two panes."""
        self._opacity = 0.5
        self._lit = True
        self._colours: tuple[int, ColourTable] | None = None
        """The fit, and the pair that it is of."""
        self._fitted: tuple[int, Placement] | None = None
        """The pair and the placement that the colours were fitted at."""
        self._last: tuple[Placed, Landmarks | None] | None = None
        self._parted = 0
        """The pair through whose designer image the swipe's line was laid."""
        self._blink = QTimer(self, interval=BLINK_MS)
        self._blink.timeout.connect(self._on_blink)
        self._fit = QTimer(self, singleShot=True, interval=FIT_MS)
        self._fit.timeout.connect(self._on_fit)
        view.destroyed.connect(self.stop)

    def stop(self) -> None:
        """Show nothing more."""
        self._blink.stop()
        self._fit.stop()
        self._last = self.over = self._fitted = None
        self._parted = 0

    def next_mode(self, with_panes: bool) -> None:
        """Go on to the next way to compare."""
        modes = list(CompareMode)
        if with_panes and self.in_panes:
            self.in_panes, self.mode = False, modes[0]
            return
        after = modes.index(self.mode) + 1
        self.in_panes = with_panes and after == len(modes)
        self.mode = modes[after % len(modes)]

    def fade(self, opacity: float) -> None:
        """Show more or less of the designer image, as an onion skin."""
        self._opacity = opacity
        self._again()

    def show(self, placed: Placed, points: Landmarks | None) -> None:
        """Show a placement, with landmarks or without."""
        self._last = placed, points
        fit = points.fit if points is not None else None
        now = fit.placement if fit is not None else placed.now
        if self._parted != placed.pair.id and now is not None:
            self._part(placed, now)
        two = points is not None and self.in_panes
        self.over = None if two or now is None else self._superposed(placed, now)
        blinking = self.over is not None and self.mode is CompareMode.BLINK
        if blinking != self._blink.isActive():
            self._lit = True
            (self._blink.start if blinking else self._blink.stop)()
        designer = placed.pair.designer
        size = (1, 1) if designer is None else (designer.width, designer.height)
        frame = None
        if now is not None and (points is None or fit is not None or placed.own is not None):
            frame = FrameMarks(corners_of(now, size), middle_of(now, size), placed.handles)
        split = self.split if self.over is not None and self.mode is CompareMode.SWIPE else None
        linked = self.linked_by = now if self.over is not None or fit is not None or _sane(placed) else None
        shown = {Side.ORIGINAL: (), Side.DESIGNER: ()} if points is None else _marks(points, self.over)
        self._view.show_placing(
            PlacingScene(
                linked,
                self.over,
                Marks(frame, shown[Side.ORIGINAL], split),
                Marks(None, shown[Side.DESIGNER]),
            )
        )
        self._bar.show_placement(now, size, placed.handles)
        self._bar.show_mode(self.mode if self.over is not None else None, points is not None)
        if points is not None:
            self._bar.say(points.words)

    def _part(self, placed: Placed, now: Placement) -> None:
        """Lay the swipe's line through the middle of the designer image, once the pane is as wide as it will be."""
        designer = placed.pair.designer
        if designer is None:
            return
        share = self._view.glass.share_of(middle_of(now, (designer.width, designer.height)))
        self.split = min(max(share, 0.05), 0.95)
        self._parted = placed.pair.id

    def _superposed(self, placed: Placed, now: Placement) -> Superposed:
        colours = None
        if self.mode is CompareMode.DIFFERENCE:
            known = self._colours is not None and self._colours[0] == placed.pair.id
            colours = self._colours[1] if known and self._colours is not None else None
            if (placed.pair.id, now) != self._fitted and not placed.held:
                self._fit.start()
        lit = self._lit or placed.held
        return Superposed(self.mode, now, self.split, self._opacity, lit, colours)

    def _again(self) -> None:
        if self._last is not None:
            self.show(*self._last)

    def _on_blink(self) -> None:
        self._lit = not self._lit
        self._again()

    def _on_fit(self) -> None:
        if self._last is None or self.over is None:
            return
        pair_id, now = self._last[0].pair.id, self.over.placement
        samples = self._view.glass.samples(now)
        if samples is None:
            self._fit.start()  # the pictures are still to come
            return
        self._fitted = pair_id, now

        def done(table: ColourTable) -> None:
            self._colours = pair_id, table
            self._again()

        self._work.fit_colours(samples, done)


def _sane(placed: Placed) -> bool:
    """Return whether the pair's own placement shows enough of the designer image to click into it while linked."""
    own, designer, original = placed.own, placed.pair.designer, placed.pair.original
    if own is None or designer is None:
        return False
    x, y = middle_of(own, (designer.width, designer.height))
    share = own.scale * max(designer.width, designer.height) / max(original.width, original.height)
    return 0 <= x < original.width and 0 <= y < original.height and 0.1 < share < 3


def _marks(points: Landmarks, over: Superposed | None) -> dict[Side, tuple[PointMark, ...]]:
    """Return the points of both pictures as they are drawn."""
    fit, original, designer = points.fit, [], []
    for index, (designer_x, designer_y, x, y) in enumerate(points.points):
        left = fit.residuals[index] if fit is not None else None
        doubtful = fit is not None and fit.hint is not None and fit.hint.index == index
        chosen = points.selected == index
        wanted = fit.placement.apply(designer_x, designer_y) if fit is not None else None
        original.append(PointMark(index + 1, (x, y), wanted, left, True, chosen, doubtful))
        designer.append(PointMark(index + 1, (designer_x, designer_y), None, left, False, chosen, doubtful))
    if points.half is not None:
        side, at = points.half
        if over is not None and side is Side.DESIGNER:
            side, at = Side.ORIGINAL, over.placement.apply(*at)  # in one view it lies over the original
        half = PointMark(len(points.points) + 1, at, selected=points.selected == len(points.points), waiting=True)
        (original if side is Side.ORIGINAL else designer).append(half)
    return {Side.ORIGINAL: tuple(original), Side.DESIGNER: tuple(designer)}
