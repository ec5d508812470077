"""A search stops at any of its checks, and they come often."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.errors import Cancelled
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile
from tests.core.reconcile.conftest import Truth, cut_out, make_pair, photo, picture, procedural

OPTIONS = ReconcileOptions(device="cpu", max_rotation_deg=30.0)


class _StopAt:
    """A check that cancels on its n-th call (never, for 0) and knows the longest computing time between two."""

    def __init__(self, number: int = 0) -> None:
        self.number, self.calls, self.longest = number, 0, 0.0
        self._last = time.thread_time()

    def __call__(self) -> None:
        self.calls += 1
        if self.calls == self.number:
            raise Cancelled
        now = time.thread_time()
        self.longest, self._last = max(self.longest, now - self._last), now


PAIRS: dict[str, Callable[[], Truth]] = {
    "doubtful": lambda: make_pair("chelsea", background="photo"),
    "kept": lambda: make_pair("coffee", background="kept"),
    "another photo": lambda: replace(make_pair("astronaut"), original=picture(photo("rocket"))),
    "12 megapixels": lambda: cut_out(np.tile(procedural(2, (1000, 750)), (4, 4, 1)), head=900, scale=1.2),
}


@pytest.mark.parametrize("method", ["pawtrait", "paper"])
def test_every_check_can_cancel(method: str) -> None:
    pair, options = PAIRS["doubtful"](), replace(OPTIONS, method=method)
    counted = _StopAt()
    reconcile(pair.original, pair.designer, options, counted)
    assert counted.calls > 30
    for share in (0.0, 0.2, 0.5, 0.8, 1.0):
        with pytest.raises(Cancelled):
            reconcile(pair.original, pair.designer, options, _StopAt(max(round(share * counted.calls), 1)))


@pytest.mark.parametrize("kind", PAIRS)
def test_checks_come_often(kind: str) -> None:
    """Every 100 ms is what is promised; a busy machine with cold caches is given three times as long."""
    pair = PAIRS[kind]()
    check = _StopAt()
    reconcile(pair.original, pair.designer, OPTIONS, check)
    assert check.longest < 0.3
