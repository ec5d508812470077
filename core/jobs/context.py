"""The four words that a job may say while it runs: progress, check, partial, log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import UserFacingError


@dataclass(frozen=True, slots=True)
class ItemFailed:
    """A partial result: one item of a batch could not be done; the rest goes on."""

    item: str
    """What failed, as the user knows it: a file's name or a pair's."""
    message: str
    remedy: str
    pair_id: int = field(default=0, compare=False)
    """The pair's, where it is one; 0: something else."""

    @classmethod
    def from_error(cls, item: str, error: UserFacingError) -> ItemFailed:
        """Make one from the error that stopped the item."""
        return cls(item, error.message, error.remedy)


class JobContext(Protocol):
    """What a runner hands to the work. Every word may be said from any thread."""

    def progress(self, done: int, total: int, label: str = "") -> None:
        """Say how far the job is; ``total`` 0 means that nobody knows."""
        ...

    def check(self) -> None:
        """Raise ``Cancelled`` once the owner has asked the job to stop; call it at least every 100 ms."""
        ...

    def partial(self, result: object) -> None:
        """Hand out a part of the answer before the end: a ``ChangeSet``, an ``ItemFailed``, a row …"""
        ...

    def log(self, message: str) -> None:
        """Say something for the log; users may read it, nobody must."""
        ...


class Notes:
    """Takes what the user should know of how a job is computed, and has each sentence logged once."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._told: list[str] = []

    def __call__(self, note: str) -> None:
        """Take a sentence; empty: nothing."""
        if note and note not in self._told:
            self._told.append(note)
            self._log(note)

    @property
    def told(self) -> tuple[str, ...]:
        """All of them, for the report."""
        return tuple(self._told)
