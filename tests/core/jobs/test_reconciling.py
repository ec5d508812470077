"""Batches: what is stored, what fails alone, what stops everything, and cancelling."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.domain import (
    CleanUp,
    CleanUpKind,
    Decision,
    MaskRef,
    MaskSource,
    Pair,
    Recipe,
    Reconciliation,
    Review,
)
from core.edits import Initiator, Origin, RemovePair, SetDesigner, SetRecipe, SetReconciliation, SetReview
from core.errors import DeviceProblem, FileProblem, StorageProblem, UsageProblem
from core.jobs import inline, pool
from core.jobs.answers import BatchReport
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.specs import ReconcilePairs
from core.jobs.work import searching
from core.jobs.work.searching import Found, Search
from core.reconcile.options import ReconcileOptions
from core.store.changes import ChangeSet
from tests.core.jobs.conftest import FOOTPRINT, MASK, PAINTED, PLACEMENT
from tests.core.jobs.reconciling import ANN, OPTIONS, ids_of, run_batch

Draw = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("in_process")


def test_each_pair_is_stored_with_its_mask_under_the_run(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search]
) -> None:
    report = run_batch(services, ctx, ids_of(pairs[:3]))
    assert replace(report, seconds=0) == BatchReport(asked=3, done=3, matched=3)
    store = services.project()
    (run,) = store.runs()
    for pair in store.pairs(ids_of(pairs[:3])):
        refs = [MaskRef(hashlib.sha256(png).hexdigest(), 40, 30) for png in (MASK, FOOTPRINT, PAINTED)]
        assert pair.reconciliation == Reconciliation(
            "pawtrait", PLACEMENT, 0.9, "Clear.", 0.5, refs[0], run.id, refs[1], refs[2]
        )
        assert [store.mask_png(ref) for ref in refs] == [MASK, FOOTPRINT, PAINTED]
    assert (run.kind, run.method, run.who, run.outcome, run.pairs_done) == ("reconcile", "pawtrait", "ann", "done", 3)
    assert json.loads(run.options)["max_rotation_deg"] == OPTIONS.max_rotation_deg
    assert [change.pair_ids for change in ctx.of(ChangeSet)] == [(pair.id,) for pair in pairs[:3]]
    assert ctx.steps[0][:2] == (0, 3)
    assert ctx.steps[-2:] == [(3, 3, "cleo"), (3, 3, "")]
    assert [task.original for task in searched] == [pair.original for pair in pairs[:3]]


@pytest.mark.parametrize(("as_user", "origin"), [(False, Origin.JOB), (True, Origin.USER)])
def test_only_a_pair_asked_for_by_hand_is_a_step_of_undo(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search], as_user: bool, origin: Origin
) -> None:
    run_batch(services, ctx, ids_of(pairs[:1]), as_user=as_user)
    assert services.project().journal()[-1].initiator == Initiator("ann", origin, label="Reconcile")


def test_no_match_is_an_answer(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "search", lambda task: Found(None, 0.1, "Another photo.", 0.2, None, 40, 30))
    report = run_batch(services, ctx, ids_of(pairs[:1]))
    assert (report.done, report.matched, report.failures) == (1, 0, ())
    (pair,) = services.project().pairs(ids_of(pairs[:1]))
    assert pair.reconciliation is not None
    assert (pair.reconciliation.placement, pair.reconciliation.mask) == (None, None)


def test_a_pair_that_fails_is_named_and_the_rest_goes_on(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(task: Search) -> Found:
        if task.original == pairs[1].original:
            raise FileProblem("bob.png is damaged.", "Copy it again.")
        return Found(PLACEMENT, 0.9, "Clear.", 0.5, MASK, 40, 30)

    monkeypatch.setattr(searching, "search", search)
    report = run_batch(services, ctx, ids_of(pairs))
    failures = (
        ItemFailed("bob", "bob.png is damaged.", "Copy it again."),
        ItemFailed("photo alone", "The photo has no designer image.", "Import its designer image with it."),
    )
    assert (report.asked, report.done) == (4, 2)
    assert sorted(report.failures, key=lambda failure: failure.item) == list(failures)
    assert set(ctx.of(ItemFailed)) == set(failures)
    (run,) = services.project().runs()
    assert "bob: bob.png is damaged." in run.failures
    assert ctx.steps[-1][:2] == (4, 4)


def test_a_file_that_changed_since_the_import_fails_alone(
    services: Services, ctx: Any, pairs: list[Pair], draw: Draw
) -> None:
    draw(Path(pairs[0].original.path), 77)
    report = run_batch(services, ctx, ids_of(pairs[:1]))
    (failure,) = report.failures
    assert "changed since it was imported" in failure.message
    assert failure.remedy


def test_pairs_that_are_gone_are_passed_over(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search]
) -> None:
    services.project().apply([RemovePair(pairs[0])], ANN)
    report = run_batch(services, ctx, ids_of(pairs[:2]))
    assert (report.asked, report.done, report.failures) == (2, 1, ())


def _meanwhile(services: Services, monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Let somebody change the project while the search goes on."""

    def search(task: Search) -> Found:
        change()
        return Found(PLACEMENT, 0.9, "Clear.", 0.5, MASK, 40, 30)

    monkeypatch.setattr(searching, "search", search)


