"""All eight EXIF orientations are applied exactly once, in every format that can hold one."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.images.headers import orientation_of
from core.images.io import identify, read
from core.images.shrink import upright

UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: np.rot90,
}
"""What a viewer must do to the stored pixels (Exif 2.32, tag 274)."""


def _png_late(make, pixels, orientation):
    return make.png(pixels, 2, after=[make.chunk(b"eXIf", make.exif(orientation))])


def _webp(make, pixels, orientation, **options):
    return make.saved(pixels, "WEBP", lossless=True, exif=make.exif(orientation), **options)


def _tag(orientation):
    return [(274, 3, 1, orientation, True)]


WRITERS = {
    "JPEG": lambda make, pixels, n: make.saved(
        pixels, "JPEG", quality=95, subsampling=0, exif=b"Exif\0\0" + make.exif(n)
    ),
    "PNG": lambda make, pixels, n: make.png(pixels, 2, before=[make.chunk(b"eXIf", make.exif(n))]),
    "PNG, chunk behind the pixels": _png_late,
    "PNG, 16 bit": lambda make, pixels, n: make.png(
        pixels.astype(np.uint16) * 257, 2, before=[make.chunk(b"eXIf", make.exif(n))]
    ),
    "TIFF": lambda make, pixels, n: make.tiff(pixels, photometric="rgb", extratags=_tag(n)),
    "TIFF, LZW": lambda make, pixels, n: make.saved(pixels, "TIFF", compression="tiff_lzw", tiffinfo={274: n}),
    "TIFF, 16 bit": lambda make, pixels, n: make.tiff(
        pixels.astype(np.uint16) * 257, photometric="rgb", extratags=_tag(n)
    ),
    "WEBP": _webp,
    "AVIF": lambda make, pixels, n: make.saved(
        pixels, "AVIF", quality=100, subsampling="4:4:4", exif=b"Exif\0\0" + make.exif(n)
    ),
    "HEIC": lambda make, pixels, n: make.heic(pixels, exif=b"Exif\0\0" + make.exif(n)),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", WRITERS)
def test_pictures_come_out_upright(form, orientation, make, file):
    stored = make.picture()
    expected = UPRIGHT[orientation](stored)
    path = file(WRITERS[form](make, stored, orientation))
    got = read(path, make.LIMITS)
    assert got.rgb.shape == expected.shape
    assert np.abs(got.rgb.astype(int) - expected).max() <= 6
    assert (got.full_width, got.full_height) == expected.shape[1::-1]
    assert identify(path, make.LIMITS) == expected.shape[1::-1]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_alpha_turns_with_the_colours(orientation, make, file):
    rgba = make.picture(channels=4)
    path = file(make.png(rgba, 6, before=[make.chunk(b"eXIf", make.exif(orientation))]))
    got = read(path, make.LIMITS)
    assert np.array_equal(np.dstack([got.rgb, got.alpha]), UPRIGHT[orientation](rgba))
    assert got.alpha.flags.c_contiguous


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "TIFF, 16 bit", "HEIC"])
def test_reduced_pictures_come_out_upright_too(form, orientation, make, file):
    stored = make.picture(160, 240)
    expected = UPRIGHT[orientation](stored.reshape(20, 8, 30, 8, 3).mean((1, 3)))
    got = read(file(WRITERS[form](make, stored, orientation)), make.LIMITS, 30)
    assert got.rgb.shape == expected.shape
    assert np.abs(got.rgb - expected).max() <= 6
    assert (got.full_width, got.full_height) == UPRIGHT[orientation](stored).shape[1::-1]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_turn_is_that_of_pillow(orientation, make):
    from PIL import ImageOps

    image = Image.fromarray(make.picture())
    image.getexif()[274] = orientation
    expected = np.array(ImageOps.exif_transpose(image))
    assert np.array_equal(upright(make.picture(), orientation), expected)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4])
def test_exif_is_read_in_both_byte_orders_and_widths(order, kind, make):
    for orientation in range(1, 9):
        assert orientation_of(make.exif(orientation, order, kind)) == orientation
        assert orientation_of(b"Exif\0\0" + make.exif(orientation, order, kind)) == orientation


@pytest.mark.parametrize("value", [0, 9, 255, 65535])
def test_nonsense_counts_as_upright(value, make, file):
    assert orientation_of(make.exif(value)) == 1
    path = file(make.png(make.picture(), 2, before=[make.chunk(b"eXIf", make.exif(value))]))
    assert np.array_equal(read(path, make.LIMITS).rgb, make.picture())
    tiff = file(make.tiff(make.picture(), photometric="rgb", extratags=_tag(value)))
    assert np.array_equal(read(tiff, make.LIMITS).rgb, make.picture())


def test_damaged_exif_counts_as_upright(make):
    whole = make.exif(6)
    for length in range(len(whole) - 6):
        assert orientation_of(whole[:length]) == 1
    assert orientation_of(b"II*\0" + b"\xff" * 20) == 1
    assert orientation_of(b"no exif at all") == 1
