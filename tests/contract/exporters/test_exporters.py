"""What every exporter promises; a new one in the registry is tested by this without another line."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from core.errors import FileProblem
from core.export.exporters import EXPORTERS, Exporter
from core.images.picture import Picture

RNG = np.random.default_rng(5)
HEIGHT, WIDTH = 37, 53
MASK = np.clip(np.add.outer(np.arange(HEIGHT), np.arange(WIDTH)) * 4 - 60, 0, 255).astype(np.uint8)
RGB = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)

exporters = pytest.mark.parametrize("exporter", EXPORTERS.values(), ids=EXPORTERS)


def _photo(alpha: bool = False) -> Picture:
    return Picture(RGB, RNG.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8) if alpha else None, WIDTH, HEIGHT)


def _decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


@exporters
def test_it_says_what_it_is(exporter: Exporter) -> None:
    assert exporter.title
    assert exporter.suffix.startswith(".")


@exporters
def test_its_files_have_the_size_of_the_original(exporter: Exporter) -> None:
    assert _decoded(exporter.encode(MASK, _photo)).shape[:2] == (HEIGHT, WIDTH)


@exporters
def test_the_same_pair_gives_the_same_bytes(exporter: Exporter) -> None:
    assert exporter.encode(MASK, _photo) == exporter.encode(MASK, _photo)


@exporters
def test_it_leaves_what_it_is_given_alone(exporter: Exporter) -> None:
    mask, photo = MASK.copy(), _photo()
    exporter.encode(mask, lambda: photo)
    assert np.array_equal(mask, MASK)
    assert np.array_equal(photo.rgb, RGB)


@exporters
@pytest.mark.parametrize("value", [0, 255])
def test_empty_and_full_masks_are_fine(exporter: Exporter, value: int) -> None:
    shown = _decoded(exporter.encode(np.full_like(MASK, value), _photo))
    last = shown if shown.ndim == 2 else shown[..., -1]
    assert np.all(last == value)


@exporters
def test_an_original_that_it_cannot_read_is_a_file_problem_or_not_needed(exporter: Exporter) -> None:
    def gone() -> Picture:
        raise FileProblem("It is gone.")

    try:
        data = exporter.encode(MASK, gone)
    except FileProblem:
        return
    assert data == exporter.encode(MASK, _photo)


def test_masks_are_cut_at_one_half() -> None:
    assert np.array_equal(_decoded(EXPORTERS["masks"].encode(MASK, _photo)), np.where(MASK >= 128, 255, 0))


def test_cutouts_keep_colours_and_soft_edges() -> None:
    shown = _decoded(EXPORTERS["cutouts"].encode(MASK, _photo))
    assert np.array_equal(shown[..., :3], RGB)
    assert np.array_equal(shown[..., 3], MASK)


def test_what_was_transparent_in_the_original_stays_so() -> None:
    photo = _photo(alpha=True)
    assert photo.alpha is not None
    shown = _decoded(EXPORTERS["cutouts"].encode(MASK, lambda: photo))
    assert np.allclose(shown[..., 3], MASK / 255 * photo.alpha, atol=0.51)


@pytest.mark.parametrize("name", ["cutouts", "clean-cutouts"])
def test_a_mask_of_another_photo_is_a_bug(name: str) -> None:
    with pytest.raises(ValueError, match="mask of"):
        EXPORTERS[name].encode(MASK[:-1], _photo)


def test_clean_cutouts_lose_the_background_in_soft_edges() -> None:
    alpha = np.tile(np.clip(np.linspace(-600, 900, 60), 0, 255).astype(np.uint8), (40, 1))
    front, back, share = np.array([200, 120, 40]), np.array([20, 60, 200]), (alpha / 255)[..., None]
    photo = Picture(np.rint(front * share + back * (1 - share)).astype(np.uint8), None, 60, 40)
    shown = _decoded(EXPORTERS["clean-cutouts"].encode(alpha, lambda: photo))
    assert np.array_equal(shown[..., 3], alpha)
    soft = (alpha > 100) & (alpha < 255)
    assert np.abs(shown[soft][:, :3] - front).mean() < 0.3 * np.abs(photo.rgb[soft] - front).mean()
