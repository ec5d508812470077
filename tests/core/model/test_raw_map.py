"""A model's answer is checked at the door."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.raw_map import Map, RawMap, normalised


def _density(shape: tuple[int, int] = (7, 9), seed: int = 1) -> Map:
    return normalised(np.random.default_rng(seed).normal(0, 3, shape).astype(np.float32))


def test_a_sound_map_is_taken() -> None:
    density = _density()
    RawMap(np.full(density.shape, 0.5, np.float32), density)


@pytest.mark.parametrize("flaw", ["nan", "sum", "high", "low", "shape", "kind"])
def test_a_flaw_is_a_bug(flaw: str) -> None:
    density, score = _density(), np.full((7, 9), 0.5, np.float32)
    if flaw == "nan":
        density[0, 0] = np.nan
    elif flaw == "sum":
        density += 0.01
    elif flaw == "shape":
        score = score[1:]
    elif flaw == "kind":
        score = score.astype(np.float64)
    else:
        score[3, 3] = 1.01 if flaw == "high" else -0.01
    with pytest.raises(AssertionError):
        RawMap(score, density)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 99))
def test_it_sums_to_one_after_every_resize(height: int, width: int, seed: int) -> None:
    resized = np.asarray(cv2.resize(_density(seed=seed), (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    density = normalised(resized)
    RawMap(np.zeros(density.shape, np.float32), density)


def test_large_numbers_do_not_overflow() -> None:
    density = normalised(np.array([[800.0, 801.0]], np.float32))
    assert np.exp(density.astype(np.float64)).sum() == pytest.approx(1, abs=1e-6)
