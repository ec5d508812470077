"""Photoshop files: the flattened picture in every mode, and alpha from transparency, layers and masks."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from core.errors import FileProblem
from core.images.io import identify, read

HEIGHT, WIDTH = 31, 43


def _planes(pixels):
    return list(np.moveaxis(pixels, 2, 0))


def _full(value=255):
    return np.full((HEIGHT, WIDTH), value, np.uint8)


def _disc(radius=11):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.clip(255 * (radius + 0.5 - np.hypot(y - 14, x - 20)), 0, 255).astype(np.uint8)


def _layer(make, alpha, colour=None, **more):
    colour = make.noise((*alpha.shape, 3)) if colour is None else colour
    return make.Layer({-1: alpha, **dict(enumerate(_planes(colour)))}, **more)


def _flat(make, **more):
    return _layer(make, _full(), np.full((HEIGHT, WIDTH, 3), (250, 240, 10), np.uint8), **more)


def _alpha(make, file, *layers):
    return read(file(make.psd(_planes(make.picture()), layers=layers)), make.LIMITS).alpha


@pytest.mark.parametrize("rle", [False, True])
def test_rgb(rle, make, file):
    path = file(make.psd(_planes(make.picture()), rle=rle))
    got = read(path, make.LIMITS)
    assert np.array_equal(got.rgb, make.picture())
    assert got.alpha is None
    assert identify(path, make.LIMITS) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("mode", [1, 8])
def test_grey_and_duotone(mode, make, file):
    plane = make.noise((HEIGHT, WIDTH))
    assert np.array_equal(read(file(make.psd([plane], mode)), make.LIMITS).rgb, np.repeat(plane[:, :, None], 3, 2))


def test_16_bit(make, file):
    deep = make.noise((HEIGHT, WIDTH, 3), np.uint16)
    assert np.array_equal(read(file(make.psd(_planes(deep))), make.LIMITS).rgb, np.rint(deep / 257))


def test_one_bit(make, file):
    black = make.noise((HEIGHT, WIDTH)) > 127
    got = read(file(make.psd([np.packbits(black, axis=1)], 0, depth=1, size=(HEIGHT, WIDTH))), make.LIMITS)
    assert np.array_equal(got.rgb[:, :, 0], np.where(black, 0, 255))


def test_palette(make, file):
    table, plane = make.noise((3, 256)), make.noise((HEIGHT, WIDTH))
    got = read(file(make.psd([plane], 2, palette=table.tobytes())), make.LIMITS)
    assert np.array_equal(got.rgb, table.T[plane])


def test_transparency_and_the_white_under_it(make, file):
    """Photoshop stores colour over white; the colour itself comes back, as far as 8 bits carry it."""
    colour, alpha = make.picture(), np.maximum(_disc(), make.picture()[:, :, 0])
    share = alpha[:, :, None] / 255
    stored = np.rint(colour * share + 255 * (1 - share)).astype(np.uint8)
    layers = [_layer(make, alpha, colour)]
    got = read(file(make.psd([*_planes(stored), alpha], layers=layers, transparent=True)), make.LIMITS)
    assert np.array_equal(got.alpha, alpha)
    solid = alpha > 64
    assert np.abs(got.rgb.astype(int) - colour)[solid].max() <= 3


def test_16_bit_transparency_and_layers(make, file):
    deep, alpha = make.picture().astype(np.uint16) * 257, _disc().astype(np.uint16) * 257
    top = make.Layer({-1: alpha, **dict(enumerate(_planes(deep)))})
    stored = np.where(alpha[:, :, None] == 65535, deep, 65535).astype(np.uint16)
    got = read(file(make.psd([*_planes(stored), alpha], layers=[top], transparent=True)), make.LIMITS)
    assert np.array_equal(got.alpha, _disc())
    assert np.array_equal(got.rgb[_disc() == 255], make.picture()[_disc() == 255])
    white = np.full((HEIGHT, WIDTH), 65535, np.uint16)
    flat = make.Layer(dict.fromkeys((-1, 0, 1, 2), white))
    got = read(file(make.psd(_planes(deep), layers=[flat, top])), make.LIMITS)
    assert np.abs(got.alpha.astype(int) - _disc()).max() <= 1
    assert np.array_equal(got.rgb, make.picture())


def test_grey_with_transparency(make, file):
    plane, alpha = make.picture()[:, :, 1], _disc()
    stored = np.where(alpha == 255, plane, 255).astype(np.uint8)
    layers = [make.Layer({-1: alpha, 0: plane})]
    got = read(file(make.psd([stored, alpha], 1, layers=layers, transparent=True)), make.LIMITS)
    assert np.array_equal(got.alpha, alpha)
    assert np.array_equal(got.rgb[alpha == 255], np.repeat(plane[alpha == 255][:, None], 3, 1))


def test_a_saved_selection_is_no_transparency(make, file):
    """Photoshop numbers saved selections (resource 1053); programs without selections write none and mean alpha."""
    planes = [*_planes(make.picture()), _disc()]
    got = read(file(make.psd(planes, resources={1053: struct.pack(">I", 5)})), make.LIMITS)
    assert got.alpha is None
    assert np.array_equal(got.rgb, make.picture())
    assert np.array_equal(read(file(make.psd(planes)), make.LIMITS).alpha, _disc())


def test_layer_over_a_flat_backdrop_gives_alpha(make, file):
    assert np.array_equal(_alpha(make, file, _flat(make), _layer(make, _disc())), _disc())


def test_a_backdrop_without_transparency_channel(make, file):
    backdrop = make.Layer(dict(enumerate(_planes(np.full((HEIGHT, WIDTH, 3), 255, np.uint8)))))
    assert np.array_equal(_alpha(make, file, backdrop, _layer(make, _disc())), _disc())


def test_layer_mask_gives_alpha(make, file):
    masked = _layer(make, _full(), mask=(_disc(), 0, 0, 0))
    assert np.array_equal(_alpha(make, file, _flat(make), masked), _disc())
    assert np.array_equal(_alpha(make, file, masked), _disc())


def test_mask_of_part_of_the_canvas(make, file):
    """Outside its own frame a mask has the value that the file says."""
    part = _disc()[5:20, 8:30]
    for outside in (0, 255):
        expected = _full(outside)
        expected[5:20, 8:30] = part
        masked = _layer(make, _full(), mask=(part, 5, 8, outside))
        assert np.array_equal(_alpha(make, file, _flat(make), masked), expected)


def test_a_disabled_mask_does_not_count(make, file):
    masked = _layer(make, _disc(), mask=(_full(0), 0, 0, 0), mask_disabled=True)
    assert np.array_equal(_alpha(make, file, _flat(make), masked), _disc())


def test_layers_join_and_hidden_ones_do_not(make, file):
    left, right = _full(0), _full(0)
    left[:, :10], right[:, 30:] = 255, 128
    layers = [_flat(make), _layer(make, left), _layer(make, right), _layer(make, _full(), hidden=True)]
    assert np.array_equal(_alpha(make, file, *layers), np.maximum(left, right))


def test_overlapping_layers_cover_more(make, file):
    half = _layer(make, np.where(_disc() > 0, 128, 0).astype(np.uint8))
    expected = np.where(_disc() > 0, 255 * (1 - (127 / 255) ** 2), 0)
    assert np.abs(_alpha(make, file, _flat(make), half, half) - expected).max() <= 1


def test_opacity_counts(make, file):
    alpha = _alpha(make, file, _flat(make), _layer(make, _disc(), opacity=100))
    assert np.abs(alpha - _disc() * (100 / 255)).max() <= 1


def test_clipped_layer_covers_nothing_of_its_own(make, file):
    layers = [_flat(make), _layer(make, _disc()), _layer(make, _full(), clipping=True)]
    assert np.array_equal(_alpha(make, file, *layers), _disc())


def test_layer_that_reaches_over_the_canvas(make, file):
    big = make.noise((HEIGHT + 20, WIDTH + 30))
    alpha = _alpha(make, file, _flat(make), _layer(make, big, top=-7, left=-9))
    assert np.array_equal(alpha, big[7 : 7 + HEIGHT, 9 : 9 + WIDTH])
    small = make.noise((10, 12))
    expected = _full(0)
    expected[4:14, 20:32] = small
    assert np.array_equal(_alpha(make, file, _flat(make), _layer(make, small, top=4, left=20)), expected)


def test_group_with_mask(make, file):
    group = [make.Layer(section=3), _layer(make, _full()), make.Layer(section=1, mask=(_disc(), 0, 0, 0))]
    assert np.array_equal(_alpha(make, file, _flat(make), *group), _disc())
    group[2].hidden = True
    assert _alpha(make, file, _flat(make), *group) is None


def test_over_a_photo_nobody_can_tell_the_portrait(make, file):
    assert _alpha(make, file, _layer(make, _full()), _layer(make, _disc())) is None


def test_a_flat_backdrop_alone_gives_no_alpha(make, file):
    assert _alpha(make, file, _flat(make)) is None
    assert _alpha(make, file, _flat(make), _layer(make, _full())) is None
    assert _alpha(make, file, _flat(make), _layer(make, _full(0))) is None


def test_transparency_goes_before_layers(make, file):
    layers = [_flat(make), _layer(make, _full(0))]
    planes = [*_planes(make.picture()), _disc()]
    got = read(file(make.psd(planes, layers=layers, transparent=True)), make.LIMITS)
    assert np.array_equal(got.alpha, _disc())


def test_a_file_that_psd_tools_wrote(make, file, tmp_path):
    from PIL import Image
    from psd_tools import PSDImage

    path = tmp_path / "tool.psd"
    PSDImage.frompil(Image.fromarray(make.picture())).save(path)
    assert np.array_equal(read(path, make.LIMITS).rgb, make.picture())


def test_reduced(make, file):
    rgb = make.picture(160, 240)
    got = read(file(make.psd(_planes(rgb))), make.LIMITS, 30)
    assert np.abs(got.rgb - rgb.reshape(20, 8, 30, 8, 3).mean((1, 3))).max() <= 0.51
    assert (got.full_width, got.full_height) == (240, 160)


def test_layers_only_is_refused_with_a_remedy(make, file):
    name = struct.pack(">I", 1) + "A".encode("utf-16-be")
    version = struct.pack(">IB", 1, 0) + name + name + struct.pack(">I", 1)  # 0: no merged picture
    path = file(make.psd(_planes(make.picture()), resources={1057: version}))
    with pytest.raises(FileProblem, match="layers only") as caught:
        read(path, make.LIMITS)
    assert "Maximize Compatibility" in caught.value.remedy


def test_32_bit_and_multichannel_are_refused_with_a_remedy(make, file):
    with pytest.raises(FileProblem, match="32 bits"):
        read(file(make.psd(_planes(make.picture().astype(np.float32)))), make.LIMITS)
    with pytest.raises(FileProblem, match="many channels"):
        read(file(make.psd(_planes(make.picture()), 7)), make.LIMITS)


@pytest.mark.parametrize("rle", [False, True])
def test_a_picture_that_ends_too_early_is_refused(rle, make, file):
    whole = make.psd(_planes(make.picture()), rle=rle)
    for length in (len(whole) - 1, len(whole) - 400, len(whole) - 2500):
        with pytest.raises(FileProblem, match="damaged"):
            read(file(whole[:length]), make.LIMITS)


def test_a_layer_larger_than_the_limit_is_refused(make, file):
    plane = np.zeros((1500, 1500), np.uint8)
    layer = make.Layer({-1: plane, 0: plane})
    path = file(make.psd(_planes(make.picture()), layers=[_flat(make), layer]))
    with pytest.raises(FileProblem, match="megapixels"):
        read(path, make.LIMITS)
