"""One search as it runs in a child process: decode two pictures, reconcile them, pack the mask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.device import resolve
from core.domain import ImageRef, Placement
from core.errors import UsageProblem, UserFacingError
from core.images import io
from core.images.picture import Picture
from core.jobs import pool
from core.jobs.work.files import read_known
from core.reconcile.options import METHODS, ReconcileOptions


@dataclass(frozen=True, slots=True)
class Search:
    """What a child is asked. A picture of the project (``ImageRef``) must still have the content it had."""

    original: ImageRef | Path
    designer: ImageRef | Path
    options: ReconcileOptions
    limits: io.Limits
    two_valued: bool = False
    """Cut the mask at one half instead of keeping its soft edge."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a child answers; ``mask_png`` is None for "no match", ``width`` and ``height`` are the mask's."""

    placement: Placement | None
    confidence: float
    reason: str
    seconds: float
    mask_png: bytes | None
    width: int
    height: int


def search(task: Search) -> Found:
    """Reconcile one pair.

    Raises:
        FileProblem: a picture cannot be read or has changed.
        DeviceProblem: the device is missing or its memory ran out.
    """
    from core.export.exporters import two_valued
    from core.reconcile.pipeline import reconcile

    original = _read(task.original, task.limits)
    result = reconcile(original, _read(task.designer, task.limits), task.options, _never_cancelled)
    mask_png = None
    if result.mask is not None:
        mask_png = io.encode_mask(two_valued(result.mask) if task.two_valued else result.mask)
    return Found(
        result.placement, result.confidence, result.reason, result.seconds, mask_png, original.width, original.height
    )


def see_that_it_can_run(options: ReconcileOptions, check: Callable[[], None]) -> None:
    """Find out once, before a batch, what would otherwise fail for each of its pairs.

    Raises:
        UsageProblem: there is no such method.
        DeviceProblem: CUDA was asked for and there is none (asked in a child: importing torch takes seconds).
    """
    if options.method not in METHODS:
        raise UsageProblem(f"There is no method called {options.method!r}.", f"Use {' or '.join(METHODS)}.")
    if options.device == "cuda":
        for answer in pool.compute(resolve, [options.device], check):
            if isinstance(answer, UserFacingError):
                raise answer


def _read(picture: ImageRef | Path, limits: io.Limits) -> Picture:
    return read_known(picture, limits) if isinstance(picture, ImageRef) else io.read(picture, limits)


def _never_cancelled() -> None:
    """A child is not asked to stop: it is killed."""
