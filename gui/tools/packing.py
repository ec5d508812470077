"""What gestures come to, on its way into the project: worked out by a job, written in the order of the gestures."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable

from core.domain import MaskRef, Stroke
from core.errors import UserFacingError
from core.jobs.answers import PackedStroke
from core.jobs.hands import PackStroke, Painting
from core.jobs.services import Services
from core.maths.patches import PaintedLayer, Patch, Plane8
from core.store.base import Store
from gui.jobs.handle import Listener
from gui.jobs.runner import Runner

GROUP = "mask-stroke"
MOST_BYTES = 32_000_000
"""Of patches that are kept unpacked."""

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
        changed: Callable[[], None],
    ) -> None:
        """``ground`` gives the layer and the base that are on the table; ``changed`` hears that more or less waits."""
        self._runner = runner
        self._services = services
        self._ground = ground
        self._written = written
        self._changed = changed
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
        self._changed()

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
            self._changed()


class Recent:
    """Patches of the strokes that were painted last, in their parts: they are taken back without being read."""

    def __init__(self) -> None:
        self._parts: OrderedDict[str, tuple[Patch, ...]] = OrderedDict()

    def keep(self, file: MaskRef, parts: tuple[Patch, ...]) -> None:
        """Keep one, and forget the oldest where there are too many."""
        self._parts[file.sha256] = parts
        self._parts.move_to_end(file.sha256)
        while len(self._parts) > 1 and sum(p.planes.nbytes for one in self._parts.values() for p in one) > MOST_BYTES:
            self._parts.popitem(last=False)

    def parts_of(self, stroke: Stroke, store: Store) -> tuple[Patch, ...]:
        """Return a stroke's patch, read if need be.

        Raises:
            StorageProblem: its file is missing or damaged.
            FileProblem: it cannot be decoded.
        """
        from core.images.io import decode_patch

        found = self._parts.get(stroke.patch.sha256)
        if found is None:
            found = Patch(stroke.left, stroke.top, decode_patch(store.mask_png(stroke.patch))).parts()
            self.keep(stroke.patch, found)
        return found
