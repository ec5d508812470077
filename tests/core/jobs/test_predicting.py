"""Predicting pairs: what is stored, what stays as it is, and what each failure says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.domain import Decision, MaskSource, Pair, Prediction, Review
from core.edits import AddPair, Initiator, Origin, RemovePair, SetReview, SetThreshold
from core.errors import DeviceProblem, FileProblem, UsageProblem
from core.images import io
from core.jobs import inline, pool
from core.jobs.answers import BatchReport, MapLayer, Trial
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.specs import LoadMap, PredictOptions, PredictPairs, TryModel
from core.jobs.work import predictor
from core.model import registry, settled
from core.model.card import ModelProblem
from core.store.changes import ChangeSet
from tests.core.jobs.modelling import Loader, Painted, paint, write_model

ANN = Initiator("ann")
OPTIONS = PredictOptions(device="cpu")


@pytest.fixture
def add(services: Services, tmp_path: Path, reference: Any) -> Callable[..., Pair]:
    """Put a painted photo into the project."""
    store = services.project()

    def add_pair(name: str, review: Review = Review(), **how: Any) -> Pair:  # noqa: B008
        original = reference(paint(tmp_path / "photos" / f"{name}.png", **how))
        (number,) = store.apply([AddPair(Pair(0, name, original, None, review=review))], ANN).pair_ids
        return store.pairs([number])[0]

    return add_pair


def _predict(services: Services, ctx: Any, *pairs: Pair, **more: Any) -> BatchReport:
    spec = PredictPairs(tuple(pair.id for pair in pairs), more.pop("options", OPTIONS), "ann", **more)
    report = inline.run(spec, services, ctx)
    assert isinstance(report, BatchReport)
    return report


def _said(services: Services, pair: Pair) -> Prediction:
    said = services.project().pairs([pair.id])[0].prediction
    assert said is not None
    return said


def test_pairs_are_predicted_stored_and_recorded(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader
) -> None:
    store = services.project()
    rex, dark = add("rex"), add("dark", heads=0)
    report = _predict(services, ctx, rex, dark)
    assert (report.asked, report.done, report.matched, report.failures) == (2, 2, 1, ())
    said = _said(services, rex)
    version = registry.version_of(loader.calls[0]["path"])
    assert (said.model, said.version, said.threshold, said.interval) == ("pawtrait", version, 0.5, (0.4, 0.6))
    assert (said.expected_iou, said.found, said.chosen, said.moved, said.run_id) == (0.9, 0.99, None, 0.0, 1)
    assert (said.map.width, said.map.height) == (60, 40)
    photo = np.asarray(Image.open(rex.original.path))[..., 0]
    assert np.array_equal(io.decode_mask(store.mask_png(said.map)), photo)
    (box,) = said.portraits
    assert photo[box[1] : box[3], box[0] : box[2]].max() > 200
    assert _said(services, dark).found == 0.02
    assert _said(services, dark).cut == 1.0, "where nothing is found, nothing is cut"
    changes = ctx.of(ChangeSet)
    assert [change.pair_ids for change in changes] == [(rex.id,), (dark.id,)]
    assert changes[0].initiator == Initiator("ann", Origin.JOB, label="Predict")
    (run,) = store.runs()
    assert (run.kind, run.method, run.outcome, run.pairs_done) == ("predict", "pawtrait", "done", 2)
    assert json.loads(run.options)["version"] == version
    assert ctx.steps[-1][:2] == (2, 2)


def test_large_photos_are_predicted_at_the_maps_size(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader
) -> None:
    big = add("big", size=(3200, 2400))
    _predict(services, ctx, big)
    said = _said(services, big)
    assert (said.map.width, said.map.height) == (1600, 1200)
    (box,) = said.portraits
    assert 960 - 750 < box[0] < 960 < box[2] < 960 + 750
    assert box[3] <= 2400


def test_what_a_version_has_predicted_stays_until_there_is_a_newer_one(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader, tmp_path: Path
) -> None:
    rex = add("rex")
    _predict(services, ctx, rex)
    assert _predict(services, ctx, rex).done == 0
    assert ctx.steps[-1][:2] == (1, 1)
    services.project().apply([SetThreshold(rex.id, None, 0.75)], ANN)
    assert _predict(services, ctx, rex, keep_newer=False).done == 1
    assert _said(services, rex).chosen == 0.75, "the same map is cut where it was"
    other = write_model(tmp_path / "other.safetensors", seed=1)
    assert _predict(services, ctx, rex, options=replace(OPTIONS, model=str(other))).done == 1
    said = _said(services, rex)
    assert (said.version, said.chosen) == (registry.version_of(other), None)


def test_a_mask_does_not_change_under_a_decision(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader, tmp_path: Path
) -> None:
    store = services.project()
    pairs = [add(name) for name in ("accepted", "rejected", "undecided")]
    _predict(services, ctx, *pairs)
    about = MaskSource.PREDICTION
    store.apply([SetReview(pairs[0].id, Review(), Review(Decision.ACCEPTED, source=about))], ANN)
    store.apply([SetReview(pairs[1].id, Review(), Review(Decision.REJECTED, source=about))], ANN)
    options = replace(OPTIONS, model=str(write_model(tmp_path / "other.safetensors", seed=1)))
    assert _predict(services, ctx, *pairs, options=options).done == 2
    assert _said(services, pairs[0]).version != _said(services, pairs[1]).version
    assert _predict(services, ctx, pairs[0], options=options, keep_decided=False).done == 1
    by_hand = _predict(services, ctx, pairs[0], as_user=True)
    assert by_hand.done == 1
    assert store.journal(pair_id=pairs[0].id)[-1].initiator.origin is Origin.USER


def test_the_other_of_two_pets_can_be_had(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader, tmp_path: Path
) -> None:
    two = add("two", heads=2)
    _predict(services, ctx, two)
    first = _said(services, two)
    assert (len(first.portraits), first.portrait) == (2, 0)
    _predict(services, ctx, two, options=replace(OPTIONS, portrait=1), as_user=True)
    other = _said(services, two)
    assert (other.portrait, other.portraits) == (1, first.portraits)
    assert other.map != first.map
    newer = replace(OPTIONS, model=str(write_model(tmp_path / "other.safetensors", seed=1)))
    _predict(services, ctx, two, options=newer)
    assert _said(services, two).portrait == 1, "a batch leaves the choice as it is"


def test_settled_thresholds_move_the_next_ones(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader
) -> None:
    store = services.project()
    settled_pairs = [add(f"s{number}") for number in range(8)]
    _predict(services, ctx, *settled_pairs)
    about = Review(Decision.ACCEPTED, source=MaskSource.PREDICTION)
    for pair in settled_pairs:
        store.apply([SetThreshold(pair.id, None, 0.7), SetReview(pair.id, Review(), about)], ANN)
    new = add("new")
    _predict(services, ctx, new)
    said = _said(services, new)
    wanted = settled.moved(0.5, settled.offset(store.settled_cuts(said.version, 99)))
    assert said.threshold == wanted
    assert 0.5 < said.threshold < 0.7, "eight photos are believed half"
    assert said.interval[0] < said.threshold < said.interval[1]
    assert said.moved == settled.offset(store.settled_cuts(said.version, 99))
    assert said.expected_iou < 0.9
    store.apply([SetReview(new.id, Review(), about)], ANN)
    again = add("again")
    _predict(services, ctx, again)
    assert _said(services, again).threshold == pytest.approx(said.threshold, abs=0.02), "it does not feed on itself"


def test_a_threshold_asked_for_is_the_one_chosen(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader
) -> None:
    rex = add("rex")
    _predict(services, ctx, rex, options=replace(OPTIONS, threshold=0.3))
    said = _said(services, rex)
    assert (said.threshold, said.chosen, said.cut) == (0.5, 0.3, 0.3)


def test_a_bad_photo_fails_alone_and_a_removed_one_is_passed_over(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader
) -> None:
    gone, changed, fine, removed = (add(name, seed=n) for n, name in enumerate(("gone", "changed", "fine", "removed")))
    Path(gone.original.path).unlink()
    paint(Path(changed.original.path), seed=4)
    services.project().apply([RemovePair(removed)], ANN)
    report = _predict(services, ctx, gone, changed, removed, fine)
    assert (report.done, [failure.item for failure in report.failures]) == (1, ["gone", "changed"])
    assert "has changed" in ctx.of(ItemFailed)[1].message
    assert _said(services, fine).expected_iou == 0.9


def test_what_changes_meanwhile_is_not_lost(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    rex, store = add("rex"), services.project()
    _predict(services, ctx, rex)
    real = predictor.look

    def look(tasks: tuple[predictor.Look, ...]) -> list[Any]:
        store.apply([SetThreshold(rex.id, None, 0.25)], ANN)
        return real(tasks)

    monkeypatch.setattr(predictor, "look", look)
    assert _predict(services, ctx, rex, keep_newer=False).done == 1
    assert _said(services, rex).chosen == 0.25


def test_a_mask_that_is_accepted_meanwhile_does_not_change_under_the_decision(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    rex, store = add("rex"), services.project()
    _predict(services, ctx, rex)
    real = predictor.look

    def look(task: predictor.Look) -> predictor.Said:
        accepted = Review(Decision.ACCEPTED, source=MaskSource.PREDICTION)
        store.apply([SetReview(rex.id, Review(), accepted)], ANN)
        return real(task)

    monkeypatch.setattr(predictor, "look", look)
    assert _predict(services, ctx, rex, keep_newer=False).done == 0
    assert isinstance(store.journal()[-1].edits[0], SetReview)


def test_cancelling_keeps_what_was_done(
    services: Services, add: Callable[..., Pair], cancelled_at: Callable[[int], Any], loader: Loader
) -> None:
    pairs = [add(name) for name in "abc"]
    report = _predict(services, cancelled_at(3), *pairs)
    assert (report.cancelled, report.done) == (True, 1)
    assert services.project().runs()[0].outcome == "cancelled"


def test_the_model_is_loaded_once_and_anew_when_its_file_is_another(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader, tmp_path: Path
) -> None:
    pairs = [add(name) for name in "ab"]
    own = write_model(tmp_path / "own.safetensors")
    options = replace(OPTIONS, model=str(own))
    _predict(services, ctx, *pairs, options=options)
    assert len(loader.calls) == 1
    write_model(own, seed=123456)
    _predict(services, ctx, *pairs, options=options)
    assert len(loader.calls) == 2
    assert _said(services, pairs[1]).version == registry.version_of(own)


def test_a_map_that_is_none_is_a_sentence(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader
) -> None:
    class Mad(Painted):
        def predict(self, photo: Any, portrait: int = 0) -> Any:
            said = super().predict(photo, portrait)
            return replace(said, raw=replace(said.raw, score=said.raw.score * np.float32("nan")))

    loader.make = Mad
    report = _predict(services, ctx, add("rex"))
    assert "makes no sense" in report.failures[0].message
    assert report.failures[0].remedy


def test_nothing_is_fetched_without_saying_so(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader, tmp_path: Path, monkeypatch: Any
) -> None:
    papers = write_model(tmp_path / "papers.safetensors", "deepgaze2-vgg16", trunk="vgg16")
    monkeypatch.setattr(predictor, "announcement", lambda _file: "Weights are fetched once.")
    rex, options = add("rex"), replace(OPTIONS, model=str(papers))
    _predict(services, ctx, rex, options=replace(options, weights=str(tmp_path / "w.pth")))
    _predict(services, ctx, rex)
    assert ctx.logs == []
    _predict(services, ctx, rex, options=options)
    assert ctx.logs == ["Weights are fetched once."]
    assert (0, 0, "Weights are fetched once.") in ctx.steps, "the desk shows no log"


def test_a_broken_read_out_is_refused_before_its_weights_are_looked_for(
    services: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path
) -> None:
    papers = write_model(tmp_path / "papers.safetensors", "deepgaze2-vgg16", trunk="vgg16", architecture="deepgaze2")
    with pytest.raises(ModelProblem, match="belongs to another network"):
        _predict(services, ctx, add("rex"), options=replace(OPTIONS, model=str(papers)))
    assert ctx.logs == [], "nobody hears of a download that would be for nothing"


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"\xff" * 64, b"PK\x03\x04 a pickle perhaps"])
def test_a_file_that_is_no_model_is_refused_before_the_batch(
    services: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "evil.safetensors"
    file.write_bytes(content)
    with pytest.raises(ModelProblem, match="not a model's file") as caught:
        _predict(services, ctx, add("rex"), options=replace(OPTIONS, model=str(file)))
    assert caught.value.remedy
    assert services.project().runs() == []


def test_options_that_make_no_sense_are_refused(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader
) -> None:
    rex = add("rex")
    for wrong in ({"threshold": 1.5}, {"threshold": float("nan")}, {"views": 3}, {"portrait": -1}):
        with pytest.raises(UsageProblem):
            _predict(services, ctx, rex, options=replace(OPTIONS, **wrong))
    with pytest.raises(ModelProblem, match="no model called"):
        _predict(services, ctx, rex, options=replace(OPTIONS, model="nonsense"))
    with pytest.raises(DeviceProblem):
        _predict(services, ctx, rex, options=replace(OPTIONS, device="abacus"))


def test_errors_of_the_model_come_out_of_a_child(children: None, tmp_path: Path) -> None:
    (answer,) = pool.compute(predictor.prepare, [predictor.Loading(tmp_path / "none", "cpu")], lambda: None)
    assert isinstance(answer, FileProblem)


def test_a_map_is_loaded_with_what_to_expect_of_each_threshold(
    services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader
) -> None:
    rex = add("rex", size=(1300, 900))
    _predict(services, ctx, rex)
    layer = inline.run(LoadMap(_said(services, rex).map), services, ctx)
    assert isinstance(layer, MapLayer)
    assert [level.shape for level in layer.levels] == [(900, 1300), (450, 650), (225, 325)]
    assert int(layer.histogram.sum()) == 900 * 1300
    assert layer.histogram.shape == layer.expected_iou.shape == (256,)
    assert 0 < float(layer.expected_iou.max()) <= 1


def test_a_trial_keeps_nothing(services: Services, ctx: Any, add: Callable[..., Pair], loader: Loader) -> None:
    rex = add("rex")
    trial = inline.run(TryModel(rex.original, OPTIONS), services, ctx)
    assert isinstance(trial, Trial)
    assert trial.name.startswith("pawtrait ")
    assert trial.layer.levels[0].shape == (40, 60)
    assert services.project().pairs([rex.id]) == [rex]
    Path(rex.original.path).unlink()
    with pytest.raises(FileProblem):
        inline.run(TryModel(rex.original, OPTIONS), services, ctx)
