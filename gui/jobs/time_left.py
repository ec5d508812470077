"""How long a job will still take, in words that promise no more than is known."""

from __future__ import annotations

_SETTLE_SECONDS = 2.0


def seconds_left(done: int, total: int, elapsed: float) -> float | None:
    """Return the seconds a job still needs at its pace so far, or None while there is too little to go by."""
    if done <= 0 or total <= 0 or elapsed < _SETTLE_SECONDS:
        return None
    return elapsed / done * max(total - done, 0)


def in_words(seconds: float) -> str:
    """Return a duration as people say it: "a few seconds", "about 5 minutes", "about 2 hours"."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 55:
        return f"about {round(seconds / 10) * 10} seconds"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} minute{'s' if minutes > 1 else ''}"
    return f"about {round(seconds / 3600)} hours"
