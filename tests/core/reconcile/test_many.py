"""Pairs taken together: what happens when memory runs out; several animals in one designer image; stretched ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from families import Made, make

from core.errors import DeviceProblem
from core.maths.backend import Array, NumpyBackend
from core.maths.masks import Mask, dilate, iou
from core.maths.metrics import corner_error
from core.maths.warp import affine_from_matrix, apply
from core.reconcile import pawtrait
from core.reconcile.foreground import find_foreground, separate
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import Asked, reconcile, reconcile_many
from core.reconcile.result import Result
from tests.core.reconcile.conftest import Rgb, Truth, make_pair, photo, picture

OPTIONS = ReconcileOptions(device="cpu", max_rotation_deg=21.0)


def _nothing() -> None:
    """A check that lets everything pass."""


# --- memory -----------------------------------------------------------------------------------------------------------


class _SmallMachine(NumpyBackend):
    """Memory runs out where that many spectra or blurred planes are asked for at once; it takes many, like a GPU."""

    at_once = 1_500_000

    def __init__(self, spectra: int, planes: int = 10**6) -> None:
        self.spectra, self.planes_at_once, self.released = spectra, planes, 0

    def release(self) -> None:
        self.released += 1

    def fft2(self, planes: Array, shape: tuple[int, int]) -> Array:
        if planes.shape[0] > self.spectra:
            raise MemoryError
        return super().fft2(planes, shape)

    def blur(self, planes: Array, sigma: float) -> Array:
        if planes.shape[0] > self.planes_at_once:
            raise MemoryError
        return super().blur(planes, sigma)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return what was tried, in order: how many pairs, and within how many megabytes."""
    attempts: list[tuple[int, int]] = []
    found = pawtrait._found

    def spy(asked: list[Asked], options: ReconcileOptions, *rest: Any) -> Any:
        attempts.append((len(asked), options.max_memory_mb))
        return found(asked, options, *rest)

    monkeypatch.setattr(pawtrait, "_found", spy)
    return attempts


def _use(backend: NumpyBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pawtrait, "backend_for", lambda device: backend)


def _placed(pair: Truth, answer: object) -> bool:
    assert isinstance(answer, Result)
    return pair.error(answer.placement) < 0.1


def test_where_memory_runs_out_the_pairs_are_taken_in_halves(
    monkeypatch: pytest.MonkeyPatch, tried: list[tuple[int, int]]
) -> None:
    """Twelve hypotheses of each pair are blurred together: those of two pairs fit."""
    pairs = [make_pair(), make_pair("rocket"), make_pair("chelsea", turn=9.0), make_pair(background="flat")]
    backend = _SmallMachine(100, planes=28)
    _use(backend, monkeypatch)
    answers = reconcile_many([(pair.original, pair.designer, None) for pair in pairs], OPTIONS, _nothing)
    assert [count for count, _ in tried] == [4, 2, 2]
    assert {memory for _, memory in tried} == {1024}
    assert backend.released == 1
    assert all(_placed(pair, answer) for pair, answer in zip(pairs, answers, strict=True))


def test_an_odd_number_of_pairs_is_halved_in_order(
    monkeypatch: pytest.MonkeyPatch, tried: list[tuple[int, int]]
) -> None:
    pair, other = make_pair(), make_pair("rocket")
    tiny = picture(np.zeros((9, 30, 3), np.uint8))
    _use(_SmallMachine(100, planes=17), monkeypatch)
    asked: list[Asked] = [
        (pair.original, pair.designer, None),
        (tiny, tiny, None),
        (other.original, other.designer, None),
    ]
    answers = reconcile_many(asked, OPTIONS, _nothing)
    assert [count for count, _ in tried] == [3, 1, 2]
    assert _placed(pair, answers[0])
    assert isinstance(answers[1], Result)
    assert "too small" in answers[1].reason
    assert _placed(other, answers[2])


def test_a_single_pair_is_searched_in_smaller_chunks(
    monkeypatch: pytest.MonkeyPatch, tried: list[tuple[int, int]]
) -> None:
    pair = make_pair()
    _use(_SmallMachine(6), monkeypatch)  # all scales of the original are five, the pairs of turns eleven
    answer = reconcile(pair.original, pair.designer, replace(OPTIONS, max_rotation_deg=60.0), _nothing)
    assert tried == [(1, 1024), (1, 16), (1, 4)]
    assert _placed(pair, answer)
    assert answer.confidence > 0.9


