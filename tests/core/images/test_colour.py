"""ICC profiles are honoured, and broken ones ignored; CMYK and LAB become the right colours."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.images.colour import to_srgb
from core.images.io import read

ADOBE = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
D65 = (0.3127, 0.3290)
# Bradford adaptation to D50, which is what profiles are written in (ICC.1:2022, annex E).
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def _xyz(x, y):
    return np.array([x / y, 1, (1 - x - y) / y])


def _to_d50(primaries):
    columns = np.array([_xyz(*primary) for primary in primaries]).T
    columns = columns * np.linalg.solve(columns, _xyz(*D65))
    cone = BRADFORD @ _xyz(0.3457, 0.3585) / (BRADFORD @ _xyz(*D65))
    return np.linalg.inv(BRADFORD) @ np.diag(cone) @ BRADFORD @ columns


def _profile(tags: dict[bytes, bytes], space: bytes, kind: bytes = b"mntr", pcs: bytes = b"XYZ ") -> bytes:
    """An ICC version 2 profile, by hand."""
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, plain in tags.items():
        data = plain + b"\0" * (-len(plain) % 4)
        table += struct.pack(">4sII", name, at, len(data))
        body += data
        at += len(data)
    head = struct.pack(">I4sI4s4s4s", at, b"lcms", 0x02100000, kind, space, pcs) + bytes(12) + b"acsp" + bytes(28)
    head += struct.pack(">3i", *(round(v * 65536) for v in (0.9642, 1, 0.8249)))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _fixed(values):
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))


def _gamma(value):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256))


def rgb_profile(primaries, gamma):
    matrix = _to_d50(primaries)
    tags = {name: _fixed(matrix[:, at]) for at, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    tags |= {name: _gamma(gamma) for name in (b"rTRC", b"gTRC", b"bTRC")}
    return _profile(tags | {b"wtpt": _fixed((0.9642, 1, 0.8249))}, b"RGB ")


def grey_profile(gamma):
    return _profile({b"kTRC": _gamma(gamma), b"wtpt": _fixed((0.9642, 1, 0.8249))}, b"GRAY")


def _encode(linear):
    linear = np.clip(linear, 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def adobe_to_srgb(rgb):
    linear = (rgb / 255.0) ** (563 / 256)
    return _encode(linear @ (np.linalg.inv(_to_d50(SRGB)) @ _to_d50(ADOBE)).T)


ADOBE_LIKE = rgb_profile(ADOBE, 563 / 256)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "JPEG", "WEBP", "AVIF", "HEIC", "PNG 16", "PSD"])
def test_a_wide_profile_is_converted(form, make, file):
    rgb = make.picture()
    if form == "PNG 16":
        zipped = make.chunk(b"iCCP", b"x\0\0" + zlib.compress(ADOBE_LIKE))
        data = make.png(rgb.astype(np.uint16) * 257, 2, before=[zipped])
    elif form == "PSD":
        data = make.psd(list(np.moveaxis(rgb, 2, 0)), resources={1039: ADOBE_LIKE})
    elif form == "HEIC":
        image = Image.fromarray(rgb)
        image.info["icc_profile"] = ADOBE_LIKE
        data = make.heic(image)
    else:
        options = {"lossless": True} if form == "WEBP" else {"quality": 100}
        options |= {"subsampling": "4:4:4"} if form in ("JPEG", "AVIF") else {}
        data = make.saved(rgb, form, icc_profile=ADOBE_LIKE, **(options if form not in ("PNG", "TIFF") else {}))
    expected = adobe_to_srgb(rgb)
    assert np.abs(expected - rgb).max() > 20  # the profile matters
    got = read(file(data), make.LIMITS).rgb
    error = np.abs(got - expected)
    if form in ("JPEG", "AVIF", "HEIC"):
        assert error.mean() <= 1.5
    else:
        assert error.max() <= 2


def test_alpha_is_untouched_by_a_profile(make, file):
    rgba = make.picture(channels=4)
    got = read(file(make.saved(rgba, "PNG", icc_profile=ADOBE_LIKE)), make.LIMITS)
    assert np.array_equal(got.alpha, rgba[:, :, 3])
    assert np.abs(got.rgb - adobe_to_srgb(rgba[:, :, :3])).max() <= 2


def test_a_grey_profile_is_converted(make, file):
    plane = make.picture()[:, :, 0]
    got = read(file(make.saved(plane, "PNG", icc_profile=grey_profile(1.5))), make.LIMITS).rgb
    expected = _encode((plane / 255) ** 1.5)[:, :, None]
    assert np.abs(expected[:, :, 0] - plane).max() > 20
    assert np.abs(got - expected).max() <= 2


def test_srgb_under_any_name_changes_no_pixel(make):
    noise = make.noise((31, 43, 3))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert to_srgb(noise, "RGB", profile) is noise


@pytest.mark.parametrize("profile", [b"", b"garbage", ADOBE_LIKE[:200], ADOBE_LIKE[:-40], b"\0" * 4000])
def test_a_broken_profile_is_ignored(profile, make, file):
    rgb = make.picture()
    got = read(file(make.saved(rgb, "TIFF", icc_profile=profile)), make.LIMITS)
    assert np.array_equal(got.rgb, rgb)


def test_a_profile_of_another_colour_space_is_ignored(make):
    rgb = make.noise((31, 43, 3))
    assert np.array_equal(to_srgb(rgb, "RGB", grey_profile(1.0)), rgb)
    grey = to_srgb(rgb[:, :, 0], "L", ADOBE_LIKE)
    assert np.array_equal(grey, np.repeat(rgb[:, :, :1], 3, axis=2))


def test_a_profile_with_flipped_bits_never_stops_a_picture(make):
    rng = np.random.default_rng(3)
    rgb = make.picture(8, 9)
    for _ in range(300):
        broken = bytearray(ADOBE_LIKE)
        for at in rng.integers(0, len(broken), 3):
            broken[at] = rng.integers(0, 256)
        assert to_srgb(rgb, "RGB", bytes(broken)).shape == rgb.shape


def _cmyk_plain(cmyk):
    ink = cmyk.astype(float) / 255
    return 255 * (1 - ink[:, :, :3]) * (1 - ink[:, :, 3:])


@pytest.mark.parametrize("form", ["TIFF", "JPEG", "PSD"])
def test_cmyk_without_a_profile(form, make, file):
    cmyk = make.picture(channels=4)
    if form == "PSD":
        data = make.psd([255 - plane for plane in np.moveaxis(cmyk, 2, 0)], mode=4)
    else:
        data = make.saved(
            Image.frombytes("CMYK", cmyk.shape[1::-1], cmyk.tobytes()),
            form,
            **({"quality": 100} if form == "JPEG" else {}),
        )
    got = read(file(data), make.LIMITS)
    assert np.abs(got.rgb - _cmyk_plain(cmyk)).max() <= (6 if form == "JPEG" else 2)


def test_adobes_inverted_cmyk_jpeg(make, file):
    """Photoshop writes CMYK JPEGs inverted, with an APP14 marker; so does Pillow: white paper must come out white."""
    data = make.saved(Image.new("CMYK", (16, 16), (0, 0, 0, 0)), "JPEG")
    assert b"Adobe" in data
    assert read(file(data), make.LIMITS).rgb.min() >= 254


def cmyk_profile():
    """A printer of one ink that counts: L* = 100 (1 - K), whatever the other inks."""
    corners = np.zeros((2, 2, 2, 2, 3), np.uint16)
    corners[:, :, :, 0] = (65280, 32768, 32768)
    corners[:, :, :, 1] = (0, 32768, 32768)
    ramp = struct.pack(">2H", 0, 65535)
    table = b"mft2\0\0\0\0" + bytes([4, 3, 2, 0])
    table += struct.pack(">9i", *(65536 * v for v in (1, 0, 0, 0, 1, 0, 0, 0, 1))) + struct.pack(">2H", 2, 2)
    table += ramp * 4 + corners.astype(">u2").tobytes() + ramp * 3
    return _profile({b"A2B0": table, b"A2B1": table}, b"CMYK", b"prtr", b"Lab ")


@pytest.mark.parametrize("form", ["TIFF", "JPEG"])
def test_cmyk_by_its_profile(form, make, file):
    black = np.repeat(np.arange(0, 256, 5, dtype=np.uint8)[None], 16, axis=0)
    cmyk = np.dstack([np.full_like(black, 90), np.zeros_like(black), np.zeros_like(black), black])
    options = {"quality": 100} if form == "JPEG" else {}
    data = make.saved(
        Image.frombytes("CMYK", cmyk.shape[1::-1], cmyk.tobytes()), form, icc_profile=cmyk_profile(), **options
    )
    got = read(file(data), make.LIMITS).rgb.astype(int)
    lightness = 100 * (1 - black / 255.0)
    luminance = np.where(lightness > 8, ((lightness + 16) / 116) ** 3, lightness / 903.3)
    assert np.abs(got - _encode(luminance)[:, :, None]).max() <= (8 if form == "JPEG" else 3)


def test_lab_tiff(make, file):
    lab = np.zeros((4, 5, 3), np.uint8)
    lab[:, :, 0] = [[0, 64, 128, 192, 255]] * 4
    got = read(file(make.tiff(lab, photometric="cielab")), make.LIMITS).rgb.astype(int)
    lightness = lab[:, :, 0] / 2.55
    luminance = np.where(lightness > 8, ((lightness + 16) / 116) ** 3, lightness / 903.3)
    assert np.abs(got - _encode(luminance)[:, :, None]).max() <= 3


def test_reduced_pictures_are_converted_too(make, file):
    rgb = make.picture(160, 240)
    got = read(file(make.saved(rgb, "PNG", icc_profile=ADOBE_LIKE)), make.LIMITS, 30).rgb
    expected = adobe_to_srgb(rgb.reshape(20, 8, 30, 8, 3).mean((1, 3)))
    assert np.abs(got - expected).mean() <= 0.7  # the curve is steep where red ends: a level there becomes several
