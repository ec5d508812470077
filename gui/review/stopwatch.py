"""How long a person has had a pair before them."""

from __future__ import annotations

import time
from collections.abc import Callable


class Stopwatch:
    """Seconds that a person has had a pair before them; stands still while they are elsewhere."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start at zero; ``clock`` tells the time in seconds."""
        self._clock = clock
        self._gathered = 0.0
        self._since: float | None = clock()

    def restart(self) -> None:
        """Begin again at zero."""
        self._gathered = 0.0
        if self._since is not None:
            self._since = self._clock()

    def pause(self) -> None:
        """Stand still."""
        if self._since is not None:
            self._gathered += self._clock() - self._since
            self._since = None

    def resume(self) -> None:
        """Go on."""
        if self._since is None:
            self._since = self._clock()

    @property
    def seconds(self) -> float:
        """Seconds since the last restart, without the pauses."""
        return self._gathered + (0.0 if self._since is None else self._clock() - self._since)
