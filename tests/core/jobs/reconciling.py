"""Runs reconciliations of a project in memory, for the tests of batches."""

from __future__ import annotations

from typing import Any

from core.domain import Pair
from core.edits import Initiator
from core.jobs import inline
from core.jobs.answers import BatchReport
from core.jobs.services import Services
from core.jobs.specs import ReconcilePairs
from core.reconcile.options import ReconcileOptions

ANN = Initiator("ann")
OPTIONS = ReconcileOptions(device="cpu")


def run_batch(services: Services, ctx: Any, ids: tuple[int, ...], **more: Any) -> BatchReport:
    report = inline.run(ReconcilePairs(ids, OPTIONS, "ann", **more), services, ctx)
    assert isinstance(report, BatchReport)
    return report


def ids_of(pairs: list[Pair]) -> tuple[int, ...]:
    return tuple(pair.id for pair in pairs)
