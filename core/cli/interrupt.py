"""Ctrl-C: asks the running job to stop; a second one, or one between jobs, ends the program."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from core.errors import Cancelled

INTERRUPTED = 128 + signal.SIGINT
"""Exit code of a program that ended because of Ctrl-C."""


class Stop:
    """Whether the user has asked the running job to stop."""

    def __init__(self) -> None:
        self.asked = False

    def check(self) -> None:
        """Raise ``Cancelled`` once the user has pressed Ctrl-C."""
        if self.asked:
            raise Cancelled


_running: list[Stop] = []


@contextmanager
def stoppable() -> Iterator[Stop]:
    """While this lasts, the first Ctrl-C sets the yielded ``Stop`` instead of ending the program."""
    stop = Stop()
    _running.append(stop)
    try:
        yield stop
    finally:
        _running.remove(stop)


def on_interrupt(signum: int, frame: FrameType | None) -> None:
    """Handle SIGINT."""
    if not _running or all(stop.asked for stop in _running):
        raise SystemExit(INTERRUPTED)
    for stop in _running:
        stop.asked = True
