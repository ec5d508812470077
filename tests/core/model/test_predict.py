"""What is said of a photo: one portrait, two or none, where to cut, and how sure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.errors import DeviceProblem
from core.model import checkpoint, portrait, predict, threshold
from core.model.card import ModelProblem
from core.model.predict import Model, cut_map, load_model
from core.model.raw_map import Map
from tests.core.model.conftest import CARD, FixedNetwork, blob, discs

GRID = (80, 120)
ONE = (40, 45, 20, 0.97)
OTHER = (90, 40, 16, 0.97)


def _model(score: Map, **calibration: object) -> Model:
    table = {"found_slope": 8.0, "found_offset": -4.0, **calibration}
    return Model(replace(CARD, calibration=table), "0123456789ab", FixedNetwork(score))


def _photo(score: Map, factor: int = 3) -> NDArray[np.uint8]:
    """A photo that shows what the map says."""
    large = cv2.resize(score, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    return np.repeat((20 + 200 * large).astype(np.uint8)[..., None], 3, 2)


def test_one_portrait() -> None:
    score = blob(GRID, ONE)
    found = _model(score).predict(_photo(score))
    assert found.probability.shape == (240, 360) and found.probability.dtype == np.float32
    assert found.probability.min() >= 0 and found.probability.max() <= 1
    assert found.found > 0.9 and found.seconds > 0
    assert found.reason.startswith("One portrait found, with an expected overlap of ")
    ((left, top, right, bottom),) = found.portraits
    assert left == pytest.approx(60, abs=6) and right == pytest.approx(180, abs=6)
    assert top == pytest.approx(75, abs=6) and bottom == pytest.approx(195, abs=6)
    assert found.interval[0] <= found.threshold <= found.interval[1]
    truth = np.hypot(*(np.mgrid[:240, :360] - np.array([136, 121])[:, None, None])) <= 60
    cut = found.mask() > 0
    assert np.sum(cut & truth) / np.sum(cut | truth) > 0.95
    assert found.expected_iou > 0.75
    assert found.log_density is found.raw.log_density


@pytest.mark.parametrize("height", [0.0, 0.02, 0.2])
def test_nothing_found(height: float) -> None:
    score = blob(GRID, (*ONE[:3], height))
    found = _model(score).predict(_photo(score))
    assert found.found < 0.5
    assert found.reason == "Nothing found: no part of the photo looks like a pet's head."


@pytest.mark.parametrize("size", [(1, 1), (15, 15), (15, 400)])
def test_a_photo_that_is_too_small_shows_nothing_whatever_the_map_says(size: tuple[int, int]) -> None:
    found = _model(blob(GRID, ONE)).predict(np.zeros((*size, 3), np.uint8))
    assert found.reason == "Nothing found: the photo is too small to show a pet."
    assert (found.found, found.portraits, found.expected_iou) == (0.0, (), 0.0)


def test_a_model_that_was_not_taught_what_is_no_portrait_takes_whatever_it_marks_for_one() -> None:
    score = blob(GRID, (*ONE[:3], 0.2))
    found = Model(CARD, "0123456789ab", FixedNetwork(score)).predict(_photo(score))
    assert found.found == 1.0


def test_a_card_may_name_one_threshold_for_all_photos() -> None:
    score = blob(GRID, ONE)
    found = _model(score, threshold=0.6, interval=[0.5, 0.7]).predict(_photo(score))
    assert (found.threshold, found.interval) == (0.6, (0.5, 0.7))


@pytest.mark.parametrize(("at", "ends"), [(0.6, [0.7, 0.8]), (1.5, [1.2, 1.7]), (0.6, [0.5, float("nan")])])
def test_a_threshold_outside_of_its_interval_or_scale_is_refused(at: float, ends: list[float]) -> None:
    with pytest.raises(ModelProblem):
        _model(blob(GRID, ONE), threshold=at, interval=ends)


def test_where_nothing_is_at_all_the_mask_is_empty_at_every_cut() -> None:
    found = _model(np.zeros(GRID, np.float32)).predict(np.zeros((240, 360, 3), np.uint8))
    assert found.portraits == () and found.expected_iou == 0
    assert all(found.mask(cut).max() == 0 for cut in (None, 0.0, 0.5, 1.0))


def test_two_pets_are_told_apart() -> None:
    score = blob(GRID, ONE, OTHER)
    first, second, last = (_model(score).predict(_photo(score), portrait=number) for number in (0, 1, 7))
    assert len(first.portraits) == 2
    assert first.portraits == second.portraits
    assert first.reason == "Two pets found: this is the clearer one."
    assert second.reason == last.reason == "Two pets found: this is the less clear one."
    left, right = np.s_[:, :190], np.s_[:, 210:]
    assert first.mask()[left].any() and not first.mask()[right].any()
    assert second.mask()[right].any() and not second.mask()[left].any()
    assert np.array_equal(last.mask(), second.mask())


def test_a_vague_edge_is_said() -> None:
    y, x = np.mgrid[: GRID[0], : GRID[1]]
    score = np.exp(-((x - 60) ** 2 + (y - 40) ** 2) / 700).astype(np.float32)
    found = _model(score).predict(np.full((*GRID, 3), 90, np.uint8))
    assert found.reason == f"The portrait's edge is unsure: an overlap of {found.expected_iou:.0%} is expected."


def test_a_higher_threshold_never_adds_a_pixel() -> None:
    score = blob(GRID, ONE)
    found = _model(score).predict(_photo(score))
    before = np.full(found.probability.shape, 255, np.uint8)
    for cut in (0.0, 1 / 255, 0.1, 0.5, 0.9, 0.99, 1.0):
        mask = found.mask(cut)
        assert set(np.unique(mask)) <= {0, 255}
        assert (mask <= before).all()
        before = mask
    assert np.array_equal(found.mask(), found.mask(found.threshold))


def test_a_cut_at_nought_leaves_out_what_is_nought() -> None:
    assert cut_map(np.array([[0, 0.001, 0.002, 1]], np.float32), 0.0).tolist() == [[0, 0, 255, 255]]


@pytest.mark.parametrize("shift", [-2.0, -0.2, 0.0, 0.05, 2.0])
def test_the_learned_threshold_stays_on_the_scale(shift: float) -> None:
    score = blob(GRID, ONE)
    plain = threshold.best(threshold.expected_iou(threshold.histogram(score)))[0]
    found = _model(score, threshold_shift=shift).predict(_photo(score))
    assert 1 / 255 <= found.interval[0] <= found.threshold <= found.interval[1] <= 1
    if shift == 0.05:
        assert found.threshold == pytest.approx(plain + 0.05, abs=0.01)


@pytest.mark.parametrize(("gain", "offset", "least", "most"), [(0.0, 0.5, 0.5, 0.5), (5.0, 0, 1, 1), (1, -9, 0, 0)])
def test_the_expected_overlap_is_calibrated_and_a_share(gain: float, offset: float, least: float, most: float) -> None:
    score = blob(GRID, ONE)
    found = _model(score, iou_gain=gain, iou_offset=offset).predict(_photo(score))
    assert least <= found.expected_iou <= most


@pytest.mark.parametrize("size", [(240, 360), (90, 3000), (3000, 91), (1, 1), (1, 4000)], ids=str)
def test_the_map_for_the_desk(size: tuple[int, int]) -> None:
    score = np.full((1, 1), 0.6, np.float32)
    found = _model(score).predict(np.full((*size, 3), 90, np.uint8))
    small = found.map8()
    factor = min(1, predict.MAP_SIDE / max(size))
    assert small.dtype == np.uint8
    assert small.shape == (max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))
    assert set(np.unique(small)) == {round(0.6 * 255)}
    assert max(found.map8(50).shape) <= 50
    assert np.array_equal(found.map8(10_000), np.rint(found.probability * 255).astype(np.uint8))


@pytest.mark.parametrize("key", ["threshold_shift", "iou_gain", "iou_offset", "found_slope", "found_offset"])
@pytest.mark.parametrize("value", [float("nan"), float("-inf"), "much", None, 10**400, 1e12])
def test_a_calibration_that_makes_no_sense_is_refused(key: str, value: object) -> None:
    with pytest.raises(ModelProblem, match=f"for its {key}. Choose another model"):
        _model(np.ones((1, 1), np.float32), **{key: value})


@pytest.fixture
def read_out(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "m.safetensors"
    checkpoint.save(path, portrait.tensors_of(portrait.empty("efficientnet-lite0")), CARD)
    return path


def test_a_file_becomes_a_model_that_answers_the_same_each_time(read_out: Path) -> None:
    photo, _ = discs(60, 90, (40, 30, 20))
    one, same = (load_model(str(read_out), device="cpu", views=2) for _ in range(2))
    assert one.card == CARD and one.version == checkpoint.version_of(read_out)
    first, again, other = one.predict(photo), one.predict(photo), same.predict(photo)
    assert np.array_equal(first.raw.score, again.raw.score)
    assert np.array_equal(first.probability, other.probability)
    assert first.probability.shape == (60, 90)


def test_several_photos_are_predicted_as_each_alone(read_out: Path) -> None:
    model = load_model(str(read_out), device="cpu", views=2)
    photos = [discs(60, 90, (x, 30, 20))[0] for x in (40, 50, 60)]
    for photo, found in zip(photos, model.predict_all(photos, [0, 0, 0]), strict=True):
        alone = model.predict(photo)
        np.testing.assert_allclose(found.probability, alone.probability, atol=2e-3)
        assert found.threshold == pytest.approx(alone.threshold, abs=0.02)
        assert found.seconds > 0


def test_models_that_cannot_be_used(read_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card, tensors = checkpoint.load(read_out)
    path = tmp_path / "other.safetensors"
    checkpoint.save(path, tensors, replace(card, trunk="resnet"))
    with pytest.raises(ModelProblem, match="There is no trunk called 'resnet'"):
        load_model(str(path), device="cpu")
    checkpoint.save(path, dict(list(tensors.items())[1:]), card)
    with pytest.raises(ModelProblem, match=r"other\.safetensors belongs to another network"):
        load_model(str(path), device="cpu")
    checkpoint.save(path, tensors, replace(card, calibration={"slope": float("nan")}))
    with pytest.raises(ModelProblem, match="nan for its slope"):
        load_model(str(path), device="cpu")
    checkpoint.save(path, tensors, replace(card, architecture="deepgaze2"))
    with pytest.raises(ModelProblem, match="of another kind"):
        portrait.load(path, "cpu", None, 1)
    with pytest.raises(DeviceProblem, match="Use auto, cpu or cuda"):
        load_model(str(read_out), device="abacus")