def test_a_pair_removed_meanwhile_is_no_failure(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    _meanwhile(services, monkeypatch, lambda: services.project().apply([RemovePair(pairs[0])], ANN))
    report = run_batch(services, ctx, ids_of(pairs[:1]))
    assert (report.done, report.failures) == (0, ())
    assert ctx.logs == ["ada: removed while it was reconciled."]


@pytest.mark.parametrize("as_user", [False, True])
def test_a_batch_leaves_alone_what_was_placed_meanwhile_and_a_wish_replaces_it(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch, as_user: bool
) -> None:
    by_hand = Reconciliation("by hand", PLACEMENT, 1.0, "Placed by hand.", 0.0)
    edit = SetReconciliation(pairs[0].id, None, by_hand)
    _meanwhile(services, monkeypatch, lambda: services.project().apply([edit], ANN))
    report = run_batch(services, ctx, ids_of(pairs[:1]), as_user=as_user)
    assert (report.done, report.failures) == (int(as_user), ())
    last = services.project().journal()[-1].edits[0]
    assert isinstance(last, SetReconciliation)
    assert (last.before if as_user else last.after) == by_hand
    assert ctx.logs == ([] if as_user else ["ada: left as it is, as somebody has worked on it meanwhile."])
    assert ctx.steps[-1][:2] == (1, 1)


@pytest.mark.parametrize("how", ["placed", "accepted", "corrected", "edited"])
def test_what_people_settled_on_stays_in_a_batch_that_reconciles_anew_and_a_wish_replaces_it(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search], how: str
) -> None:
    """Ctrl+Z does not take a batch back."""
    store, mine = services.project(), ids_of(pairs[:1])
    method = "by hand" if how == "placed" else "paper"
    found = Reconciliation(method, PLACEMENT, 1.0, "", 0.0, store.put_mask(MASK, 40, 30))
    store.apply([SetReconciliation(mine[0], None, found)], ANN)
    if how == "edited":
        recipe = Recipe(MaskSource.RECONCILIATION, (CleanUp(CleanUpKind.GROW, 1.0),))
        store.apply([SetRecipe(mine[0], None, recipe)], ANN)
    elif how != "placed":
        store.apply([SetReview(mine[0], Review(), Review(Decision(how)))], ANN)
    report = run_batch(services, ctx, ids_of(pairs[:2]))
    assert (report.asked, report.done, report.failures, len(report.notes)) == (2, 1, (), 1)
    assert store.pairs(mine)[0].reconciliation == found
    assert [task.original for task in searched] == [pairs[1].original]
    assert run_batch(services, ctx, mine, as_user=True).done == 1


