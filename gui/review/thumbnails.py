"""The queue's small pictures: loaded in the background for the rows on the screen, dropped for those gone by."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from core.domain import ImageRef
from core.errors import UserFacingError
from core.jobs.answers import DisplayPicture
from core.jobs.services import Services
from core.jobs.specs import LoadPicture
from gui.canvas.qimages import wrap_colour
from gui.jobs.handle import Handle, Listener
from gui.jobs.runner import Runner

LONG_SIDE = 160
"""Pixels; enough for the row's height on a screen at 250 %."""
KEPT = 600
GROUP = "thumbnails"
PRIORITY = -10


class Thumbnails(QObject):
    """Gives a picture at once if it is there, and asks for it if not."""

    arrived = Signal()
    """One more picture is there, or is known to be missing: paint again."""

    def __init__(self, runner: Runner, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._services = services
        self._kept: OrderedDict[str, QPixmap | None] = OrderedDict()
        self._asked: dict[str, Handle] = {}

    def get(self, ref: ImageRef) -> QPixmap | None:
        """Return a picture at most :data:`LONG_SIDE` pixels long, or None while (or because) there is none."""
        key = ref.sha256
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._asked:
            listener = Listener(
                done=lambda answer: self._on_done(key, answer),
                failed=lambda problem: self._on_failed(key, problem),
                cancelled=lambda: self._on_cancelled(key),
            )
            spec = LoadPicture(ref, LONG_SIDE)
            self._asked[key] = self._runner.submit(spec, self._services, listener, group=GROUP, priority=PRIORITY)
        return None

    def is_missing(self, ref: ImageRef) -> bool:
        """Return whether the picture was asked for in vain."""
        return ref.sha256 in self._kept and self._kept[ref.sha256] is None

    def keep_only(self, visible: Iterable[ImageRef]) -> None:
        """Take back what was asked for and is not on the screen any more."""
        wanted = {ref.sha256 for ref in visible}
        for key, handle in list(self._asked.items()):
            if key not in wanted:
                handle.cancel()
                del self._asked[key]

    def _on_done(self, key: str, answer: object) -> None:
        assert isinstance(answer, DisplayPicture)
        # The pixels belong to the job's answer: a pixmap is a copy of our own.
        self._put(key, QPixmap.fromImage(wrap_colour(answer.levels[0], answer.opaque).image))

    def _on_failed(self, key: str, _problem: UserFacingError) -> None:
        self._put(key, None)  # the pair view says what is wrong once the pair is looked at

    def _on_cancelled(self, key: str) -> None:
        self._asked.pop(key, None)

    def _put(self, key: str, pixmap: QPixmap | None) -> None:
        self._asked.pop(key, None)
        self._kept[key] = pixmap
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit()
