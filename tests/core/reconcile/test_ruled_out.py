"""Which orientations are found where a placement has the designer image."""

from __future__ import annotations

import pytest

from core.maths.backend import NumpyBackend
from core.reconcile.candidates import prepare
from core.reconcile.options import ReconcileOptions
from core.reconcile.refine import Fit
from core.reconcile.ruled_out import left_out
from core.reconcile.search import Range
from tests.core.reconcile.conftest import make_pair

BACKEND = NumpyBackend()


@pytest.mark.parametrize(
    ("turn", "mirrored", "where", "found"),
    [
        (0.0, False, Range((False, True), 60.0), False),
        (75.0, False, Range((False, True), 60.0), True),
        (75.0, False, Range((False, True), 80.0), False),
        (75.0, False, Range((False, True), 20.0, middle_deg=75.0), False),
        (0.0, True, Range((False,), 60.0), True),
        (0.0, True, Range((False, True), 180.0), False),
    ],
)
def test_only_what_lies_outside_the_range_is_found(turn: float, mirrored: bool, where: Range, found: bool) -> None:
    pair = make_pair("chelsea", turn=turn, mirrored=mirrored)
    view = prepare((pair.original, pair.designer, None), ReconcileOptions(device="cpu"), BACKEND, lambda: None).view
    fits = left_out(Fit(0, pair.affine), view, where, BACKEND, lambda: None)
    assert (max((abs(fit.zncc) for fit in fits), default=0.0) > 0.8) is found