def test_where_nothing_fits_it_is_the_devices_fault(
    monkeypatch: pytest.MonkeyPatch, tried: list[tuple[int, int]]
) -> None:
    pair = make_pair()
    backend = _SmallMachine(0)
    _use(backend, monkeypatch)
    with pytest.raises(DeviceProblem, match="not enough memory") as caught:
        reconcile(pair.original, pair.designer, OPTIONS, _nothing)
    assert caught.value.message.endswith(".")
    assert "cpu" in caught.value.remedy
    assert tried == [(1, 1024), (1, 16), (1, 4), (1, 1)]
    assert backend.released == len(tried)


# --- several animals --------------------------------------------------------------------------------------------------


def _photo(name: str, x: int, y: int, a: int, b: int) -> tuple[Rgb, Mask]:
    rgb = photo(name)
    mask = np.zeros(rgb.shape[:2], np.uint8)
    cv2.ellipse(mask, (x, y), (a, b), 0, 0, 360, (255,), -1)
    return rgb, mask


@cache
def _several(background: str) -> Made:
    cat, woman = _photo("chelsea", 225, 130, 95, 95), _photo("astronaut", 225, 120, 75, 95)
    return make(*cat, "several", 2, [woman], background=background)


@pytest.mark.parametrize("background", ["alpha", "white", "flat"])
def test_of_two_animals_the_one_in_the_photo_is_placed_and_is_the_mask(background: str) -> None:
    made = _several(background)
    assert len(separate(find_foreground(made.designer))) == 2
    result = reconcile(made.original, made.designer, ReconcileOptions(device="cpu"), _nothing)
    assert result.placement is not None
    assert made.affine is not None
    found, size = affine_from_matrix(result.placement.matrix()), (made.designer.width, made.designer.height)
    assert corner_error(found, made.affine, size) < 0.5
    assert result.confidence > 0.9
    assert result.mask is not None
    assert iou(result.mask, made.mask) > 0.97
    away = 255 - dilate(made.mask, 6)
    assert (result.mask[away > 0] >= 128).mean() < 0.005  # slivers of the other one's edge


def test_two_designer_images_side_by_side_are_placed_by_the_one_that_is_in_the_photo() -> None:
    cat = make_pair("chelsea", background="alpha", turn=9.0)
    woman = make_pair("astronaut", background="alpha")
    assert cat.designer.alpha is not None
    assert woman.designer.alpha is not None
    beside = [
        np.concatenate([one, other], axis=1)
        for one, other in ((cat.designer.rgb, woman.designer.rgb), (cat.designer.alpha, woman.designer.alpha))
    ]
    result = reconcile(cat.original, picture(beside[0], beside[1]), OPTIONS, _nothing)
    assert result.placement is not None
    middle = np.array([[210.0, 200.0]])
    assert (
        np.hypot(*(apply(affine_from_matrix(result.placement.matrix()), middle) - apply(cat.affine, middle))[0]) < 0.5
    )
    assert result.mask is not None
    assert iou(result.mask, cat.mask) > 0.97


# --- stretched --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("background", ["white", "alpha"])
@pytest.mark.parametrize("name", ["chelsea", "coffee"])
def test_a_clean_pair_is_not_stretched(name: str, background: str) -> None:
    pair = make_pair(name, background=background, turn=12.0)
    result = reconcile(pair.original, pair.designer, OPTIONS, _nothing)
    assert result.stretch < 0.001
    assert "stretched" not in result.reason


@pytest.mark.parametrize("stretch", [1.03, 1 / 1.03])
@pytest.mark.parametrize("name", ["chelsea", "coffee"])
def test_a_stretched_designer_image_is_placed_and_said_to_be_stretched(name: str, stretch: float) -> None:
    pair = make_pair(name, turn=12.0)
    width = round(pair.designer.width * stretch)
    way = cv2.INTER_CUBIC if stretch > 1 else cv2.INTER_AREA
    rgb = np.asarray(cv2.resize(pair.designer.rgb, (width, pair.designer.height), interpolation=way), np.uint8)
    result = reconcile(pair.original, picture(rgb), OPTIONS, _nothing)
    true = max(width / pair.designer.width, pair.designer.width / width) - 1
    assert result.stretch == pytest.approx(true, abs=0.002)
    assert f"the designer image is stretched or bent by {result.stretch:.1%}" in result.reason
    assert result.confidence > 0.9
