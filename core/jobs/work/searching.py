"""Searches as they run in child processes: decode the pictures, reconcile them, pack the masks."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from core.device import resolve
from core.domain import ImageRef, Placement
from core.errors import UsageProblem, UserFacingError
from core.images import io
from core.images.picture import Picture, Pixels
from core.jobs import pool
from core.jobs.priors import read_prior
from core.jobs.work import guiding
from core.jobs.work.predictor import Loading
from core.reconcile.options import METHODS, ReconcileOptions
from core.reconcile.prior import MapPrior, Prior

if TYPE_CHECKING:
    from core.reconcile.pipeline import Asked
    from core.reconcile.result import Result

TOGETHER = 16
"""Pairs that a GPU gets at once."""


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
    guide: Loading | None = None
    """The model to ask where the portrait is likely, where no map is known."""


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
    note: str = ""
    """What the user should know of how it was searched; empty: nothing."""


def search_all(
    tasks: Iterable[Search], device: str, check: Callable[[], None], workers: int
) -> Generator[Found | UserFacingError, None, None]:
    """Search in child processes and yield the answers in the tasks' order.

    On the CPU each of ``workers`` children takes one pair at a time, on one thread. On "cuda" a single child takes
    many at once, and its threads do what stays on the CPU.

    Raises:
        DeviceProblem: no child process can be started.
    """
    if device != "cuda":
        yield from pool.compute(search, tasks, check, workers)
        return
    sizes: deque[int] = deque()

    def groups() -> Iterator[tuple[Search, ...]]:
        rest = iter(tasks)
        while group := tuple(islice(rest, TOGETHER)):
            sizes.append(len(group))
            yield group

    for answer in pool.compute(search_group, groups(), check, 1):
        count = sizes.popleft()
        yield from [answer] * count if isinstance(answer, UserFacingError) else answer


def search(task: Search) -> Found:
    """Reconcile one pair.

    Raises:
        FileProblem: a picture or the prior cannot be read, or a picture has changed.
        UsageProblem: the prior is none for these pictures.
        DeviceProblem: the device is missing or its memory ran out.
    """
    (answer,) = search_group((task,))
    if isinstance(answer, UserFacingError):
        raise answer
    return answer


def search_group(tasks: tuple[Search, ...]) -> list[Found | UserFacingError]:
    """Reconcile pairs with the same options together; one that fails gets its error.

    Raises:
        UsageProblem, DeviceProblem: none of them can be reconciled.
    """
    from core.reconcile.pipeline import reconcile_many

    threads = min(len(tasks), os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) as readers:
        read = list(readers.map(_read_all, tasks))
        guides = [_guide(task, asked) for task, asked in zip(tasks, read, strict=True)]
        read = [_guided(asked, guide) for asked, guide in zip(read, guides, strict=True)]
        good = [asked for asked in read if not isinstance(asked, UserFacingError)]
        results = iter(reconcile_many(good, tasks[0].options, _never_cancelled, threads))
        answers = [asked if isinstance(asked, UserFacingError) else next(results) for asked in read]
        return list(readers.map(_packed_all, tasks, answers, read, guides))


def _read_all(task: Search) -> Asked | UserFacingError:
    try:
        prior = read_prior(task.prior, task.limits) if isinstance(task.prior, Path) else task.prior
        return _read(task.original, task.limits), _read(task.designer, task.limits), prior
    except UserFacingError as error:
        return error


def _guide(task: Search, asked: Asked | UserFacingError) -> guiding.Guide | None:
    """Ask the model, where it is to be asked and no map is known."""
    if isinstance(asked, UserFacingError) or task.guide is None or isinstance(asked[2], MapPrior):
        return None
    return guiding.ask(task.guide, asked[0])


def _guided(asked: Asked | UserFacingError, guide: guiding.Guide | None) -> Asked | UserFacingError:
    if guide is None or guide.prior is None or isinstance(asked, UserFacingError):
        return asked
    return (*asked[:2], guiding.joined(asked[2], guide.prior))


def _packed_all(
    task: Search, answer: Result | UserFacingError, asked: Asked | UserFacingError, guide: guiding.Guide | None
) -> Found | UserFacingError:
    if isinstance(answer, UserFacingError):
        return answer
    assert not isinstance(asked, UserFacingError)
    return Found(
        answer.placement,
        answer.confidence,
        answer.reason,
        answer.seconds + (0.0 if guide is None else guide.seconds),
        _packed(answer.mask, task.two_valued),
        asked[0].width,
        asked[0].height,
        _packed(answer.footprint, task.two_valued),
        _packed(answer.painted, task.two_valued),
        "" if guide is None else guide.note,
    )


def _packed(mask: Pixels | None, cut: bool) -> bytes | None:
    from core.export.exporters import two_valued

    if mask is None:
        return None
    return io.encode_mask(two_valued(mask) if cut else mask)


def see_that_it_can_run(options: ReconcileOptions, check: Callable[[], None], *, with_prior: bool = False) -> str:
    """Find out once, before a batch, what would otherwise fail for each of its pairs; return "cpu" or "cuda".

    Raises:
        UsageProblem: there is no such method, or it takes no prior.
        DeviceProblem: CUDA was asked for and there is none (asked in a child: importing torch takes seconds).
    """
    if options.method not in METHODS:
        raise UsageProblem(f"There is no method called {options.method!r}.", f"Use {' or '.join(METHODS)}.")
    if with_prior and options.method == "paper":
        raise UsageProblem(
            "The method paper takes no prior.", "Use the method pawtrait, or search without a prior and not guided."
        )
    if options.device == "cpu":
        return "cpu"
    (answer,) = pool.compute(resolve, [options.device], check)
    if isinstance(answer, UserFacingError):
        raise answer
    return answer


def _read(picture: ImageRef | Path, limits: io.Limits) -> Picture:
    return io.read_known(picture, limits) if isinstance(picture, ImageRef) else io.read(picture, limits)


def _never_cancelled() -> None:
    """A child is not asked to stop: it is killed."""
