"""One search as it runs in a child process: decode two pictures, reconcile them, pack the masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.device import resolve
from core.domain import ImageRef, Placement
from core.errors import UsageProblem, UserFacingError
from core.images import io
from core.images.picture import Picture, Pixels
from core.jobs import pool
from core.jobs.priors import read_prior
from core.jobs.work.files import read_known
from core.reconcile.options import METHODS, ReconcileOptions
from core.reconcile.prior import Prior


@dataclass(frozen=True, slots=True)
class Search:
    """What a child is asked. A picture of the project (``ImageRef``) must still have the content it had."""

    original: ImageRef | Path
    designer: ImageRef | Path
    options: ReconcileOptions
    limits: io.Limits
    two_valued: bool = False
    """Cut the masks at one half instead of keeping their soft edges."""
    prior: Prior | Path | None = None
    """What is known before, or a file that says it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a child answers; ``mask_png`` is None for "no match", ``width`` and ``height`` are those of all masks."""

    placement: Placement | None
    confidence: float
    reason: str
    seconds: float
    mask_png: bytes | None
    width: int
    height: int
    footprint_png: bytes | None = None
    painted_png: bytes | None = None


def search(task: Search) -> Found:
    """Reconcile one pair.

    Raises:
        FileProblem: a picture or the prior cannot be read, or a picture has changed.
        UsageProblem: the prior is none for these pictures.
        DeviceProblem: the device is missing or its memory ran out.
    """
    from core.reconcile.pipeline import reconcile

    prior = read_prior(task.prior, task.limits) if isinstance(task.prior, Path) else task.prior
    original = _read(task.original, task.limits)
    result = reconcile(original, _read(task.designer, task.limits), task.options, _never_cancelled, prior)
    return Found(
        result.placement,
        result.confidence,
        result.reason,
        result.seconds,
        _packed(result.mask, task.two_valued),
        original.width,
        original.height,
        _packed(result.footprint, task.two_valued),
        _packed(result.painted, task.two_valued),
    )


def _packed(mask: Pixels | None, cut: bool) -> bytes | None:
    from core.export.exporters import two_valued

    if mask is None:
        return None
    return io.encode_mask(two_valued(mask) if cut else mask)


def see_that_it_can_run(options: ReconcileOptions, check: Callable[[], None], *, with_prior: bool = False) -> None:
    """Find out once, before a batch, what would otherwise fail for each of its pairs.

    Raises:
        UsageProblem: there is no such method, or it takes no prior.
        DeviceProblem: CUDA was asked for and there is none (asked in a child: importing torch takes seconds).
    """
    if options.method not in METHODS:
        raise UsageProblem(f"There is no method called {options.method!r}.", f"Use {' or '.join(METHODS)}.")
    if with_prior and options.method == "paper":
        raise UsageProblem("The method paper takes no prior.", "Use the method pawtrait, or search without a prior.")
    if options.device == "cuda":
        for answer in pool.compute(resolve, [options.device], check):
            if isinstance(answer, UserFacingError):
                raise answer


def _read(picture: ImageRef | Path, limits: io.Limits) -> Picture:
    return read_known(picture, limits) if isinstance(picture, ImageRef) else io.read(picture, limits)


def _never_cancelled() -> None:
    """A child is not asked to stop: it is killed."""
