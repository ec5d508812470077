"""Wishes of tools as jobs: what needs the picture is looked at in a worker, and comes back as a mark or a proposal."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.domain import Box
from core.errors import UserFacingError
from core.jobs.answers import Picked
from core.jobs.hands import MaskProposal, PickHole, PickRegion, SetEdge, SnapPath
from core.jobs.services import Services
from core.maths.patches import Mark, Plane8, clipped
from core.maths.polygons import Around
from gui.canvas.scene import PairScene
from gui.jobs.handle import Listener
from gui.jobs.runner import Runner
from gui.tools.base import FillHole, FindEdge, PickColour, SnapLine, Wish

GROUP = "mask-tool"
_HALF = 1024
"""So far around the point the wand looks (``core.maths.picking.WAND_WINDOW``)."""
STILL_READING = "The whole photo is still being read; try again in a moment."


class Errands(QObject):
    """One at a time: a new wish takes the place of the one under way."""

    painted = Signal(object, str)
    """A ``Painting``: what came of a wish, and the tool that wished."""
    told = Signal(str)
    ended = Signal()
    """The wish has been heard, whatever came of it."""

    def __init__(self, runner: Runner, services: Services, scene: Callable[[], PairScene], parent: QObject) -> None:
        """``scene`` gives what is on the screen."""
        super().__init__(parent)
        self._runner = runner
        self._services = services
        self._scene = scene
        self._size = (0, 0)
        self._tool = ""

    def drop(self) -> None:
        """Forget the wish under way."""
        self._runner.supersede(GROUP)

    def run(self, wish: Wish, mask: Plane8, tool: str) -> None:
        """Do what a tool wishes; ``mask`` is the mask as it is shown."""
        self.drop()
        self._tool = tool
        self._size = mask.shape[1], mask.shape[0]
        if isinstance(wish, PickColour):
            self._pick_colour(wish)
        elif isinstance(wish, FillHole):
            self._submit(PickHole(mask.copy(), wish.point), self._on_hole)
        elif isinstance(wish, FindEdge):
            self._find_edge(wish, mask)
        else:
            self._snap(wish)

    def _submit(self, spec: PickRegion | PickHole | SetEdge | SnapPath, done: Callable[[object], None]) -> None:
        def heard(answer: object) -> None:
            done(answer)
            self.ended.emit()

        listener = Listener(done=heard, failed=self._on_failed)
        self._runner.submit(spec, self._services, listener, group=GROUP, priority=20)

    def _on_failed(self, problem: UserFacingError) -> None:
        self.told.emit(str(problem))
        self.ended.emit()

    def _rgb(self, box: Box) -> np.ndarray | None:
        """Return a part of the photo, (h, w, 3) sRGB, a view of it; None while only a preview of it is there."""
        scene = self._scene()
        picture = scene.original
        if picture is None or picture.levels[0].shape[:2] != (self._size[1], self._size[0]):
            self.told.emit(scene.message_original or STILL_READING)  # it may never come
            self.ended.emit()
            return None
        left, top, right, bottom = box
        return picture.levels[0][top:bottom, left:right, 2::-1]

    def _pick_colour(self, wish: PickColour) -> None:
        (x, y), half = wish.point, _HALF
        box = clipped((x - half, y - half, x + half, y + half), *self._size)
        rgb = None if box is None else self._rgb(box)
        if box is None or rgb is None:
            return

        def done(answer: object) -> None:
            if isinstance(answer, Picked):
                self.painted.emit(Mark(answer.box, answer.alpha, wish.adds), self._tool)

        spec = PickRegion(box[0], box[1], rgb, wish.point, wish.tolerance, wish.contiguous)
        self._submit(spec, done)

    def _on_hole(self, answer: object) -> None:
        if isinstance(answer, Picked):
            self.painted.emit(Mark(answer.box, answer.alpha, True), self._tool)
        else:
            self.told.emit("There is no hole of the mask here.")

    def _find_edge(self, wish: FindEdge, mask: Plane8) -> None:
        box, painted = wish.painted.box, wish.painted.alpha
        rgb = self._rgb(box)
        if rgb is None:
            return
        left, top, right, bottom = box
        part = mask[top:bottom, left:right].copy()
        self._submit(SetEdge(left, top, rgb, part, painted, wish.adds, wish.radius), self._on_edge)

    def _on_edge(self, answer: object) -> None:
        assert isinstance(answer, MaskProposal)
        self.painted.emit(answer, self._tool)

    def _snap(self, wish: SnapLine) -> None:
        points = np.array(wish.points, np.float64)
        (left, top), (right, bottom) = points.min(axis=0) - wish.reach - 8, points.max(axis=0) + wish.reach + 8
        box = clipped((math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)), *self._size)
        rgb = None if box is None else self._rgb(box)
        if box is None or rgb is None:
            return

        def done(answer: object) -> None:
            assert isinstance(answer, np.ndarray)
            self.painted.emit(Around(tuple((float(x), float(y)) for x, y in answer), wish.adds), self._tool)

        closed = np.concatenate([points, points[:1]])
        self._submit(SnapPath(box[0], box[1], rgb, closed, wish.reach), done)
