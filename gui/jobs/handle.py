"""A submitted job as its owner holds it: a plain object with its state, and the way to cancel it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from core.errors import UserFacingError
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.specs import Spec
from gui.jobs.time_left import seconds_left

Progress = tuple[int, int, str]
"""Done, total (0: nobody knows) and a label."""


class State(Enum):
    """Where a job is in its life."""

    QUEUED = "Waiting"
    RUNNING = "Running"
    STOPPING = "Stopping"
    DONE = "Done"
    FAILED = "Failed"
    CANCELLED = "Cancelled"

    @property
    def ended(self) -> bool:
        """True once the owner has been told the end."""
        return self in (State.DONE, State.FAILED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Listener:
    """What to call, in the GUI thread, as a job goes on; exactly one of the first three, once, at its end."""

    done: Callable[[object], None] | None = None
    failed: Callable[[UserFacingError], None] | None = None
    cancelled: Callable[[], None] | None = None
    partial: Callable[[object], None] | None = None
    progress: Callable[[int, int, str], None] | None = None
    shown: bool = False
    """The job strip shows it."""
    unwanted: Callable[[object], None] | None = None
    """Called in place of ``done``, in any thread, with an answer that comes too late: an open file wants closing."""


class Handle:
    """One job. Read and cancelled in the GUI thread; the lower part is shared with the worker."""

    def __init__(self, number: int, spec: Spec, services: Services, listener: Listener) -> None:
        self.number = number
        self.spec = spec
        self.services = services
        self.listener = listener
        self.group = ""
        self.generation = 0
        self.state = State.QUEUED
        self.done = 0
        self.total = 0
        self.label = ""
        self.failures: list[ItemFailed] = []
        self.error: UserFacingError | None = None
        self.answer: object = None
        self.started: float | None = None
        self._pace_from: float | None = None
        self.progress_told = 0.0
        self.cancel_requested: Callable[[Handle], None] | None = None
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._progress: Progress | None = None

    @property
    def title(self) -> str:
        """What the job is called on the screen."""
        return self.spec.title

    def cancel(self) -> None:
        """Ask the job to stop. Its end is told within 200 ms, even where its worker takes longer to notice."""
        if not self.stop.is_set() and not self.state.ended:
            self.stop.set()
            if self.cancel_requested is not None:
                self.cancel_requested(self)

    def seconds_left(self) -> float | None:
        """Return how long the part it is at still needs at its pace so far, or None if that cannot be said yet."""
        if self._pace_from is None:
            return None
        return seconds_left(self.done, self.total, time.monotonic() - self._pace_from)

    def begin(self) -> None:
        """Note that a worker is at it from now on."""
        self.state = State.RUNNING
        self.started = self._pace_from = time.monotonic()

    def say(self, latest: Progress) -> None:
        """Take a worker's latest words over; what counts otherwise than before is another part, with its own pace."""
        done, total, self.label = latest
        if total != self.total or done < self.done:
            self._pace_from = time.monotonic() if self.total else self._pace_from
        self.done, self.total = done, total

    def put_progress(self, latest: Progress) -> bool:
        """Note the worker's latest words; True if nobody is on the way to fetch them. Any thread."""
        with self._lock:
            idle = self._progress is None
            self._progress = latest
        return idle

    def take_progress(self) -> Progress | None:
        """Fetch the latest words, or None if they have been fetched."""
        with self._lock:
            latest, self._progress = self._progress, None
        return latest
