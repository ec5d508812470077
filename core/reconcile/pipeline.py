"""Reconciles pairs of pictures with the method that the options name."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.errors import UsageProblem, UserFacingError
from core.images.picture import Picture
from core.reconcile.options import METHODS, ReconcileOptions
from core.reconcile.prior import Prior
from core.reconcile.result import Result

Asked = tuple[Picture, Picture, Prior | None]
"""Original, designer image, and what is known before."""


def reconcile(
    original: Picture,
    designer: Picture,
    options: ReconcileOptions,
    check: Callable[[], None],
    prior: Prior | None = None,
) -> Result:
    """Find the designer image in the original.

    Args:
        original: the customer's photo.
        designer: the designer image; its alpha, if any, says what is foreground.
        options: method and search range.
        check: called at least every 100 ms; raises ``Cancelled`` to stop.
        prior: restricts the search; the "paper" method knows none.

    Raises:
        Cancelled: ``check`` did.
        UsageProblem: there is no such method, or it takes no prior, or the prior is no placement at all.
        DeviceProblem: the device that was asked for is missing or ran out of memory.
    """
    answer = reconcile_many([(original, designer, prior)], options, check)[0]
    if isinstance(answer, UserFacingError):
        raise answer
    return answer


def reconcile_many(
    asked: Sequence[Asked], options: ReconcileOptions, check: Callable[[], None], threads: int = 1
) -> list[Result | UserFacingError]:
    """Do it for several pairs together, which is what keeps a GPU busy; ``threads`` do what stays on the CPU.

    A pair that cannot be reconciled gets its error as its answer. Each result's seconds are its share of the whole.

    Raises:
        Cancelled, UsageProblem, DeviceProblem: as :func:`reconcile`, where no pair can be reconciled.
    """
    if options.method not in METHODS:
        raise UsageProblem(f"There is no method called {options.method!r}.", f"Use {' or '.join(METHODS)}.")
    started = time.perf_counter()
    if options.method == "paper":
        from core.reconcile import paper  # imports torch

        answers: list[Result | UserFacingError] = []
        for original, designer, prior in asked:
            check()
            if prior is not None:
                answers.append(UsageProblem("The method paper takes no prior.", "Use pawtrait, or no prior."))
            else:
                answers.append(paper.find(original, designer, options, check))
    else:
        from core.reconcile import pawtrait

        check()
        answers = pawtrait.find_many(asked, options, check, threads)
    share = (time.perf_counter() - started) / max(len(answers), 1)
    return [answer if isinstance(answer, UserFacingError) else replace(answer, seconds=share) for answer in answers]
