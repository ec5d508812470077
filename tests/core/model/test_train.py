"""A training from end to end, small: it learns, goes on after a stop, and uses what an earlier one has computed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from core.errors import Cancelled, UserFacingError
from core.images.io import encode_mask
from core.maths.masks import iou
from core.model import augment, calibrate, checkpoint, portrait
from core.model import train as module
from core.model.card import ModelCard
from core.model.data import Example, split
from core.model.predict import Model
from core.model.train import Point, Progress, Training, _part_for_calibration, train
from tests.core.model.conftest import LIMITS, disc_examples

pytestmark = pytest.mark.xdist_group("train")  # its fixtures cost more than its tests: one worker makes them once
Result = tuple[dict[str, torch.Tensor], ModelCard]
EPOCHS = {"coarse": 10.0, "fine": 6.0}


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """Views of a third of the size, few at a time, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SIDES", {"coarse": 64, "fine": 64})
        patch.setattr(module, "_BATCH", 5)
        patch.setattr(module, "_CALIBRATION_SHARE", 0.35)
        patch.setattr(portrait, "COARSE", 64)
        patch.setattr(portrait, "FINE", 64)
        patch.setattr(calibrate, "ENOUGH", 2)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    return disc_examples(tmp_path_factory.mktemp("photos"), 24)


def _training(photos: list[Example], workdir: Path) -> Training:
    return Training(photos, workdir, LIMITS, held_out=0.25, epochs=EPOCHS)


