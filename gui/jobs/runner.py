"""Runs jobs in lanes of threads and answers in the GUI thread: progress, parts, one end, and nothing stale."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtCore import QTimer

from core.errors import Cancelled, DeviceProblem, UserFacingError, is_out_of_memory
from core.jobs import inline
from core.jobs.context import ItemFailed, JobContext
from core.jobs.services import Services
from core.jobs.specs import Spec
from gui.jobs.bridge import Bridge
from gui.jobs.handle import Handle, Listener, State

LANES: Mapping[str, int] = {"gpu": 1, "train": 1, "store": 1, "io": 3, "hands": 1}
"""Threads for each lane; whoever paints waits behind nothing else."""
CANCEL_MS = 150
"""After this a cancelled job counts as ended for the user, however long its worker needs to notice."""
_PROGRESS_SECONDS = 0.1

Work = Callable[[Spec, Services, JobContext], object]
log = logging.getLogger(__name__)


class Observer(Protocol):
    """Is told of the jobs that were submitted with a listener that is ``shown``."""

    def job_changed(self, handle: Handle) -> None:
        """Something about the job is new; its state is in the handle."""
        ...


class Runner:
    """Takes specs, gives handles. To be used from the GUI thread alone; only the lanes live elsewhere.

    Every job that is not superseded ends in exactly one of ``done``, ``failed`` and ``cancelled``. Jobs may belong to
    a group (the pictures of the pair on screen, say); ``supersede`` begins the group's next generation, and answers
    that carry an older one are dropped.
    """

    def __init__(self, bridge: Bridge, work: Work = inline.run) -> None:
        """Post answers through ``bridge``; ``work`` does a job, with a spec, services and context."""
        self._bridge = bridge
        self._work = work
        self._lanes = {name: _Lane(name, threads, self._run) for name, threads in LANES.items()}
        self._generations: defaultdict[str, int] = defaultdict(int)
        self._alive: dict[int, Handle] = {}
        self._observers: list[Observer] = []
        self._numbers = itertools.count(1)
        self.on_bug: Callable[[str, str], None] | None = None
        """Told of an unexpected exception: the job's title and the traceback."""

    def observe(self, observer: Observer) -> None:
        """Tell ``observer`` of every job with a shown listener from now on."""
        self._observers.append(observer)

    def submit(
        self, spec: Spec, services: Services, listener: Listener, *, group: str = "", priority: int = 0
    ) -> Handle:
        """Put a job into its lane; higher ``priority`` goes first, equal ones in order."""
        handle = Handle(next(self._numbers), spec, services, listener)
        handle.group, handle.generation = group, self._generations[group]
        handle.cancel_requested = self._on_cancel_requested
        self._alive[handle.number] = handle
        self._tell(handle)
        self._lanes[spec.lane].put(handle, priority)
        return handle

    def do_now(self, spec: Spec, services: Services) -> object:
        """Do a short job here and now, where its answer cannot be waited for, and return that.

        Raises:
            UserFacingError: it could not be done.
        """
        handle = Handle(next(self._numbers), spec, services, Listener())
        return self._work(spec, services, _Context(handle, self._bridge, self._on_worker_said))

    def supersede(self, group: str) -> None:
        """Drop the group's jobs: queued ones never start, running ones are asked to stop, answers are ignored."""
        self._generations[group] += 1
        for handle in [handle for handle in self._alive.values() if handle.group == group]:
            handle.stop.set()
            del self._alive[handle.number]

    def jobs(self) -> list[Handle]:
        """Jobs that wait or run, oldest first."""
        return list(self._alive.values())

    def abandon_all(self, timeout: float) -> bool:
        """Supersede every job and wait until no worker is at one; False if some still is after ``timeout`` seconds."""
        for group in list(self._generations):
            self.supersede(group)
        deadline = time.monotonic() + timeout
        return all(lane.wait_idle(deadline) for lane in self._lanes.values())

    def shut_down(self, timeout: float = 5.0) -> bool:
        """Abandon every job and end the threads; False if one is still alive after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        for group in list(self._generations):
            self.supersede(group)
        for lane in self._lanes.values():
            lane.close()
        ended = all(lane.join(deadline) for lane in self._lanes.values())
        self._bridge.close()
        return ended

    # --- in a lane's thread -----------------------------------------------------------------------------------------

    def _run(self, handle: Handle) -> None:
        if handle.stop.is_set():
            self._post_end(handle, State.CANCELLED, None)
            return
        self._bridge.post(lambda: self._on_started(handle))
        try:
            answer = self._work(handle.spec, handle.services, _Context(handle, self._bridge, self._on_worker_said))
        except Cancelled:
            self._post_end(handle, State.CANCELLED, None)
        except UserFacingError as error:
            self._post_end(handle, State.FAILED, error)
        except Exception as error:
            if is_out_of_memory(error):
                problem = DeviceProblem("The memory ran out.", "Close other programs or take smaller pictures.")
                self._post_end(handle, State.FAILED, problem)
                return
            log.exception("bug in the job “%s”", handle.title)
            self._post_bug(handle, error)
        else:
            self._post_end(handle, State.DONE, answer)

    def _post_end(self, handle: Handle, state: State, answer: object) -> None:
        if not self._bridge.post(lambda: self._on_ended(handle, state, answer)) and state is State.DONE:
            _discard(handle, answer)

    def _post_bug(self, handle: Handle, error: Exception) -> None:
        text = "".join(traceback.format_exception(error))
        self._bridge.post(lambda: self._on_bug_met(handle, text))

    # --- in the GUI thread ------------------------------------------------------------------------------------------

    def _stale(self, handle: Handle) -> bool:
        return handle.generation != self._generations[handle.group]

    def _tell(self, handle: Handle) -> None:
        if handle.listener.shown:
            for observer in self._observers:
                observer.job_changed(handle)

    def _on_started(self, handle: Handle) -> None:
        if handle.state is State.QUEUED and not self._stale(handle):
            handle.begin()
            self._tell(handle)

    def _on_worker_said(self, handle: Handle, part: object | None) -> None:
        if self._stale(handle):
            return
        if part is None:
            self._deliver_progress(handle)
            return
        # Parts arrive even after the user has cancelled: they tell of changes that were made before.
        if isinstance(part, ItemFailed):
            handle.failures.append(part)
            self._tell(handle)
        if handle.listener.partial is not None:
            handle.listener.partial(part)

    def _deliver_progress(self, handle: Handle) -> None:
        wait = handle.progress_told + _PROGRESS_SECONDS - time.monotonic()
        if wait > 0:
            QTimer.singleShot(int(wait * 1000) + 1, lambda: self._deliver_progress(handle))
            return
        self._tell_progress(handle)

    def _tell_progress(self, handle: Handle) -> None:
        latest = handle.take_progress()
        if latest is None or self._stale(handle) or handle.state.ended:
            return
        handle.progress_told = time.monotonic()
        handle.say(latest)
        if handle.listener.progress is not None:
            handle.listener.progress(*latest)
        self._tell(handle)

    def _on_cancel_requested(self, handle: Handle) -> None:
        if handle.state is State.RUNNING:
            handle.state = State.STOPPING
            self._tell(handle)
        QTimer.singleShot(CANCEL_MS, lambda: self._on_ended(handle, State.CANCELLED, None))

    def _on_bug_met(self, handle: Handle, text: str) -> None:
        if self.on_bug is not None:
            self.on_bug(handle.title, text)
        problem = UserFacingError(f"{handle.title} met a bug in the program.", "Nothing that was saved is lost.")
        self._on_ended(handle, State.FAILED, problem)

    def _on_ended(self, handle: Handle, state: State, answer: object) -> None:
        if self._stale(handle) or handle.state.ended:
            if state is State.DONE:
                _discard(handle, answer)
            return
        self._tell_progress(handle)
        handle.state = state
        self._alive.pop(handle.number, None)
        listener = handle.listener
        if state is State.FAILED:
            assert isinstance(answer, UserFacingError)
            handle.error = answer
        elif state is State.DONE:
            handle.answer = answer
        self._tell(handle)
        if state is State.DONE and listener.done is not None:
            listener.done(answer)
        elif state is State.FAILED and listener.failed is not None and handle.error is not None:
            listener.failed(handle.error)
        elif state is State.CANCELLED and listener.cancelled is not None:
            listener.cancelled()


def _discard(handle: Handle, answer: object) -> None:
    if handle.listener.unwanted is not None:
        handle.listener.unwanted(answer)


class _Context:
    """What a worker says, on its way to the GUI thread."""

    def __init__(self, handle: Handle, bridge: Bridge, said: Callable[[Handle, object | None], None]) -> None:
        self._handle = handle
        self._bridge = bridge
        self._said = said

    def progress(self, done: int, total: int, label: str = "") -> None:
        handle = self._handle
        if handle.put_progress((done, total, label)):
            self._bridge.post(lambda: self._said(handle, None))

    def check(self) -> None:
        if self._handle.stop.is_set():
            raise Cancelled

    def partial(self, result: object) -> None:
        self._bridge.post(lambda: self._said(self._handle, result))

    def log(self, message: str) -> None:
        log.info("%s: %s", self._handle.title, message)


class _Lane:
    """A queue of jobs with its own threads, started when the first job comes."""

    def __init__(self, name: str, threads: int, run: Callable[[Handle], None]) -> None:
        self._name = name
        self._size = threads
        self._run = run
        self._threads: list[threading.Thread] = []
        self._queue: list[tuple[int, int, Handle]] = []
        self._busy = 0
        self._closed = False
        self._news = threading.Condition()

    def put(self, handle: Handle, priority: int) -> None:
        with self._news:
            heapq.heappush(self._queue, (-priority, handle.number, handle))
            if len(self._threads) < min(self._size, self._busy + len(self._queue)):
                # daemon: a worker stuck in foreign code must not keep the program from ending
                thread = threading.Thread(target=self._work, name=f"lane-{self._name}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._news.notify()

    def wait_idle(self, deadline: float) -> bool:
        with self._news:
            return self._news.wait_for(
                lambda: self._busy == 0 and not self._queue, max(0.0, deadline - time.monotonic())
            )

    def close(self) -> None:
        with self._news:
            self._closed = True
            self._queue.clear()
            self._news.notify_all()

    def join(self, deadline: float) -> bool:
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._queue or self._closed)
                if self._closed:
                    return
                handle = heapq.heappop(self._queue)[2]
                self._busy += 1
            try:
                self._run(handle)
            finally:
                del handle  # an idle thread must not keep the last picture alive
                with self._news:
                    self._busy -= 1
                    self._news.notify_all()
