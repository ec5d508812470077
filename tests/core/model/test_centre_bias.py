"""Kernel densities of where portraits and gazes lie."""

from __future__ import annotations

import numpy as np
import pytest

from core.model import centre_bias
from core.model.centre_bias import GRID


def _photos(count: int, seed: int = 1) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [
        centre_bias.of_points(*np.clip(rng.normal((50, 30), (10, 5), (40, 2)), 0, (99, 59)).T, 100, 60)
        for _ in range(count)
    ]


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (64, 64), (75, 100)])
def test_it_sums_to_one_on_every_grid(shape: tuple[int, int]) -> None:
    found = centre_bias.fit(_photos(20)).on(*shape)
    assert found.shape == shape
    assert np.exp(found.astype(np.float64)).sum() == pytest.approx(1, abs=1e-4)


def test_it_finds_the_middle_and_rules_nothing_out() -> None:
    found = centre_bias.fit(_photos(30)).log_density
    assert abs(np.unravel_index(int(found.argmax()), found.shape)[0] - GRID / 2) < 6
    assert np.exp(found.min()) >= 0.9 * 0.001 / GRID**2


def test_it_says_more_of_new_photos_than_a_flat_one() -> None:
    fitted, new = centre_bias.fit(_photos(30)), sum(_photos(10, 2))
    assert (new * fitted.log_density).sum() > (new * centre_bias.flat().log_density).sum()


def test_what_is_left_out_leaves_no_trace() -> None:
    photos = _photos(12)
    odd = centre_bias.of_points(np.full(400, 3.0), np.full(400, 3.0), 100, 60)
    like = centre_bias.fit([*photos, odd])
    without = centre_bias.without(np.sum([*photos, odd], axis=0), odd, like)
    same = centre_bias.without(np.sum(photos, axis=0), np.zeros((GRID, GRID)), like)
    assert without.log_density == pytest.approx(same.log_density, abs=1e-5)


def test_nothing_seen_is_flat() -> None:
    assert np.ptp(centre_bias.fit([]).log_density) == 0
    assert np.ptp(centre_bias.fit([np.zeros((GRID, GRID))] * 3).log_density) == 0


@pytest.mark.parametrize("shape", [(10, 20), (300, 200)])
def test_masks_count_alike_whatever_their_size(shape: tuple[int, int]) -> None:
    mask = np.zeros(shape, np.float32)
    mask[: shape[0] // 2] = 1
    found = centre_bias.of_mask(mask)
    assert found.sum() == pytest.approx(1) and found[: GRID // 2].sum() > 0.95
    assert centre_bias.of_mask(np.zeros(shape, np.float32)).sum() == 0
