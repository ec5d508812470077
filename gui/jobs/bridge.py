"""The one way from worker threads into the GUI thread: a queue, and a single queued signal that wakes the reader."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

_BUDGET_SECONDS = 0.008
"""A flood of messages must leave the event loop room for painting: half a frame, then the loop's turn."""


class Bridge(QObject):
    """Runs what other threads post in the thread that made the bridge, in the order of posting.

    There is one for the life of the program: signals of short-lived objects, emitted from foreign threads, are what
    crashes Qt for Python at shutdown.
    """

    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._messages: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._asleep = True
        self._closed = False
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, message: Callable[[], None]) -> bool:
        """Have ``message`` called in the bridge's thread; False once the bridge is closed. Any thread; never blocks."""
        with self._lock:
            if not self._closed:
                self._messages.append(message)
                self._wake()
            return not self._closed

    def close(self) -> None:
        """Drop what waits and take no more; a thread that is still at work may go on posting unharmed."""
        with self._lock:
            self._closed = True
            self._messages.clear()

    def _wake(self) -> None:
        if self._asleep and self._messages:
            self._asleep = False
            self._woken.emit()

    def _deliver(self) -> None:
        until = time.monotonic() + _BUDGET_SECONDS
        try:
            while (message := self._next()) is not None:
                message()
                if time.monotonic() > until:
                    break
        finally:  # a message that raises is a bug, reported as one; those behind it still arrive
            with self._lock:
                self._asleep = True
                self._wake()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            return self._messages.popleft() if self._messages else None
