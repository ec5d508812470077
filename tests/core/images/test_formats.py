"""Every format, depth and mode comes out as the same upright sRGB pixels, checked against numpy."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from core.errors import FileProblem
from core.images.io import identify, is_picture, read


def _same(picture, rgb, alpha=None, tolerance=0):
    assert picture.rgb.dtype == np.uint8
    assert picture.rgb.flags.c_contiguous
    assert picture.rgb.flags.writeable  # torch warns over others
    assert picture.rgb.shape == rgb.shape
    assert np.abs(picture.rgb.astype(int) - rgb).max() <= tolerance
    assert (picture.full_width, picture.full_height) == (rgb.shape[1], rgb.shape[0])
    if alpha is None:
        assert picture.alpha is None
    else:
        assert picture.alpha.dtype == np.uint8
        assert picture.alpha.flags.c_contiguous
        assert picture.alpha.flags.writeable
        assert np.abs(picture.alpha.astype(int) - alpha).max() <= tolerance


def _grey(plane):
    return np.repeat(plane[:, :, None], 3, axis=2)


LOSSLESS = {
    "PNG": {},
    "TIFF": {},
    "TIFF lzw": {"compression": "tiff_lzw"},
    "TIFF deflate": {"compression": "tiff_adobe_deflate"},
    "BMP": {},
    "WEBP": {"lossless": True},
}


@pytest.mark.parametrize("form", LOSSLESS)
def test_rgb_is_exact(form, make, file):
    path = file(make.saved(make.picture(), form.split()[0], **LOSSLESS[form]))
    _same(read(path, make.LIMITS), make.picture())
    assert identify(path, make.LIMITS) == (43, 31)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
def test_rgba_is_exact_and_alpha_stands_apart(form, make, file):
    rgba = make.noise((31, 43, 4))
    options = {"lossless": True, "exact": True} if form == "WEBP" else {}
    _same(read(file(make.saved(rgba, form, **options)), make.LIMITS), rgba[:, :, :3], rgba[:, :, 3])


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
def test_alpha_that_is_opaque_everywhere_is_none(form, make, file):
    rgba = np.dstack([make.picture(), np.full((31, 43), 255, np.uint8)])
    options = {"lossless": True} if form == "WEBP" else {}
    _same(read(file(make.saved(rgba, form, **options)), make.LIMITS), rgba[:, :, :3])


@pytest.mark.parametrize("form", ["JPEG", "AVIF", "WEBP"])
def test_lossy_formats_are_near(form, make, file):
    path = file(make.saved(make.picture(), form, quality=95, **({"subsampling": 0} if form == "JPEG" else {})))
    _same(read(path, make.LIMITS), make.picture(), tolerance=12 if form == "WEBP" else 6)
    assert identify(path, make.LIMITS) == (43, 31)


def test_heic_with_and_without_alpha(make, file):
    alpha = make.picture()[:, :, 0]
    _same(read(file(make.heic(make.picture())), make.LIMITS), make.picture(), tolerance=4)
    path = file(make.heic(np.dstack([make.picture(), alpha])))
    _same(read(path, make.LIMITS), make.picture(), alpha, tolerance=4)
    assert identify(path, make.LIMITS) == (43, 31)


def test_avif_with_alpha(make, file):
    alpha = make.picture()[:, :, 0]
    data = make.saved(np.dstack([make.picture(), alpha]), "AVIF", quality=100, subsampling="4:4:4")
    _same(read(file(data), make.LIMITS), make.picture(), alpha, tolerance=4)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP", "JPEG", "JPEG progressive"])
def test_grey(form, make, file):
    plane = make.picture()[:, :, 1]
    options = {"quality": 100, "progressive": "progressive" in form} if "JPEG" in form else {}
    data = make.saved(plane, form.split()[0], **options)
    _same(read(file(data), make.LIMITS), _grey(plane), tolerance=2 if "JPEG" in form else 0)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_grey_with_alpha(form, make, file):
    both = make.noise((31, 43, 2))
    data = make.saved(_la(both), form)
    _same(read(file(data), make.LIMITS), _grey(both[:, :, 0]), both[:, :, 1])


def _la(both):
    return Image.merge("LA", [Image.fromarray(both[:, :, 0]), Image.fromarray(both[:, :, 1])])


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP"])
def test_one_bit(form, make, file):
    bits = make.noise((31, 43)) > 127
    _same(read(file(make.saved(Image.fromarray(bits), form)), make.LIMITS), _grey(np.where(bits, 255, 0)))


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP"])
def test_palette(form, make, file):
    indexed = Image.fromarray(make.picture()).quantize(16)
    _same(read(file(make.saved(indexed, form)), make.LIMITS), np.array(indexed.convert("RGB")))


def test_palette_with_one_transparent_colour(make, file):
    indexed = Image.fromarray(make.picture()).quantize(16)
    alpha = np.where(np.array(indexed) == 3, 0, 255)
    path = file(make.saved(indexed, "PNG", transparency=3))
    _same(read(path, make.LIMITS), np.array(indexed.convert("RGB")), alpha)


def test_palette_with_graded_transparency(make, file):
    indexed = Image.fromarray(make.picture()).quantize(16)
    steps = np.arange(0, 256, 16, dtype=np.uint8)
    path = file(make.saved(indexed, "PNG", transparency=steps.tobytes()))
    _same(read(path, make.LIMITS), np.array(indexed.convert("RGB")), steps[np.array(indexed)])


def test_colour_key_of_8_bit_png(make, file):
    rgb = make.picture()
    key = rgb[4, 9]
    path = file(make.png(rgb, 2, before=[make.chunk(b"tRNS", key.astype(">u2").tobytes())]))
    _same(read(path, make.LIMITS), rgb, np.where((rgb == key).all(-1), 0, 255))


def _rounded(values):
    return np.rint(values / 257).astype(np.uint8)


def test_16_bit_png(make, file):
    deep = make.noise((31, 43, 4), np.uint16)
    _same(read(file(make.png(deep[:, :, :3], 2)), make.LIMITS), _rounded(deep[:, :, :3]))
    _same(read(file(make.png(deep, 6)), make.LIMITS), _rounded(deep[:, :, :3]), _rounded(deep[:, :, 3]))
    _same(read(file(make.png(deep[:, :, 0], 0)), make.LIMITS), _grey(_rounded(deep[:, :, 0])))
    grey_alpha = read(file(make.png(deep[:, :, :2], 4)), make.LIMITS)
    _same(grey_alpha, _grey(_rounded(deep[:, :, 0])), _rounded(deep[:, :, 1]))


def test_colour_key_of_16_bit_png(make, file):
    deep = make.noise((31, 43, 3), np.uint16)
    for pixels, colour in ((deep, 2), (deep[:, :, 0], 0)):
        key = np.atleast_1d(pixels[5, 6]).astype(">u2").tobytes()
        got = read(file(make.png(pixels, colour, before=[make.chunk(b"tRNS", key)])), make.LIMITS)
        expected = np.full((31, 43), 255)
        expected[5, 6] = 0
        assert np.array_equal(got.alpha, expected)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_16_bit_tiff(order, compression, make, file):
    deep = make.noise((31, 43, 4), np.uint16)
    options = {"byteorder": order, "compression": compression}

    def write(pixels, **more):
        return file(make.tiff(pixels.astype(order + "u2"), **options, **more))

    _same(read(write(deep[:, :, :3], photometric="rgb"), make.LIMITS), _rounded(deep[:, :, :3]))
    path = write(deep, photometric="rgb", extrasamples=["unassalpha"])
    _same(read(path, make.LIMITS), _rounded(deep[:, :, :3]), _rounded(deep[:, :, 3]))
    _same(read(write(deep[:, :, 0], photometric="minisblack"), make.LIMITS), _grey(_rounded(deep[:, :, 0])))


def test_16_bit_tiff_where_white_is_zero(make, file):
    deep = make.noise((31, 43), np.uint16)
    path = file(make.tiff(deep, photometric="miniswhite"))
    _same(read(path, make.LIMITS), _grey(_rounded(65535 - deep.astype(int))))


def test_16_bit_tiff_by_lzw(make, file):
    import cv2

    deep = make.noise((31, 43, 3), np.uint16)
    data = cv2.imencode(".tif", deep[:, :, ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])[1].tobytes()
    _same(read(file(data), make.LIMITS), _rounded(deep))


def test_16_bit_tiff_in_a_compression_that_opencv_lacks(make, file):
    """Pillow reads it, and cuts the low byte off."""
    deep = make.noise((31, 43, 3), np.uint16)
    _same(read(file(make.tiff(deep, photometric="rgb", compression="lzma")), make.LIMITS), deep >> 8)


def test_premultiplied_tiff(make, file):
    straight = make.picture().astype(float)
    alpha = 128 + make.picture()[:, :, 0].astype(float) / 2
    for kind, top in ((np.uint8, 255), (np.uint16, 65535)):
        stored = np.dstack([straight * alpha[:, :, None] / 255, alpha]) / 255 * top
        data = make.tiff(np.rint(stored).astype(kind), photometric="rgb", extrasamples=["assocalpha"])
        _same(read(file(data), make.LIMITS), straight, alpha, tolerance=2)


def test_tiff_with_an_extra_channel_of_unknown_meaning_has_no_alpha(make, file):
    for kind in (np.uint8, np.uint16):
        data = make.noise((31, 43, 4), kind)
        expected = data[:, :, :3] if kind is np.uint8 else _rounded(data[:, :, :3])
        got = read(file(make.tiff(data, photometric="rgb", extrasamples=["unspecified"])), make.LIMITS)
        _same(got, expected)


@pytest.mark.parametrize(
    "options",
    [{"planarconfig": "separate"}, {"tile": (32, 32)}, {"bigtiff": True}, {"byteorder": ">"}, {"rowsperstrip": 5}],
)
def test_layouts_of_tiff(options, make, file):
    rgb = make.noise((70, 90, 3))
    stored = np.moveaxis(rgb, 2, 0).copy() if "planarconfig" in options else rgb
    _same(read(file(make.tiff(stored, photometric="rgb", **options)), make.LIMITS), rgb)


def test_white_is_zero_tiff(make, file):
    plane = make.noise((31, 43))
    _same(read(file(make.tiff(plane, photometric="miniswhite")), make.LIMITS), _grey(255 - plane))


def test_first_page_of_a_tiff_and_first_frame_of_an_animation(make, file):
    first, second = make.picture(), 255 - make.picture()
    pages = {"append_images": [Image.fromarray(second)], "save_all": True}
    _same(read(file(make.saved(first, "TIFF", **pages)), make.LIMITS), first)
    _same(read(file(make.saved(first, "PNG", **pages)), make.LIMITS), first)
    path = file(make.saved(first, "WEBP", lossless=True, **pages))
    _same(read(path, make.LIMITS), first)
    assert identify(path, make.LIMITS) == (43, 31)


def test_first_picture_of_a_stereo_photo(make, file):
    first, second = Image.fromarray(make.picture()), Image.fromarray(255 - make.picture())
    data = make.saved(first, "MPO", save_all=True, append_images=[second], quality=95)
    _same(read(file(data), make.LIMITS), make.picture(), tolerance=8)


def test_ycbcr_tiff(make, file):
    data = make.saved(make.picture(), "TIFF", compression="jpeg", quality=95)
    _same(read(file(data), make.LIMITS), make.picture(), tolerance=8)


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_headers(lossless, make, file):
    """Simple lossy, simple lossless and extended files each hold their size elsewhere."""
    for name, options in {"plain": {}, "extended": {"exif": make.exif(1)}}.items():
        path = file(make.saved(make.picture(300, 511), "WEBP", lossless=lossless, **options), f"{name}.webp")
        assert identify(path, make.LIMITS) == (511, 300)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.uint32, np.int16, np.float16])
def test_depths_without_a_meaning_for_photos_are_refused_with_a_remedy(kind, make, file):
    path = file(make.tiff(make.picture()[:, :, 0].astype(kind), photometric="minisblack"), "strange.tif")
    with pytest.raises(FileProblem, match=r"strange\.tif") as caught:
        read(path, make.LIMITS)
    assert caught.value.remedy


def test_16_bit_planes_apart_are_refused(make, file):
    deep = make.noise((3, 31, 43), np.uint16)
    with pytest.raises(FileProblem, match="planes apart") as caught:
        read(file(make.tiff(deep, photometric="rgb", planarconfig="separate")), make.LIMITS)
    assert "interleaved" in caught.value.remedy


def test_bmp_of_every_kind(make, file):
    rgb = make.picture()
    rows = np.dstack([rgb[:, :, ::-1], make.noise((31, 43))])[::-1].tobytes()
    head = struct.pack("<IiiHHIIiiII", 40, 43, 31, 1, 32, 0, 0, 0, 0, 0, 0)
    data = b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54) + head + rows
    _same(read(file(data), make.LIMITS), rgb)  # the fourth byte means nothing in this header


def test_what_a_file_is_decides_not_its_name(make, file):
    path = file(make.saved(make.picture(), "PNG"), "photo.jpg")
    _same(read(path, make.LIMITS), make.picture())


@pytest.mark.parametrize("name", ["a.jpg", "A.JPEG", "b.TiF", "c.tiff", "d.webp", "e.png", "f.bmp", "g.HEIC", "h.psd"])
def test_names_of_pictures(name, tmp_path):
    assert is_picture(tmp_path / name)


@pytest.mark.parametrize("name", ["a.txt", "jpg", ".jpg", "._a.jpg", ".hidden.png", "a.jpg.part", "a.xmp", "Thumbs.db"])
def test_names_that_are_none(name, tmp_path):
    assert not is_picture(tmp_path / name)


def test_a_file_without_a_suffix_is_read(make, file):
    buffer = io.BytesIO()
    Image.fromarray(make.picture()).save(buffer, "BMP")
    _same(read(file(buffer.getvalue(), "no-suffix"), make.LIMITS), make.picture())
