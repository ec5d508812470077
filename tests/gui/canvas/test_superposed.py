"""Two pictures over one another: what is seen where, and what the difference leaves out."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from core.domain import Placement
from core.jobs.answers import DisplayPicture
from core.maths.recolouring import ColourTable, fit_table
from gui.canvas.layers import Glass, PictureLayer
from gui.canvas.superposed import MOST_PIXELS, CompareMode, Superposed, Superposer, working_ratio
from gui.canvas.viewport import IDENTITY, Viewport

SIZE = (240, 180)
PLACE = Placement(1.0, 0.0, False, 40.0, 30.0)


def layer(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8] | None = None) -> PictureLayer:
    height, width = rgb.shape[:2]
    pixels = np.dstack([rgb[..., ::-1], np.full((height, width), 255, np.uint8) if alpha is None else alpha])
    if alpha is not None:
        pixels[..., :3] = pixels[..., :3] * (alpha[..., None] / 255)
    return PictureLayer(DisplayPicture((np.ascontiguousarray(pixels, np.uint8),), alpha is None, width, height))


@pytest.fixture
def scene() -> NDArray[np.uint8]:
    rng = np.random.default_rng(3)
    small = rng.integers(40, 200, (18, 24, 3))
    return np.kron(small, np.ones((10, 10, 1))).astype(np.uint8)


def painted(both: Superposer, how: Superposed, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    image = QImage(pixels.data, *size, 4 * size[0], QImage.Format.Format_RGB32)
    painter = QPainter(image)
    both.paint(painter, Viewport(((1.0, 0.0, 0.5), (0.0, 1.0, 0.5))), Glass((float(size[0]), float(size[1])), 1.0), how)
    painter.end()
    return pixels[..., 2::-1]


def fitted_colours(both: Superposer) -> ColourTable:
    samples = both.samples(PLACE)
    return fit_table(samples.original, samples.designer, samples.weight)


def changed_to(scene: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the part of a scene that a designer took, in other colours and with a blue badge."""
    made = (0.7 * scene[30:130, 40:180].astype(np.float32) + 40).astype(np.uint8)
    made[60:80, 60:90] = (10, 20, 250)
    return made


def test_each_mode_shows_what_it_should(qapp: QApplication, scene: NDArray[np.uint8]) -> None:
    red = np.zeros((100, 140, 3), np.uint8)
    red[:] = (250, 0, 0)
    red[::2, ::7] = (240, 10, 10)
    both = Superposer(layer(scene), layer(red))
    swiped = painted(both, Superposed(CompareMode.SWIPE, PLACE, split=0.5))
    assert np.array_equal(swiped[80, 100], scene[80, 100])
    assert swiped[81, 141, 0] >= 240
    assert np.array_equal(swiped[10, 200], scene[10, 200])
    assert painted(both, Superposed(CompareMode.BLINK, PLACE))[81, 101, 0] >= 240
    assert np.array_equal(painted(both, Superposed(CompareMode.BLINK, PLACE, lit=False)), scene)
    mixed = painted(both, Superposed(CompareMode.ONION, PLACE, opacity=0.5))[81, 101].astype(int)
    assert abs(mixed - (scene[81, 101].astype(int) + np.array([250, 0, 0])) / 2).max() <= 6


@pytest.mark.parametrize("mode", list(CompareMode))
def test_a_view_that_stays_is_painted_the_same_again(
    qapp: QApplication, scene: NDArray[np.uint8], mode: CompareMode
) -> None:
    both = Superposer(layer(scene), layer(changed_to(scene)))
    first = painted(both, Superposed(mode, PLACE)).copy()
    for _ in range(2):
        assert np.array_equal(painted(both, Superposed(mode, PLACE)), first)
    smaller = painted(both, Superposed(mode, PLACE), (200, 150))
    assert np.array_equal(smaller[:40, :40], first[:40, :40])


def test_the_difference_shows_what_was_painted_and_not_the_recolouring(
    qapp: QApplication, scene: NDArray[np.uint8]
) -> None:
    both = Superposer(layer(scene), layer(changed_to(scene)))
    plain = painted(both, Superposed(CompareMode.DIFFERENCE, PLACE)).astype(int)
    fitted = painted(both, Superposed(CompareMode.DIFFERENCE, PLACE, colours=fitted_colours(both))).astype(int)
    lit = fitted.sum(axis=2)
    badge, rest = lit[95:105, 105:125], lit[40:80, 50:170]
    assert badge.mean() > 2 * rest.mean()
    assert rest.mean() < plain.sum(axis=2)[40:80, 50:170].mean()


def test_a_misplaced_one_differs_more(qapp: QApplication, scene: NDArray[np.uint8]) -> None:
    both = Superposer(layer(scene), layer(changed_to(scene)))
    colours = fitted_colours(both)
    right = painted(both, Superposed(CompareMode.DIFFERENCE, PLACE, colours=colours))
    wrong = painted(both, Superposed(CompareMode.DIFFERENCE, Placement(1.0, 0.0, False, 47.0, 35.0), colours=colours))
    red = np.s_[50:110, 60:160, 0]  # the channel that tells most of the scale of colours
    assert wrong[red].astype(int).sum() > 1.5 * right[red].astype(int).sum()


def test_a_plain_background_is_no_difference(qapp: QApplication, scene: NDArray[np.uint8]) -> None:
    white = np.full((100, 140, 3), 255, np.uint8)
    white[25:75, 35:105] = scene[55:105, 75:145]
    both = Superposer(layer(scene), layer(white))
    shown = painted(both, Superposed(CompareMode.DIFFERENCE, PLACE)).astype(int)
    dimmed = (scene * (1 - 140 / 255)).astype(int)
    assert abs(shown[35:50, 50:170] - dimmed[35:50, 50:170]).max() <= 2, "the original shines through, dimmed"


def test_transparent_parts_and_what_lies_outside_are_no_difference(
    qapp: QApplication, scene: NDArray[np.uint8]
) -> None:
    alpha = np.zeros((100, 140), np.uint8)
    alpha[20:80, 20:120] = 255
    both = Superposer(layer(scene), layer(changed_to(scene), alpha))
    out = Placement(1.0, 20.0, True, 300.0, -20.0)
    for place in (PLACE, out, Placement(0.01, 0.0, False, -900.0, 0.0)):
        shown = painted(both, Superposed(CompareMode.DIFFERENCE, place))
        assert shown.shape == (180, 240, 3)
    shown = painted(both, Superposed(CompareMode.DIFFERENCE, PLACE)).astype(int)
    assert abs(shown[32:45, 45:55] - (scene * (1 - 140 / 255)).astype(int)[32:45, 45:55]).max() <= 2


def test_it_works_on_no_more_pixels_than_it_can(qapp: QApplication) -> None:
    assert working_ratio(Glass((800.0, 600.0), 1.0)) == 1.0
    fine = working_ratio(Glass((1600.0, 1000.0), 2.0))
    assert 1600 * 1000 * fine * fine == pytest.approx(MOST_PIXELS)
    assert Viewport(IDENTITY).scale == 1.0
