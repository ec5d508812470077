"""Reconciles one pair of pictures with the method that the options name."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from core.errors import UsageProblem
from core.images.picture import Picture
from core.reconcile.options import ReconcileOptions
from core.reconcile.prior import Prior
from core.reconcile.result import Result

# Module of each method; its function is ``find``. Imported when first asked for: "paper" needs torch.
_METHODS = {
    "pawtrait": "core.reconcile.pawtrait",
    "paper": "core.reconcile.paper",
}
_KNOW_PRIORS = ("pawtrait",)


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
    started = time.perf_counter()
    try:
        module = import_module(_METHODS[options.method])
    except KeyError:
        raise UsageProblem(f"There is no method called {options.method!r}.", f"Use {' or '.join(_METHODS)}.") from None
    check()
    if prior is not None and options.method not in _KNOW_PRIORS:
        raise UsageProblem(f"The method {options.method} takes no prior.", "Use the method pawtrait, or no prior.")
    priors = (prior,) if options.method in _KNOW_PRIORS else ()
    result: Result = module.find(original, designer, options, check, *priors)
    return replace(result, seconds=time.perf_counter() - started)
