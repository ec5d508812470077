"""Batches: what is stored, what fails alone, what stops everything, and cancelling."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.domain import Decision, MaskRef, Pair, Prediction, Reconciliation, Review
from core.edits import (
    AddPair,
    Initiator,
    Origin,
    RemovePair,
    SetDesigner,
    SetPrediction,
    SetReconciliation,
    SetReview,
)
from core.errors import DeviceProblem, FileProblem, StorageProblem, UsageProblem
from core.images.io import Limits, decode_mask, encode_mask
from core.jobs import inline, pool
from core.jobs.answers import BatchReport
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.specs import ReconcilePairs, near
from core.jobs.work import searching
from core.jobs.work.searching import Found, Search, search
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import Asked
from core.reconcile.prior import LandmarkPrior, MapPrior, PlacementPrior
from core.reconcile.result import Result
from core.store.changes import ChangeSet
from tests.core.jobs.conftest import FOOTPRINT, MASK, PAINTED, PLACEMENT

OPTIONS = ReconcileOptions(device="cpu")
ANN = Initiator("ann")
Draw = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def pairs(services: Services, tmp_path: Path, draw: Draw, reference: Any) -> list[Pair]:
    """Four pairs; the last is a photo alone."""
    store = services.project()
    for number, name in enumerate(("ada", "bob", "cleo", "photo alone")):
        original = reference(draw(tmp_path / "o" / f"{name}.png", 2 * number))
        designer = reference(draw(tmp_path / "d" / f"{name}.png", 2 * number + 1)) if " " not in name else None
        store.apply([AddPair(Pair(0, name, original, designer))], ANN)
    return store.pairs(sorted(store.pair_ids()))


def _run(services: Services, ctx: Any, ids: tuple[int, ...], **more: Any) -> BatchReport:
    report = inline.run(ReconcilePairs(ids, OPTIONS, "ann", **more), services, ctx)
    assert isinstance(report, BatchReport)
    return report


def _ids(pairs: list[Pair]) -> tuple[int, ...]:
    return tuple(pair.id for pair in pairs)


def test_each_pair_is_stored_with_its_mask_under_the_run(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search]
) -> None:
    report = _run(services, ctx, _ids(pairs[:3]))
    assert replace(report, seconds=0) == BatchReport(asked=3, done=3, matched=3)
    store = services.project()
    (run,) = store.runs()
    for pair in store.pairs(_ids(pairs[:3])):
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


def test_a_prior_goes_with_its_pair_alone_and_the_run_and_the_journal_say_so(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search]
) -> None:
    first, second = _ids(pairs[:2])
    _run(services, ctx, (first, second), priors=((second, near(PLACEMENT)),))
    assert [task.prior for task in searched] == [None, PlacementPrior(PLACEMENT)]
    (run,) = services.project().runs()
    recorded = json.loads(run.options)["priors"]
    assert list(recorded) == [str(second)]
    assert recorded[str(second)]["matrix"] == [list(row) for row in PLACEMENT.matrix()]
    labels = [change.initiator.label for change in services.project().journal(after=4)]
    assert labels == ["Reconcile", "Reconcile near its placement"]


def test_a_search_by_hand_that_finds_nothing_near_leaves_the_placement_as_it_was(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = services.project()
    mine = Reconciliation("by hand", PLACEMENT, 1.0, "Placed by hand.", 0.0)
    store.apply([SetReconciliation(pairs[0].id, None, mine)], ANN)
    nothing = Found(None, 0.02, "Nothing fits near the place that was given.", 0.1, None, 40, 30)
    monkeypatch.setattr(searching, "search", lambda task: nothing)
    report = _run(services, ctx, (pairs[0].id,), as_user=True, priors=((pairs[0].id, near(PLACEMENT)),))
    (failure,) = report.failures
    assert failure.message == "Nothing fits near the place that was given. The placement stays as it was."
    assert store.pairs([pairs[0].id])[0].reconciliation == mine
    everywhere = _run(services, ctx, (pairs[0].id,), as_user=True)
    assert everywhere.failures == () and store.pairs([pairs[0].id])[0].placement is None


def test_without_priors_the_run_says_nothing_of_them(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search]
) -> None:
    _run(services, ctx, _ids(pairs[:1]))
    assert "priors" not in json.loads(services.project().runs()[0].options)


def test_a_method_that_takes_no_prior_fails_once(services: Services, ctx: Any, pairs: list[Pair]) -> None:
    spec = ReconcilePairs(_ids(pairs), replace(OPTIONS, method="paper"), priors=((pairs[0].id, near(PLACEMENT)),))
    with pytest.raises(UsageProblem, match="takes no prior"):
        inline.run(spec, services, ctx)
    assert services.project().runs() == []


def test_what_the_search_finds_is_packed_and_the_prior_is_handed_on(
    tmp_path: Path, draw: Draw, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    masks = [np.full((30, 40), value, np.uint8) for value in (100, 130, 200)]
    asked: list[object] = []

    def reconcile_many(pairs: list[Asked], options: ReconcileOptions, check: Any, threads: int) -> list[Result]:
        asked.extend(prior for _, _, prior in pairs)
        return [Result(PLACEMENT, masks[0], 0.9, "Clear.", 0.1, masks[1], masks[2]) for _ in pairs]

    monkeypatch.setattr("core.reconcile.pipeline.reconcile_many", reconcile_many)
    file = tmp_path / "prior.json"
    file.write_text('{"landmarks": [[0, 0, 5, 5], [9, 9, 30, 20]]}', "utf-8")
    task = Search(draw(tmp_path / "o.png", 1), draw(tmp_path / "d.png", 2), OPTIONS, limits, prior=file)
    for two_valued, values in ((False, (100, 130, 200)), (True, (0, 255, 255))):
        found = search(replace(task, two_valued=two_valued))
        packed = [png for png in (found.mask_png, found.footprint_png, found.painted_png) if png is not None]
        assert [int(decode_mask(png).max()) for png in packed] == list(values)
    search(replace(task, prior=near(PLACEMENT)))
    landmarks = LandmarkPrior(((0, 0, 5, 5), (9, 9, 30, 20)))
    assert asked == [landmarks, landmarks, PlacementPrior(PLACEMENT)]


def test_a_gpu_gets_many_pairs_at_once_and_each_its_own_answer(
    tmp_path: Path, draw: Draw, limits: Limits, monkeypatch: pytest.MonkeyPatch, in_process: None
) -> None:
    groups: list[int] = []

    def reconcile_many(pairs: list[Asked], options: ReconcileOptions, check: Any, threads: int) -> list[Any]:
        groups.append(len(pairs))
        if len(pairs) == 1:
            raise DeviceProblem("Its memory is full.")
        return [UsageProblem("No."), *[Result(None, None, 0.0, str(pair[0].width), 0.1) for pair in pairs[1:]]]

    monkeypatch.setattr("core.reconcile.pipeline.reconcile_many", reconcile_many)
    monkeypatch.setattr(searching, "TOGETHER", 3)
    names = ["a", "b", "missing", "c", "d"]
    files = {name: draw(tmp_path / f"{name}.png", seed) for seed, name in enumerate(names) if name != "missing"}
    tasks = [Search(files.get(n, tmp_path / "missing.png"), files["a"], OPTIONS, limits) for n in names]
    answers = list(searching.search_all(iter(tasks), "cuda", lambda: None, 4))
    kinds = [type(answer).__name__ for answer in answers]
    assert kinds == ["UsageProblem", "Found", "FileProblem", "UsageProblem", "Found"]
    assert groups == [2, 2]
    answers = list(searching.search_all(iter(tasks[:1]), "cuda", lambda: None, 4))
    assert [str(answer) for answer in answers] == ["Its memory is full."]


@pytest.mark.parametrize(("as_user", "origin"), [(False, Origin.JOB), (True, Origin.USER)])
def test_only_a_pair_asked_for_by_hand_is_a_step_of_undo(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search], as_user: bool, origin: Origin
) -> None:
    _run(services, ctx, _ids(pairs[:1]), as_user=as_user)
    assert services.project().journal()[-1].initiator == Initiator("ann", origin, label="Reconcile")


def test_no_match_is_an_answer(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "search", lambda task: Found(None, 0.1, "Another photo.", 0.2, None, 40, 30))
    report = _run(services, ctx, _ids(pairs[:1]))
    assert (report.done, report.matched, report.failures) == (1, 0, ())
    (pair,) = services.project().pairs(_ids(pairs[:1]))
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
    report = _run(services, ctx, _ids(pairs))
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
    report = _run(services, ctx, _ids(pairs[:1]))
    (failure,) = report.failures
    assert "changed since it was imported" in failure.message
    assert failure.remedy


def test_pairs_that_are_gone_are_passed_over(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search]
) -> None:
    services.project().apply([RemovePair(pairs[0])], ANN)
    report = _run(services, ctx, _ids(pairs[:2]))
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
    report = _run(services, ctx, _ids(pairs[:1]))
    assert (report.done, report.failures) == (0, ())
    assert ctx.logs == ["ada: removed while it was reconciled."]


@pytest.mark.parametrize("as_user", [False, True])
def test_a_batch_leaves_alone_what_was_placed_meanwhile_and_a_wish_replaces_it(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch, as_user: bool
) -> None:
    by_hand = Reconciliation("by hand", PLACEMENT, 1.0, "Placed by hand.", 0.0)
    edit = SetReconciliation(pairs[0].id, None, by_hand)
    _meanwhile(services, monkeypatch, lambda: services.project().apply([edit], ANN))
    report = _run(services, ctx, _ids(pairs[:1]), as_user=as_user)
    assert (report.done, report.failures) == (int(as_user), ())
    last = services.project().journal()[-1].edits[0]
    assert isinstance(last, SetReconciliation)
    assert (last.before if as_user else last.after) == by_hand
    assert ctx.logs == ([] if as_user else ["ada: left as it is, as somebody has worked on it meanwhile."])
    assert ctx.steps[-1][:2] == (1, 1)


def test_what_was_found_with_another_designer_image_is_not_kept(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = SetDesigner(pairs[0].id, pairs[0].designer, pairs[1].designer)
    _meanwhile(services, monkeypatch, lambda: services.project().apply([edit], ANN))
    _run(services, ctx, _ids(pairs[:1]), as_user=True)
    assert services.project().pairs(_ids(pairs[:1]))[0].reconciliation is None


def test_a_decision_made_meanwhile_is_kept(
    services: Services, ctx: Any, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = SetReview(pairs[0].id, Review(), Review(Decision.ACCEPTED))
    _meanwhile(services, monkeypatch, lambda: services.project().apply([edit], ANN))
    _run(services, ctx, _ids(pairs[:1]))
    (pair,) = services.project().pairs(_ids(pairs[:1]))
    assert pair.review.decision is Decision.ACCEPTED
    assert pair.reconciliation is not None


def test_cancelling_keeps_what_is_stored_and_closes_the_run(
    services: Services, pairs: list[Pair], searched: list[Search], cancelled_at: Any
) -> None:
    report = _run(services, cancelled_at(3), _ids(pairs[:3]))
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
        _run(services, ctx, _ids(pairs[:3]))
    done = [pair.reconciliation is not None for pair in store.pairs(_ids(pairs[:3]))]
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
        _run(services, ctx, _ids(pairs[:1]))


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
    report = _run(services, ctx, _ids(pairs[:2]))
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
        inline.run(ReconcilePairs(_ids(pairs), options), services, ctx)
    assert services.project().runs() == []
    assert ctx.partials == []


def test_guided_a_prediction_that_found_something_says_where_to_search(
    services: Services, ctx: Any, pairs: list[Pair], searched: list[Search]
) -> None:
    store = services.project()
    rng = np.random.default_rng(3)
    map8 = rng.integers(0, 256, (900, 1200), dtype=np.uint8)
    ref = store.put_mask(encode_mask(map8), 1200, 900)
    said = Prediction("pawtrait", "0" * 12, ref, 0.5, (0.4, 0.6), 0.9, 0.9, "", 0.1)
    damaged = replace(said, map=store.put_mask(b"no PNG", 1, 1))
    for pair, prediction in zip(pairs[:3], (said, replace(said, found=0.1), damaged), strict=True):
        store.apply([SetPrediction(pair.id, None, prediction)], ANN)
    first, *others = _ids(pairs[:3])
    _run(services, ctx, (first, *others), guided=True)
    prior = searched[0].prior
    assert isinstance(prior, MapPrior)
    assert prior.probability.shape == (384, 512)
    assert prior.probability.dtype == np.float32
    assert abs(float(prior.probability.mean()) - float(map8.mean()) / 255) < 0.001
    assert [task.prior for task in searched[1:]] == [None, None]
    assert ctx.logs == ["cleo: searched for everywhere, as its prediction cannot be read. " + _damage()]
    assert json.loads(store.runs()[0].options)["guided"] is True
    _run(services, ctx, (first,), guided=True, priors=((first, near(PLACEMENT)),))
    assert searched[-1].prior == PlacementPrior(PLACEMENT), "what a person says goes before"
    _run(services, ctx, (first,))
    assert searched[-1].prior is None


def _damage() -> str:
    with pytest.raises(FileProblem) as caught:
        decode_mask(b"no PNG")
    return caught.value.message


def test_the_paper_cannot_be_guided(services: Services, ctx: Any, pairs: list[Pair]) -> None:
    spec = ReconcilePairs(_ids(pairs), ReconcileOptions("paper", "cpu"), "ann", guided=True)
    with pytest.raises(UsageProblem, match="takes no prior"):
        inline.run(spec, services, ctx)
