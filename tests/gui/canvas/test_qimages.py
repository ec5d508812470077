from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from PySide6.QtGui import QColor, QPainterPath

from gui.canvas.qimages import mask_table, path_of_lines, wrap_colour, wrap_mask


def test_colour_is_wrapped_without_a_copy() -> None:
    pixels = np.zeros((3, 5, 4), np.uint8)
    wrapped = wrap_colour(pixels, opaque=True)
    pixels[1, 2] = (10, 20, 30, 255)
    assert wrapped.image.pixelColor(2, 1) == QColor(30, 20, 10)
    assert wrapped.size == (5, 3)


def test_transparency_is_kept() -> None:
    pixels = np.full((2, 2, 4), (0, 0, 100, 128), np.uint8)
    assert wrap_colour(pixels, opaque=False).image.pixelColor(0, 0).alpha() == 128


def test_the_array_lives_as_long_as_the_wrapping() -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    alive = weakref.ref(pixels)
    wrapped = wrap_colour(pixels, opaque=True)
    del pixels
    gc.collect()
    assert alive() is not None
    assert wrapped.image.pixelColor(63, 63) == QColor(0, 0, 0)
    del wrapped
    gc.collect()
    assert alive() is None


def test_a_mask_takes_its_colours_from_the_table_without_a_copy() -> None:
    pixels = np.array([[0, 128, 255]], np.uint8)
    image = wrap_mask(pixels, mask_table("#ff8000", 0.5)).image
    assert [image.pixelColor(x, 0).alpha() for x in range(3)] == pytest.approx([0, 64, 128], abs=1)
    assert image.pixelColor(2, 0).rgb() & 0xFFFFFF == 0xFF8000
    image.setColorTable(mask_table("#0000ff", 1.0))
    assert image.pixelColor(2, 0) == QColor(0, 0, 255)
    assert np.frombuffer(image.constBits(), np.uint8).ctypes.data == pixels.ctypes.data


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4, 4), np.float32), np.zeros((4, 8, 4), np.uint8)[:, ::2]],
    ids=["channels", "type", "layout"],
)
def test_other_arrays_are_refused(pixels: np.ndarray) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match=r"not \(h, w, 4\)|uint8"):
        wrap_colour(pixels, opaque=True)


def test_a_mask_has_one_channel() -> None:
    with pytest.raises(ValueError, match=r"\(h, w\)"):
        wrap_mask(np.zeros((4, 4, 4), np.uint8), ())


def test_path_is_what_qt_would_have_built() -> None:
    points = np.array([(0.5, 1.25), (10, 1), (10, 12.75), (-3, 4), (5, 6)], np.float32)
    wanted = QPainterPath()
    for index, (x, y) in enumerate(points.tolist()):
        (wanted.moveTo if index in (0, 3) else wanted.lineTo)(x, y)
    assert path_of_lines(points, np.array([True, False, False, True, False])) == wanted


def test_path_begins_with_its_first_point_whatever_is_said() -> None:
    points = np.array([(1, 2), (3, 4)], np.float32)
    path = path_of_lines(points, np.zeros(2, np.bool_))
    assert path.elementAt(0).isMoveTo()
    assert path.elementAt(1).isLineTo()


def test_no_points_make_an_empty_path() -> None:
    assert path_of_lines(np.empty((0, 2), np.float32), np.empty(0, np.bool_)).isEmpty()
