"""What gestures come to, on its way into the project: worked out by a job, written in the order of the gestures."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from core.errors import UserFacingError
from core.jobs.answers import PackedStroke
from core.jobs.hands import PackStroke, Painting
from core.jobs.services import Services
from core.maths.patches import PaintedLayer, Plane8
from gui.jobs.handle import Listener
from gui.jobs.runner import Runner

GROUP = "mask-stroke"

Written = Callable[[Painting, str, PackedStroke | UserFacingError | None], None]
"""Told what was painted, by which tool, and its patch, why there is none, or that it changes nothing."""


class Packing:
    """Each stroke's patch is worked out on the layer with those before it; only ``written`` may change that."""

    def __init__(
        self,
        runner: Runner,
        services: Services,
        ground: Callable[[], tuple[PaintedLayer, Plane8]],
        written: Written,
    ) -> None:
        """``ground`` gives the layer and the base that are on the table."""
        self._runner = runner
        self._services = services
        self._ground = ground
        self._written = written
        self._queue: deque[tuple[Painting, str]] = deque()
        self._writing = False

    @property
    def waiting(self) -> bool:
        """Whether anything is not written yet."""
        return bool(self._queue)

    def put(self, painting: Painting, tool: str) -> None:
        """Have something written."""
        self._queue.append((painting, tool))
        if len(self._queue) == 1:
            self._submit()

    def settle(self) -> None:
        """Write here and now what waits: what comes next builds on it."""
        if self._queue and not self._writing:
            self._runner.supersede(GROUP)
            while self._queue:
                try:
                    self._take(self._runner.do_now(self._spec(), self._services))
                except UserFacingError as problem:
                    self._take(problem)

    def _spec(self) -> PackStroke:
        return PackStroke(self._queue[0][0], *self._ground())

    def _submit(self) -> None:
        listener = Listener(done=self._on_ended, failed=self._on_ended)
        self._runner.submit(self._spec(), self._services, listener, group=GROUP)

    def _on_ended(self, answer: object) -> None:
        self._take(answer)
        if self._queue:
            self._submit()

    def _take(self, answer: object) -> None:
        assert answer is None or isinstance(answer, PackedStroke | UserFacingError)
        painting, tool = self._queue.popleft()
        self._writing = True  # whoever is told of the edit may ask for what waits to be settled first
        try:
            self._written(painting, tool, answer)
        finally:
            self._writing = False
