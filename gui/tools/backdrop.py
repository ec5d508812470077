"""Keeps the old background out of soft edges on a backdrop: a job estimates the portrait's own colours there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer

from core.errors import UserFacingError
from core.jobs.answers import DisplayPicture
from core.jobs.hands import EstimateColours
from core.jobs.services import Services
from gui.canvas.edge_colours import EdgeColours
from gui.canvas.edit_layer import EditLayer
from gui.canvas.edit_surface import EditSurface
from gui.jobs.handle import Listener
from gui.jobs.runner import Runner

GROUP = "edge-colours"
REST_MS = 120
"""View and mask are looked at when they have rested so long."""
ROOM = 64
"""Pixels around what is seen, from which colours are taken as well (``core.maths.matting.FUSED``)."""


class Backdrop(QObject):
    """Of one surface. What is computed is as large as the screen, whatever the photo's size."""

    def __init__(self, surface: EditSurface, runner: Runner, services: Services) -> None:
        super().__init__(surface)
        self._surface = surface
        self._runner = runner
        self._services = services
        self._picture: DisplayPicture | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._on_rested)
        surface.changed.connect(self._on_changed)

    def show_picture(self, picture: DisplayPicture | None) -> None:
        """Take the photo from which the colours come."""
        if picture is not self._picture:
            self._picture = picture
            self._on_changed()

    def _on_changed(self) -> None:
        self._runner.supersede(GROUP)
        if self._surface.look.on_backdrop and self._surface.layer is not None:
            self._rest.start()
        else:
            self._rest.stop()

    def _on_rested(self) -> None:
        layer = self._surface.layer
        if layer is None:
            return
        asked = self._ask(layer)
        if asked is None:
            return
        spec, corner, size = asked

        def done(answer: object) -> None:
            found = EdgeColours(answer, corner, size) if isinstance(answer, np.ndarray) else None
            self._surface.show_colours(layer, found)

        # without them the photo's own colours are shown, as before
        listener = Listener(done=done, failed=_forget)
        self._runner.submit(spec, self._services, listener, group=GROUP, priority=5)

    def _ask(self, layer: EditLayer) -> tuple[EstimateColours, tuple[int, int], tuple[int, int]] | None:
        """Return what to estimate, where it lies in its level, and that one's size; None: nothing can be."""
        seen = self._surface.seen(ROOM)
        if seen is None or self._picture is None:
            return None
        mask, (left, top, right, bottom) = seen
        fitting = (level for level in self._picture.levels if level.shape[:2] == mask.shape)
        photo = next(fitting, None)  # a preview's levels may have other sizes: the whole photo is on its way
        if photo is None:
            return None
        rgb = np.ascontiguousarray(photo[top:bottom, left:right, 2::-1])
        spec = EstimateColours(rgb, mask[top:bottom, left:right].copy())
        return spec, (left, top), (mask.shape[1], mask.shape[0])


def _forget(_problem: UserFacingError) -> None:
    pass