def test_a_mask_that_is_accepted_while_it_is_reconciled_anew_stays(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = services.project()
    found = Reconciliation("paper", PLACEMENT, 1.0, "", 0.0, store.put_mask(MASK, 40, 30))
    store.apply([SetReconciliation(pairs[0].id, None, found)], ANN)
    edit = SetReview(pairs[0].id, Review(), Review(Decision.ACCEPTED))
    _meanwhile(services, monkeypatch, lambda: store.apply([edit], ANN))
    assert run_batch(services, ctx, ids_of(pairs[:1])).done == 0
    assert store.pairs(ids_of(pairs[:1]))[0].reconciliation == found


def test_what_was_found_with_another_designer_image_is_not_kept(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = SetDesigner(pairs[0].id, pairs[0].designer, pairs[1].designer)
    _meanwhile(services, monkeypatch, lambda: services.project().apply([edit], ANN))
    run_batch(services, ctx, ids_of(pairs[:1]), as_user=True)
    assert services.project().pairs(ids_of(pairs[:1]))[0].reconciliation is None


def test_a_decision_made_meanwhile_is_kept(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = SetReview(pairs[0].id, Review(), Review(Decision.ACCEPTED))
    _meanwhile(services, monkeypatch, lambda: services.project().apply([edit], ANN))
    run_batch(services, ctx, ids_of(pairs[:1]))
    (pair,) = services.project().pairs(ids_of(pairs[:1]))
    assert pair.review.decision is Decision.ACCEPTED
    assert pair.reconciliation is not None


def test_cancelling_keeps_what_is_stored_and_closes_the_run(
    services: Services, pairs: list[Pair], searched: list[Search], cancelled_at: Any
) -> None:
    report = run_batch(services, cancelled_at(3), ids_of(pairs[:3]))
    assert (report.cancelled, report.done, len(services.project().journal())) == (True, 2, len(pairs) + 2)
    (run,) = services.project().runs()
    assert (run.outcome, run.pairs_done) == ("cancelled", 2)


@pytest.mark.parametrize(("verb", "refused"), [("put_mask", 4), ("put_mask", 6), ("apply", 2)])
def test_a_full_disk_stops_the_batch(
    services: Services,
    ctx: Any,
    pairs: list[Pair],
    searched: list[Search],
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    refused: int,
) -> None:
    store = services.project()
    real, calls = getattr(store, verb), 0

    def full(*args: Any, **how: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == refused:
            raise StorageProblem("The disk is full.")
        return real(*args, **how)

    monkeypatch.setattr(store, verb, full)
    with pytest.raises(StorageProblem):
        run_batch(services, ctx, ids_of(pairs[:3]))
    done = [pair.reconciliation is not None for pair in store.pairs(ids_of(pairs[:3]))]
    assert done == [True, False, False]
    assert store.runs()[0].outcome == "failed"


def test_the_first_error_is_the_one_that_shows(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **how: Any) -> Any:
        raise StorageProblem("No mask can be kept.")

    def full_too(*args: Any, **how: Any) -> Any:
        raise StorageProblem("No run can be closed.")

    monkeypatch.setattr(services.project(), "put_mask", full)
    monkeypatch.setattr(services.project(), "finish_run", full_too)
    with pytest.raises(StorageProblem, match="No mask"):
        run_batch(services, ctx, ids_of(pairs[:1]))


def test_a_bug_fails_its_pair_and_is_logged(
    services: Services,
    ctx: Any,
    pairs: list[Pair],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def search(task: Search) -> Found:
        if task.original == pairs[0].original:
            raise pool.ChildFailure("Traceback\nZeroDivisionError: division by zero\n")
        return Found(PLACEMENT, 0.9, "Clear.", 0.5, MASK, 40, 30)

    monkeypatch.setattr(searching, "search", search)
    report = run_batch(services, ctx, ids_of(pairs[:2]))
    assert (report.done, [failure.item for failure in report.failures]) == (1, [pairs[0].name])
    assert "internal error stopped it (ZeroDivisionError: division by zero)" in report.failures[0].message
    assert "Traceback" in caplog.text
    caplog.clear()
    assert services.project().runs()[0].outcome == "done"


@pytest.mark.parametrize(
    ("options", "error"),
    [(ReconcileOptions(method="magic"), UsageProblem), (ReconcileOptions(device="cuda"), DeviceProblem)],
)
def test_options_that_cannot_work_fail_once_not_for_each_pair(
    services: Services,
    ctx: Any,
    pairs: list[Pair],
    monkeypatch: pytest.MonkeyPatch,
    options: ReconcileOptions,
    error: type[Exception],
) -> None:
    def no_such_device(wish: str) -> str:
        raise DeviceProblem(f"No {wish} device was found.")

    monkeypatch.setattr("core.jobs.work.searching.resolve", no_such_device)
    with pytest.raises(error):
        inline.run(ReconcilePairs(ids_of(pairs), options), services, ctx)
    assert services.project().runs() == []
    assert ctx.partials == []
