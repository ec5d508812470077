"""The guided filter against its definition, and its way to the photo's size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.model import refine
from core.model.raw_map import Map
from tests.core.model.conftest import blob, discs


def _noise(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def _slow(p: Map, photo: NDArray[np.uint8], radius: int, epsilon: float) -> NDArray[np.float64]:
    """He, Sun and Tang 2013, equations 19 to 21: window by window, in double precision."""

    def windows(values: NDArray[np.float64]) -> NDArray[np.float64]:
        pad = [(radius, radius)] * 2 + [(0, 0)] * (values.ndim - 2)
        padded = np.pad(values, pad, mode="symmetric")
        return np.lib.stride_tricks.sliding_window_view(padded, (2 * radius + 1,) * 2, (0, 1))

    guide = photo.astype(np.float64) / 255
    a, b = np.zeros((*p.shape, 3)), np.zeros(p.shape)
    colours, targets = windows(guide), windows(p.astype(np.float64))
    for y in range(p.shape[0]):
        for x in range(p.shape[1]):
            inside = colours[y, x].reshape(3, -1)
            target = targets[y, x].ravel()
            spread = np.cov(inside, bias=True) + epsilon * np.eye(3)
            shared = (inside * target).mean(1) - inside.mean(1) * target.mean()
            a[y, x] = np.linalg.solve(spread, shared)
            b[y, x] = target.mean() - a[y, x] @ inside.mean(1)
    return (windows(a).mean((-2, -1)) * guide).sum(-1) + windows(b).mean((-2, -1))


@pytest.mark.parametrize("kind", ["colour", "grey", "black and white", "flat"])
@pytest.mark.parametrize(("radius", "epsilon"), [(1, 1e-4), (3, 1e-4), (2, 1e-2)])
def test_it_is_the_filter_of_the_paper(kind: str, radius: int, epsilon: float) -> None:
    photo = _noise(17, 23)
    if kind != "colour":
        photo[..., 1:] = photo[..., :1]
    if kind == "black and white":
        photo = np.where(photo > 127, np.uint8(255), np.uint8(0))
    if kind == "flat":
        photo[:] = 77
    p = np.random.default_rng(1).random((17, 23)).astype(np.float32)
    assert refine.guided(p, photo, radius, epsilon) == pytest.approx(_slow(p, photo, radius, epsilon), abs=2e-4)


def test_a_soft_edge_moves_to_the_photo_s() -> None:
    photo, mask = discs(120, 160, (80, 60, 30))
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), 5)
    shifted = np.roll(soft, 2, 1)
    found = refine.guided(shifted, photo, 8) >= 0.5
    truth = mask > 0
    assert np.mean(found != truth) < 0.25 * np.mean((shifted >= 0.5) != truth)


@pytest.mark.parametrize("value", [0.1, 0.6, 1.0])
@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2000, 3), (90, 70), (1301, 977)])
def test_constants_stay(value: float, size: tuple[int, int]) -> None:
    grid = min(size[0], 60), min(size[1], 64)
    found = refine.to_photo(np.full(grid, value, np.float32), _noise(*size), 0.016)
    assert found.shape == size and found.dtype == np.float32
    assert np.abs(found - value).max() < 2e-4


def test_what_is_surely_out_is_nought() -> None:
    score = blob((60, 90), (30, 30, 8, 1.0))
    score[score < 0.01] = 0
    found = refine.to_photo(score, _noise(120, 180), 0.016)
    assert (found[:, 110:] == 0).all() and found[60, 60] > 0.9
    assert (refine.to_photo(np.full((9, 9), 0.01, np.float32), _noise(40, 40), 0.016) == 0).all()


@pytest.mark.parametrize("size", [(600, 900), (1333, 2001), (2100, 1400)], ids=str)
@pytest.mark.parametrize("grid", [(64, 96), (301, 450)], ids=str)
def test_cells_lie_where_they_say(size: tuple[int, int], grid: tuple[int, int]) -> None:
    """On a flat photo the filter only smooths: the map's centre of mass stays, at full size and at the reduced one."""
    score = blob(grid, (grid[1] * 0.62, grid[0] * 0.41, grid[0] * 0.2, 1.0))
    found = refine.to_photo(score, np.full((*size, 3), 99, np.uint8), 0.016)
    for axis in (0, 1):
        own = (np.arange(grid[axis]) + 0.5) / grid[axis]
        photo = (np.arange(size[axis]) + 0.5) / size[axis]
        wanted = np.average(own, weights=score.sum(1 - axis))
        reached = np.average(photo, weights=found.sum(1 - axis, dtype=np.float64))
        assert abs(reached - wanted) * size[axis] < 0.3


@pytest.mark.parametrize("size", [(1201, 1607), (2000, 1503)])
def test_the_reduced_way_agrees_with_the_full_one(monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    photo, mask = discs(*size, (size[1] * 0.52, size[0] * 0.47, size[0] * 0.3))
    photo = cv2.GaussianBlur(photo, (0, 0), 3).astype(np.uint8)
    score = cv2.resize(cv2.GaussianBlur(mask, (0, 0), 12).astype(np.float32) / 255, (200, 150))
    reduced = refine.to_photo(score, photo, 0.016)
    monkeypatch.setattr(refine, "_WORKING", 10_000)
    full = refine.to_photo(score, photo, 0.016)
    assert np.abs(reduced - full).mean() < 0.003
    assert np.mean((reduced >= 0.5) != (full >= 0.5)) < 0.001


@pytest.mark.parametrize("size", [(1201, 1607), (997, 2003), (4, 5000)])
def test_bands_of_rows_are_the_whole(monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    photo, score = _noise(*size), np.random.default_rng(2).random((4, 40)).astype(np.float32)
    in_bands = refine.to_photo(score, photo, 0.016)
    monkeypatch.setattr(refine, "_BAND", 10**6)
    assert np.array_equal(in_bands, refine.to_photo(score, photo, 0.016))


def test_the_result_stays_between_nought_and_one() -> None:
    score = np.random.default_rng(3).random((50, 60)).astype(np.float32)
    found = refine.to_photo(score, _noise(200, 240), 0.05)
    assert found.min() >= 0 and found.max() <= 1


def test_a_part_of_a_photo_need_not_be_copied_first() -> None:
    photo = _noise(100, 140)
    score = blob((50, 70), (30, 25, 12, 0.9))
    assert np.array_equal(
        refine.to_photo(score, photo[10:90, 20:120, ::-1], 0.016),
        refine.to_photo(score, photo[10:90, 20:120, ::-1].copy(), 0.016),
    )


def test_the_window_reaches_over_some_cells_of_a_coarse_map() -> None:
    score = np.zeros((12, 12), np.float32)
    score[2:10, 2:10] = 0.8  # 8 cells across: 2.5 of them are .3125 of the portrait's extent
    photo = _noise(240, 240)
    found = refine.to_photo(score, photo, 0.01)
    assert np.array_equal(found, refine.to_photo(score, photo, 0.3125))
    assert not np.array_equal(found, refine.to_photo(score, photo, 0.5))
