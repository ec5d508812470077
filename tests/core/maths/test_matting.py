"""Matting: alpha and colours of made fur come back, at full and at reduced size; what is known stays."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import Cancelled
from core.maths import matting
from core.maths.matting import foreground_colours, matte, unknown_band


@pytest.fixture(scope="module")
def fur() -> dict[str, np.ndarray]:
    """A disc with a fringe of strands before a changing background: picture, alpha, portrait, mask and band."""
    y, x = np.mgrid[:200, :220].astype(float)
    away = np.hypot(x - 110, y - 100) - 60 + 6 * np.sin(np.arctan2(y - 100, x - 110) * 40)
    alpha = np.clip(0.5 - away / 5, 0, 1)
    noise = np.random.default_rng(0).random((200, 220))
    front = np.stack([0.8 + 0 * x, 0.5 + 0.1 * noise, 0.3 + 0 * x], axis=2)
    back = np.stack([0.1 + 0.3 * x / 220, 0.3 + 0 * x, 0.6 + 0.2 * y / 200], axis=2)
    rgb = front * alpha[..., None] + back * (1 - alpha[..., None])
    mask = np.where(away < 2, 255, 0).astype(np.uint8)
    band = np.where(np.abs(away) < 14, 255, 0).astype(np.uint8)
    return {"rgb": np.rint(255 * rgb).astype(np.uint8), "alpha": alpha, "front": front, "mask": mask, "band": band}


def _error(found: np.ndarray, fur: dict[str, np.ndarray]) -> float:
    return float(np.abs(found / 255 - fur["alpha"])[fur["band"] > 0].mean())


def test_alpha_comes_back(fur):
    found = matte(fur["rgb"], fur["mask"], fur["band"])
    assert _error(fur["mask"], fur) > 0.05
    assert _error(found, fur) < 0.005
    outside = fur["band"] == 0
    assert np.array_equal(found[outside], fur["mask"][outside])


def test_large_bands_are_solved_at_reduced_size(fur):
    assert _error(matte(fur["rgb"], fur["mask"], fur["band"], most=3000), fur) < 0.03


def test_the_portraits_own_colours_come_back(fur):
    alpha = np.rint(255 * fur["alpha"]).astype(np.uint8)
    soft = (alpha > 60) & (alpha < 250)
    colours = foreground_colours(fur["rgb"], alpha)
    wanted = 255 * fur["front"][soft]
    assert np.abs(fur["rgb"][soft] - wanted).mean() > 25
    assert np.abs(colours[soft] - wanted).mean() < 8
    hard = (alpha == 0) | (alpha == 255)
    assert np.array_equal(colours[hard], fur["rgb"][hard])


def test_colours_in_bands_of_rows_have_no_seam(fur, monkeypatch):
    alpha = np.rint(255 * fur["alpha"]).astype(np.uint8)
    whole = foreground_colours(fur["rgb"], alpha)
    monkeypatch.setattr(matting, "_ROWS", 40)
    assert np.abs(foreground_colours(fur["rgb"], alpha).astype(int) - whole).max() <= 1


def test_the_band_is_around_the_edge_and_where_it_is_soft():
    mask = np.zeros((40, 40), np.uint8)
    mask[:, 20:] = 255
    mask[5, 2] = 90
    band = unknown_band(mask, 4)
    assert np.flatnonzero(band[30]).tolist() == list(range(16, 24))
    assert band[5, 2] == 255


def test_nothing_open_and_nothing_known(fur):
    nothing, everything = fur["band"] * 0, np.full_like(fur["band"], 255)
    assert np.array_equal(matte(fur["rgb"], fur["mask"], nothing), fur["mask"])
    assert np.array_equal(matte(fur["rgb"], fur["mask"], everything), fur["mask"])


def test_a_band_at_the_frame(fur):
    part = {name: plane[60:140, :100] for name, plane in fur.items()}
    band = part["band"].copy()
    band[:, 0] = 255
    found = matte(np.ascontiguousarray(part["rgb"]), np.ascontiguousarray(part["mask"]), band)
    assert _error(found, part) < 0.01


def test_it_can_be_stopped(fur):
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        matte(fur["rgb"], fur["mask"], fur["band"], stop)
