"""The pyramids for the canvas: layout, premultiplication, area means, sizes."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pytest

from core.images.convert import display_levels, mask_levels
from core.images.picture import Picture


def _picture(rgb, alpha=None):
    return Picture(rgb, alpha, rgb.shape[1], rgb.shape[0])


def _halved(level):
    """Area means onto half the size, rounded up, by their definition."""
    for axis in (0, 1):
        count = level.shape[axis]
        half = (count + 1) // 2
        edges, cells = np.linspace(0, count, half + 1), np.arange(count)
        shared = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
        level = np.moveaxis(
            np.tensordot(np.clip(shared, 0, None) * half / count, level.astype(float), (1, axis)), 0, axis
        )
    return level


@pytest.mark.skipif(sys.byteorder != "little", reason="the byte order is that of little-endian machines")
def test_qt_reads_the_bytes_as_they_are(make):
    image_class = pytest.importorskip("PySide6.QtGui").QImage
    rgb, alpha = make.noise((5, 7, 3)), np.full((5, 7), 255, np.uint8)
    alpha[2, 3] = 0
    level = display_levels(_picture(rgb, alpha))[0]
    image = image_class(level.data, 7, 5, 28, image_class.Format.Format_ARGB32_Premultiplied)
    for y, x in ((0, 0), (4, 6), (1, 5)):
        assert image.pixelColor(x, y).getRgb() == (*rgb[y, x].tolist(), 255)
    assert image.pixelColor(3, 2).alpha() == 0


def test_first_level_of_an_opaque_picture(make):
    rgb = make.noise((31, 43, 3))
    (level,) = display_levels(_picture(rgb))
    assert np.array_equal(level, np.dstack([rgb[:, :, ::-1], np.full((31, 43), 255, np.uint8)]))


def test_first_level_is_premultiplied(make):
    rgba = make.noise((256, 300, 4))
    rgba[0, :256, 3] = np.arange(256)
    level = display_levels(_picture(rgba[:, :, :3].copy(), rgba[:, :, 3].copy()))[0]
    expected = np.rint(rgba[:, :, 2::-1] * (rgba[:, :, 3:] / 255.0))
    assert np.array_equal(level[:, :, 3], rgba[:, :, 3])
    assert np.abs(level[:, :, :3] - expected).max() <= 1
    assert (level[:, :, :3] <= level[:, :, 3:]).all()  # Qt's blending overflows otherwise


@pytest.mark.parametrize("size", [(1, 1), (512, 3), (513, 2), (700, 1), (1025, 1023), (1300, 1025), (1, 1030)])
@pytest.mark.parametrize("with_alpha", [False, True])
def test_levels(size, with_alpha, make):
    height, width = size
    rgb = make.noise((height, width, 3))
    alpha = make.noise((height, width)) if with_alpha else None
    levels = display_levels(_picture(rgb, alpha))
    masks = mask_levels(rgb[:, :, 0])
    assert levels[0].shape == (height, width, 4)
    for pyramid in (levels, masks):
        assert len(pyramid) == len(levels)
        assert max(pyramid[-1].shape[:2]) <= 512
        assert all(max(level.shape[:2]) > 512 for level in pyramid[:-1])
        assert all(level.dtype == np.uint8 and level.flags.c_contiguous for level in pyramid)
        for above, below in itertools.pairwise(pyramid):
            assert below.shape[:2] == ((above.shape[0] + 1) // 2, (above.shape[1] + 1) // 2)
            assert np.abs(below - _halved(above)).max() <= 1
    for level in levels:
        assert (level[:, :, :3] <= level[:, :, 3:]).all()


def test_masks_stay_in_their_layout():
    mask = np.asfortranarray(np.arange(600 * 601, dtype=np.int64).reshape(600, 601).astype(np.uint8))
    levels = mask_levels(mask)
    assert np.array_equal(levels[0], mask)
    assert levels[0].flags.c_contiguous
    contiguous = np.zeros((600, 601), np.uint8)
    assert mask_levels(contiguous)[0] is contiguous


def test_the_picture_is_left_as_it_is(make):
    rgba = make.noise((600, 700, 4))
    rgb, alpha = rgba[:, :, :3].copy(), rgba[:, :, 3].copy()
    display_levels(_picture(rgb, alpha))
    assert np.array_equal(rgb, rgba[:, :, :3])
    assert np.array_equal(alpha, rgba[:, :, 3])