class _Watch:
    """Notes the points, and cancels at a number of checks."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.points: list[Point] = []
        self.checks, self._stop_at = 0, stop_at
        self.progress = Progress(self.points.append, self._check)

    def _check(self) -> None:
        self.checks += 1
        if self.checks == self._stop_at:
            raise Cancelled


@pytest.fixture(scope="module")
def trained(photos: list[Example], tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, _Watch]:
    watch = _Watch()
    return train(_training(photos, tmp_path_factory.mktemp("work")), watch.progress), watch


@pytest.fixture(scope="module")
def start(trained: tuple[Result, _Watch], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "start.safetensors"
    checkpoint.save(path, *trained[0])
    return path


def _overlaps(path: Path, examples: list[Example]) -> list[float]:
    card, _ = checkpoint.load(path)
    model = Model(card, "", portrait.load(path, "cpu", None, 1))
    found = []
    for example in examples:
        photo = np.ascontiguousarray(cv2.imread(str(example.image))[..., ::-1])
        found.append(iou(model.predict(photo).mask(), cv2.imread(str(example.mask), cv2.IMREAD_GRAYSCALE)))
    return found


def test_it_learns_what_a_portrait_is(photos: list[Example], start: Path, trained: tuple[Result, _Watch]) -> None:
    _, held = split(photos, 0.25)
    masks = [cv2.imread(str(example.mask), cv2.IMREAD_GRAYSCALE) for example in held]
    constant = np.mean([(mask > 0).mean() for mask in masks])
    assert len(held) >= 3
    assert np.mean(_overlaps(start, held)) > max(0.6, 2 * constant)
    (tensors, card), watch = trained
    assert card.trained_on + len(held) <= 24 and card.seed == 1 and card.architecture == "portrait"
    assert all(tensor.dtype == torch.float16 for tensor in tensors.values())
    assert {"slope", "offset", "threshold_shift", "iou_gain", "iou_offset"} <= card.calibration.keys()
    assert [point.stage for point in watch.points] == sorted((p.stage for p in watch.points), reverse=True)
    assert watch.points[-1].epoch == watch.points[-1].epochs == EPOCHS["fine"]
    assert watch.points[-1].held_out_iou is not None and watch.points[-1].held_out_iou > 0.5
    assert watch.points[-1].loss < watch.points[0].loss


def test_stopped_and_taken_up_again_it_gives_the_same(
    photos: list[Example], trained: tuple[Result, _Watch], tmp_path: Path
) -> None:
    (wanted, card), watch = trained
    with pytest.raises(Cancelled):
        train(_training(photos, tmp_path), _Watch(watch.checks // 2).progress)
    torch.manual_seed(77)
    again = _Watch()
    tensors, same = train(_training(photos, tmp_path), again.progress)
    assert again.checks < 0.85 * watch.checks
    assert all(torch.equal(tensors[name], wanted[name]) for name in wanted)
    assert same == card


def _quick(photos: list[Example], workdir: Path, start: Path) -> Result:
    return train(replace(_training(photos, workdir), start_from=start, quick=True), _Watch().progress)


def test_a_quick_one_trains_the_read_outs_and_finds_its_features_again(
    photos: list[Example], start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, made = checkpoint.load_tensors(start), []
    real = augment._warped
    monkeypatch.setattr(augment, "_warped", lambda *given: made.append(1) or real(*given))
    tensors, card = _quick(photos[:-1], tmp_path, start)
    assert card.trunk == "efficientnet-lite2" and card.calibration
    changed = {name.split(".")[1] for name in tensors if not torch.equal(tensors[name], before[name])}
    assert changed == {"decoder"}
    first = len(made)
    again, _ = _quick(photos[:-1], tmp_path, start)
    assert len(made) == first
    assert all(torch.equal(tensors[name], again[name]) for name in tensors)
    _quick(photos, tmp_path, start)  # one photo more: all features but its own are there
    assert len(made) - first <= 0.35 * first


def test_a_corrected_mask_is_another_training(photos: list[Example], tmp_path: Path) -> None:
    own = disc_examples(tmp_path / "photos", 16)
    one = module._Training(_training(own, tmp_path / "work"), _Watch().progress)._work
    assert module._Training(_training(own, tmp_path / "work"), _Watch().progress)._work == one
    os.utime(own[0].mask, ns=(1, 1))
    assert module._Training(_training(own, tmp_path / "work"), _Watch().progress)._work != one


@pytest.mark.parametrize("count", [0, 1, 7])
def test_too_few_photos(photos: list[Example], tmp_path: Path, count: int) -> None:
    with pytest.raises(
        UserFacingError, match=f"There are {count} photos with a mask.*8 photos besides the held-out ones"
    ):
        train(_training(photos[:count], tmp_path), _Watch().progress)


@pytest.mark.parametrize(("fill", "word"), [(0, "empty"), (255, "full")])
def test_masks_of_one_kind(tmp_path: Path, fill: int, word: str) -> None:
    own = disc_examples(tmp_path / "photos", 14)
    for example in own:
        shape = cv2.imread(str(example.mask), cv2.IMREAD_GRAYSCALE).shape
        example.mask.write_bytes(encode_mask(np.full(shape, fill, np.uint8)))
    with pytest.raises(UserFacingError, match=f"All masks are {word}.*Train on photos whose masks show"):
        train(_training(own, tmp_path / "work"), _Watch().progress)


def test_photos_that_cannot_be_read(tmp_path: Path) -> None:
    own = disc_examples(tmp_path / "photos", 14)
    for example in own[2:]:
        example.image.write_bytes(b"no picture")
    with pytest.raises(UserFacingError, match=r"Only \d of the photos can be read: .*Look to those files first"):
        train(_training(own, tmp_path / "work"), _Watch().progress)


def test_what_cannot_be_read_is_told_and_left_out(tmp_path: Path) -> None:
    own = disc_examples(tmp_path / "photos", 20)
    own[3].image.write_bytes(b"no picture")
    torn = tmp_path / "torn.png"
    torn.write_bytes(b"no picture")
    told: list[tuple[str, str]] = []
    watch = replace(_Watch().progress, failed=lambda path, error: told.append((path.name, error.message)))
    what = replace(_training(own, tmp_path / "work"), without=[own[0].image, torn])
    training = module._Training(what, watch)
    assert [name for name, _ in told] == [own[3].image.name, "torn.png"]
    assert all(sentence for _, sentence in told)
    assert sum(map(len, training._shelves.values())) == 19 and len(training._empty) == 1


def test_photos_of_earlier_trainings_make_room(tmp_path: Path) -> None:
    own = disc_examples(tmp_path / "photos", 16)
    old = tmp_path / "work" / "photos" / "old.npy"
    old.parent.mkdir(parents=True)
    old.write_bytes(bytes(10))
    os.utime(old, ns=(1, 1))
    training = module._Training(replace(_training(own, tmp_path / "work"), cache_megabytes=0.0), _Watch().progress)
    assert not old.exists()
    assert all(file.exists() for shelf in training._shelves.values() for file in shelf.files)


def test_every_epoch_shows_every_photo_once_and_some_without_a_pet(photos: list[Example], tmp_path: Path) -> None:
    training = module._Training(
        replace(_training(photos, tmp_path), without=[photos[0].image, photos[1].image]), _Watch().progress
    )
    size = len(training._shelves["train"])
    shown = [entry for step in range(60) for entry in training._seeds("coarse", step)]
    counts = np.bincount([number for number, _, without in shown if not without], minlength=size)
    assert counts.min() > 0.6 * counts.mean()
    assert 0.02 < np.mean([without for _, _, without in shown]) < 0.16
    assert len({seed for _, seed, _ in shown}) == len(shown)
    assert shown != [entry for step in range(60) for entry in training._seeds("fine", step)]


def test_a_models_own_cut_calibrates_nothing(tmp_path: Path) -> None:
    made = [Example(f"p{n}", tmp_path, tmp_path, by_hand=n % 2 == 0) for n in range(600)]
    learned, kept = _part_for_calibration(made)
    assert len(kept) >= 16
    assert all(example.by_hand for example in kept)
    assert set(learned) == set(made) - set(kept)
