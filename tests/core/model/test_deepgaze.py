"""The paper's model trained on photos that it can understand, its file, and its answers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import Cancelled, UsageProblem
from core.model import checkpoint, deepgaze, threshold
from core.model.card import ModelProblem
from core.model.data import Example
from core.model.deepgaze2 import DeepGaze2
from core.model.fitting import Schedule
from core.model.fixation_tables import Picture
from tests.core.model.deepgaze_case import Colours, discs, looks

pytestmark = pytest.mark.xdist_group("deepgaze")  # its fixtures cost more than its tests: one worker makes them once
_QUICK = Schedule(epochs=14, batch=4, rate=4e-3, decay=0.0, dropout=0.0, patience=14)


def _quiet(*_: object) -> None:
    pass


def _setting(folder: Path, **changes: Any) -> deepgaze.Setting:
    return deepgaze.Setting(
        **{"trunk": Colours(), "cache": folder / "cache", "size": 96, "schedule": _QUICK, **changes}
    )


def _save(path: Path, trained: deepgaze.Trained) -> Path:
    checkpoint.save(path, *trained)
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Example]]:
    """A read-out trained on discs, and discs that it has not seen."""
    folder = tmp_path_factory.mktemp("discs")
    examples = discs(folder / "data", 40)
    path = _save(folder / "discs.safetensors", deepgaze.train(examples[:32], _setting(folder), _quiet, _quiet))
    return path, examples[32:]


def _iou(model: DeepGaze2, examples: list[Example]) -> float:
    ious = []
    for example in examples:
        truth = np.asarray(Image.open(example.mask)) >= 128
        (found,) = model.maps([np.asarray(Image.open(example.image))])
        score = cv2.resize(found.score, truth.shape[::-1], interpolation=cv2.INTER_LINEAR)
        cut = score >= model.card.calibration["threshold"]
        ious.append((cut & truth).sum() / (cut | truth).sum())
    return float(np.mean(ious))


def test_it_finds_what_it_was_trained_to_find(trained: tuple[Path, list[Example]]) -> None:
    assert _iou(DeepGaze2.load(trained[0], Colours()), trained[1]) > 0.6


def test_mirrored_views_are_averaged(trained: tuple[Path, list[Example]]) -> None:
    path, examples = trained
    photo = np.asarray(Image.open(examples[0].image))
    model = DeepGaze2.load(path, Colours(), views=2)
    one, other = model.maps([photo, np.ascontiguousarray(photo[:, ::-1])])
    assert one.log_density == pytest.approx(other.log_density[:, ::-1], abs=0.05)


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (640, 200)])
def test_any_photo_gets_a_sound_map(trained: tuple[Path, list[Example]], shape: tuple[int, int]) -> None:
    (found,) = DeepGaze2.load(trained[0], Colours()).maps([np.full((*shape, 3), 90, np.uint8)])
    assert max(found.score.shape) == 24  # RawMap itself checks the rest


def test_the_card_says_thresholds_on_the_scores_scale(trained: tuple[Path, list[Example]]) -> None:
    card = checkpoint.read_card(trained[0])
    low, high = card.calibration["interval"]
    assert 0 < low <= card.calibration["threshold"] <= high < 1
    assert set(card.calibration["rules"]) == set(threshold.RULES)
    assert card.trained_on == 32 and card.options["size"] == 96


def test_a_seed_gives_the_same_read_out_again_and_after_an_interruption(tmp_path: Path) -> None:
    examples = discs(tmp_path / "data", 12)
    setting = _setting(tmp_path, schedule=dataclasses.replace(_QUICK, epochs=4))
    whole, _ = deepgaze.train(examples, setting, _quiet, _quiet)
    cut = dataclasses.replace(setting, resume=tmp_path / "going.safetensors")

    def pull_the_plug(stage: str, epoch: int, *_: object) -> None:
        if stage == "masks" and epoch == 3:
            raise Cancelled

    seen: list[int] = []
    with pytest.raises(Cancelled):
        deepgaze.train(examples, cut, pull_the_plug, _quiet)
    resumed, _ = deepgaze.train(
        examples, cut, lambda stage, epoch, *_: seen.append(epoch) if stage == "masks" else None, _quiet
    )
    assert seen[0] == 3 and resumed.keys() == whole.keys()
    for name, value in whole.items():
        torch.testing.assert_close(resumed[name], value)
    other, _ = deepgaze.train(examples, dataclasses.replace(setting, seed=1), _quiet, _quiet)
    assert not torch.equal(other["layers.0.weight"], whole["layers.0.weight"])


def test_a_damaged_or_foreign_checkpoint_is_passed_over(tmp_path: Path) -> None:
    examples = discs(tmp_path / "data", 10)
    going = tmp_path / "going.safetensors"
    going.write_bytes(b"half a file")
    setting = _setting(tmp_path, schedule=dataclasses.replace(_QUICK, epochs=2), resume=going)
    first, _ = deepgaze.train(examples, setting, _quiet, _quiet)
    other = dataclasses.replace(setting, schedule=dataclasses.replace(_QUICK, epochs=1))
    deepgaze.train(examples, other, _quiet, _quiet)
    assert torch.isfinite(first["layers.0.weight"]).all()


def test_check_ends_it(tmp_path: Path) -> None:
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 30:
            raise Cancelled

    with pytest.raises(Cancelled):
        deepgaze.train(discs(tmp_path / "data", 10), _setting(tmp_path), _quiet, check)
    assert calls == 30


def test_too_few_photos_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="too few"):
        deepgaze.train(discs(tmp_path / "data", 5), _setting(tmp_path), _quiet, _quiet)


@pytest.mark.parametrize("value", [0, 255])
def test_masks_that_show_no_edge_are_a_sentence_before_anything_is_computed(tmp_path: Path, value: int) -> None:
    examples = discs(tmp_path / "data", 12)
    for example in examples[:5]:
        Image.fromarray(np.full_like(np.asarray(Image.open(example.mask)), value)).save(example.mask)
    told: list[object] = []
    with pytest.raises(UsageProblem, match="7 photos whose mask is neither empty nor full are too few"):
        deepgaze.train(examples, _setting(tmp_path), lambda *said: told.append(said), _quiet)
    assert told == []


def test_a_picture_in_two_formats_stays_on_one_side(tmp_path: Path) -> None:
    none = np.zeros(0)
    pictures = [
        Picture(f"{stem}.{kind}", tmp_path / f"{stem}.{kind}", 8, 8, none.astype(np.int64), none, none)
        for stem in range(40)
        for kind in ("jpg", "png")
    ]
    held = deepgaze.held_out_pictures(pictures, 0.3)
    assert 0 < len(held) < 80
    assert all((number ^ 1) in held for number in held)


def test_pre_training_explains_gazes_and_training_goes_on_from_it(tmp_path: Path) -> None:
    examples = discs(tmp_path / "data", 40)
    tensors, card = deepgaze.pretrain(looks(examples), _setting(tmp_path), _quiet, _quiet)
    assert card.name == "deepgaze2-vgg16-fixations" and card.metrics["information_gain_bits"] > 0.5
    assert 0.4 < card.metrics["explained"] < 1.3 and card.metrics["auc"] > 0.7
    seen = set(card.options["seen"])
    held = [one for one in examples if deepgaze.mark(one.image.name) not in seen]
    assert len(held) == card.metrics["pictures"] > 1
    path = _save(tmp_path / "gaze.safetensors", (tensors, card))
    short = dataclasses.replace(_QUICK, epochs=1, rate=1e-5)
    again, _ = deepgaze.train(examples, _setting(tmp_path, start_from=path, schedule=short), _quiet, _quiet)
    torch.testing.assert_close(again["layers.0.weight"], tensors["layers.0.weight"], atol=1e-2, rtol=0)
    assert not torch.equal(again["centre_bias"], tensors["centre_bias"])


def test_another_kinds_file_is_refused(trained: tuple[Path, list[Example]], tmp_path: Path) -> None:
    card, tensors = checkpoint.load(trained[0])
    for name, change in (
        ("kind", {"architecture": "portrait"}),
        ("size", {"options": {"size": "large"}}),
        ("slope", {"calibration": {"slope": "steep"}}),
    ):
        path = _save(tmp_path / f"{name}.safetensors", (tensors, dataclasses.replace(card, **change)))
        with pytest.raises(ModelProblem):
            DeepGaze2.load(path, Colours())
    wild = tensors | {"log_sigma": torch.tensor(60.0)}
    with pytest.raises(ModelProblem, match="blurs"):
        DeepGaze2.load(_save(tmp_path / "wild.safetensors", (wild, card)), Colours())
