"""What a project has to train on: one mask for each photo, and what is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.domain import Decision, MaskSource, Pair, Prediction, Review
from core.edits import RemovePair, SetPrediction, SetReconciliation, SetReview
from core.images.io import decode_mask, encode_mask
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.work.examples import examples_of
from core.store.base import Store
from tests.core.jobs.coaching import ACCEPTED, ANN


def test_accepted_and_corrected_masks_are_examples_one_for_each_photo(
    project: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path
) -> None:
    store: Store = project.project()
    first, second = add("first"), add("second")
    other = np.zeros((40, 60), np.uint8)
    other[5:15, 5:50] = 255
    corrected = add("corrected", Review(Decision.CORRECTED), other, photo="first")
    newer = add("newer", ACCEPTED, None, photo="first")
    for name, decision in (("rejected", Decision.REJECTED), ("open", Decision.UNDECIDED)):
        add(name, Review(decision))
    found, failures = examples_of(store, tmp_path / "masks", ctx)
    assert [example.key for example in found] == sorted([first.original.sha256, second.original.sha256])
    assert failures == []
    (mine,) = [example for example in found if example.key == first.original.sha256]
    assert newer.original.sha256 == mine.key
    assert np.array_equal(decode_mask(mine.mask.read_bytes()), other), "corrected goes before accepted and newer"
    assert mine.image == Path(corrected.original.path)


def test_a_predictions_mask_is_cut_at_the_photos_size(
    project: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path
) -> None:
    store, pair = project.project(), add("rex")
    small = np.zeros((20, 30), np.uint8)
    small[5:15, 5:15] = 200
    said = Prediction("pawtrait", "0" * 12, store.put_mask(encode_mask(small), 30, 20), 0.5, (0.4, 0.6), 0.9, 1, "", 0)
    store.apply([SetPrediction(pair.id, None, said)], ANN)
    store.apply([SetReview(pair.id, ACCEPTED, replace(ACCEPTED, source=MaskSource.PREDICTION))], ANN)
    ((example,), _) = examples_of(store, tmp_path / "masks", ctx)
    mask = decode_mask(example.mask.read_bytes())
    assert mask.shape == (40, 60)
    assert np.argwhere(mask >= 128).min(0).tolist() == [10, 10]


def test_masks_from_earlier_times_are_taken_as_they_are(
    project: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path
) -> None:
    add("one")
    ((example,), _) = examples_of(project.project(), tmp_path / "masks", ctx)
    example.mask.touch()
    before = example.mask.stat().st_mtime_ns
    add("two")
    again, _ = examples_of(project.project(), tmp_path / "masks", ctx)
    assert len(again) == 2
    assert example.mask.stat().st_mtime_ns == before
    (tmp_path / "masks" / "index.json").write_text("[" * 100_000)
    assert len(examples_of(project.project(), tmp_path / "masks", ctx)[0]) == 2


def test_what_teaches_nothing_is_left_out_with_a_sentence(
    project: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path
) -> None:
    store = project.project()
    add("fine")
    add("empty", mask=np.zeros((40, 60), np.uint8))
    add("full", mask=np.full((40, 60), 255, np.uint8))
    gone, broken = add("gone"), add("broken")
    Path(gone.original.path).unlink()
    bad = store.put_mask(b"no PNG", 60, 40)
    assert broken.reconciliation is not None
    store.apply([SetReconciliation(broken.id, broken.reconciliation, replace(broken.reconciliation, mask=bad))], ANN)
    found, failures = examples_of(store, tmp_path / "masks", ctx)
    assert len(found) == 1
    assert {failure.item for failure in failures} == {"empty", "full", "gone", "broken"}
    assert all(failure.message.endswith(".") and failure.remedy for failure in failures)
    assert ctx.of(ItemFailed) == failures


def test_a_removed_pair_is_no_example(
    project: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path
) -> None:
    project.project().apply([RemovePair(add("gone"))], ANN)
    assert examples_of(project.project(), tmp_path / "masks", ctx) == ([], [])
