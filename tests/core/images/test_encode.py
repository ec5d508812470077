"""Masks and cut-outs go to PNG and come back; what is no mask is refused."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from core.errors import FileProblem
from core.images.encode import is_ours
from core.images.io import decode_mask, decode_patch, encode_mask, encode_patch, encode_rgba

SIZES = st.tuples(st.integers(1, 40), st.integers(1, 40))


@given(SIZES.flatmap(lambda size: arrays(np.uint8, size)))
def test_masks_come_back(mask):
    back = decode_mask(encode_mask(mask))
    assert np.array_equal(back, mask)
    assert back.dtype == np.uint8
    assert back.flags.c_contiguous
    assert back.flags.writeable


@given(SIZES.flatmap(lambda size: arrays(np.uint8, size)))
def test_patches_come_back(planes):
    data = encode_patch(planes)
    assert np.array_equal(decode_mask(data), planes)
    assert np.array_equal(decode_patch(data), planes)
    assert np.array_equal(decode_patch(encode_mask(planes)), planes), "another program may have packed it"
    assert data == encode_patch(np.asfortranarray(planes))


def test_a_damaged_patch_is_refused():
    data = encode_patch(np.full((40, 30), 7, np.uint8))
    for broken in (b"", data[:30], data[:60], data.replace(b"IDAT", b"IDAX"), data[:45] + b"\0\0\0" + data[48:]):
        with pytest.raises(FileProblem):
            decode_patch(broken)


def test_a_patch_of_runs_is_small():
    planes = np.zeros((2000, 3000), np.uint8)
    planes[300:900, 200:2500] = 255
    assert len(encode_patch(planes)) < 40_000


def test_equal_masks_give_equal_bytes(make):
    mask = make.noise((50, 60))
    assert encode_mask(mask) == encode_mask(np.asfortranarray(mask))


def test_what_we_wrote_is_known_again(make, tmp_path):
    file = tmp_path / "picture.png"
    for data, ours in (
        (encode_mask(make.noise((50, 60))), True),
        (encode_rgba(make.noise((50, 60, 4))), True),
        (make.saved(make.noise((50, 60, 3)), "PNG"), False),
        (b"Software\0Pawtrait", False),
        (b"", False),
    ):
        file.write_bytes(data)
        assert is_ours(file) is ours
    assert not is_ours(tmp_path / "none")


def test_masks_are_what_others_read(make):
    mask = make.noise((50, 60))
    image = Image.open(io.BytesIO(encode_mask(mask)))
    assert (image.format, image.mode) == ("PNG", "L")
    assert np.array_equal(np.array(image), mask)


def test_cut_outs_keep_colours_under_transparency(make):
    rgba = make.noise((50, 60, 4))
    image = Image.open(io.BytesIO(encode_rgba(rgba)))
    assert (image.format, image.mode) == ("PNG", "RGBA")
    assert np.array_equal(np.array(image), rgba)


@pytest.mark.parametrize("wrong", [np.zeros((4, 5, 3)), np.zeros((4, 5), bool), np.zeros((4, 5, 1)), np.zeros((0, 5))])
def test_other_arrays_are_bugs(wrong):
    with pytest.raises(ValueError, match="not L pixels"):
        encode_mask(wrong if wrong.dtype == bool else wrong.astype(np.uint8))


@pytest.mark.parametrize("form", ["JPEG", "BMP", "TIFF"])
def test_other_formats_are_no_masks(form, make):
    with pytest.raises(FileProblem, match="no PNG"):
        decode_mask(make.saved(make.noise((5, 6)), form))


def test_other_pngs_are_no_masks(make):
    grey = make.noise((5, 6))
    others = [
        make.png(make.noise((5, 6, 3)), 2),
        make.png(make.noise((5, 6, 4)), 6),
        make.png(grey.astype(np.uint16), 0),
    ]
    others += [make.png(make.noise((5, 6, 2)), 4), make.saved(Image.fromarray(grey > 9), "PNG")]
    for data in [*others, make.saved(Image.fromarray(grey).convert("P"), "PNG")]:
        with pytest.raises(FileProblem, match="8-bit grey"):
            decode_mask(data)


def test_damaged_masks_are_refused_everywhere(make):
    data = encode_mask(make.noise((20, 30)))
    for length in range(len(data) - 30):
        with pytest.raises(FileProblem) as caught:
            decode_mask(data[:length])
        assert caught.value.remedy
    rng = np.random.default_rng(2)
    for _ in range(200):
        broken = bytearray(data)
        broken[rng.integers(8, len(data))] ^= 1 << rng.integers(8)
        with contextlib.suppress(FileProblem):
            assert decode_mask(bytes(broken)).dtype == np.uint8


def test_a_header_that_deflate_could_not_fulfil_is_refused(make, monkeypatch):
    png = bytearray(make.png(np.zeros((8, 8), np.uint8), 0))
    png[16:24] = struct.pack(">II", 60_000, 60_000)
    png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile", None)  # nothing is decoded
    with pytest.raises(FileProblem, match="claims 60000 × 60000"):
        decode_mask(bytes(png))


def test_the_emptiest_large_mask_is_within_what_deflate_can_do():
    mask = np.zeros((4000, 6000), np.uint8)
    assert np.array_equal(decode_mask(encode_mask(mask)), mask)
