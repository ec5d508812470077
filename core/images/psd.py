"""Photoshop files: the flattened picture, with alpha from its transparency or from its layers."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from core.images.decoded import SAVE_AS_16_BIT, Decoded
from core.images.deep import to_8_bit
from core.images.headers import Header
from core.images.picture import Pixels
from core.images.source import NotSupported

if TYPE_CHECKING:
    from psd_tools import PSDImage

_Check = Callable[[int, int], None]
_STRIP = 256


def decode_psd(data: bytes, header: Header, check: _Check) -> Decoded:
    """Decode the flattened picture of a PSD or PSB, 8 or 16 bit.

    Its alpha is the flattened picture's own transparency. Where it has none, it is what the layers (with their masks)
    cover over a backdrop of one flat colour; over any other backdrop nobody can tell the portrait, and there is no
    alpha.

    Args:
        data: the file's content.
        header: size from the file's header, within limits.
        check: raises ``FileProblem`` for the size of a layer that is over the limit.

    Raises:
        NotSupported: 32 bits, multichannel, or saved without a flattened picture.
        Exception: anything, over a damaged file.
    """
    from psd_tools import PSDImage
    from psd_tools.compression import PSDDecompressionWarning
    from psd_tools.constants import Resource

    # A channel that cannot be decoded comes back black, with a warning: a damaged file must be refused.
    warnings.filterwarnings("error", category=PSDDecompressionWarning)
    logging.getLogger("psd_tools").setLevel(logging.CRITICAL)
    psd = PSDImage.open(BytesIO(data))
    if psd.depth == 32:
        raise NotSupported("32 bits a channel", SAVE_AS_16_BIT)
    if not psd.has_preview():
        raise NotSupported("layers only", "Save it again with “Maximize Compatibility” switched on.")
    _check_whole(psd)
    planes: Any = psd._record.image_data.get_data(psd._record.header)
    stored = [_plane(plane, header, psd.depth) for plane in planes]
    pixels, mode = _colour(psd, stored)
    alpha = _transparency(psd, stored, 1 if pixels.ndim == 2 else pixels.shape[2])
    if alpha is None:
        alpha = _coverage(psd, check)
    elif mode in ("L", "RGB"):
        _remove_white(pixels, alpha)
    return Decoded(pixels, mode, alpha, psd.image_resources.get_data(Resource.ICC_PROFILE), header)


def _check_whole(psd: PSDImage) -> None:
    """Refuse a flattened picture that ends too early: psd-tools would fill the rest with black."""
    from psd_tools.constants import Compression

    section = psd._record.image_data
    if section.compression == Compression.RLE:
        counts = np.frombuffer(section.data, (">u2", ">u4")[psd.version - 1], psd.height * psd.channels)
        if counts.nbytes + int(counts.sum(dtype=np.int64)) > len(section.data):
            raise ValueError("the flattened picture ends too early")


def _plane(data: bytes, header: Header, depth: int) -> Pixels:
    size = header.height, header.width
    if depth == 16:
        return to_8_bit(np.frombuffer(data, ">u2").reshape(size).astype(np.uint16))
    if depth == 1:
        bits = np.frombuffer(data, np.uint8).reshape(header.height, -1)
        return np.uint8(255) - np.uint8(255) * np.unpackbits(bits, axis=1)[:, : header.width]
    return np.frombuffer(data, np.uint8).reshape(size)


def _colour(psd: PSDImage, stored: list[Pixels]) -> tuple[Pixels, str]:
    """Return the colour planes as one array of our own, and its mode as in ``Decoded``."""
    from psd_tools.constants import ColorMode

    modes = {
        ColorMode.BITMAP: ("L", 1),
        ColorMode.GRAYSCALE: ("L", 1),
        ColorMode.DUOTONE: ("L", 1),
        ColorMode.INDEXED: ("RGB", 1),
        ColorMode.RGB: ("RGB", 3),
        ColorMode.CMYK: ("CMYK", 4),
        ColorMode.LAB: ("LAB", 3),
    }
    if psd.color_mode not in modes:
        raise NotSupported("many channels and no colour space", "Save it as RGB.")
    mode, count = modes[psd.color_mode]
    if len(stored) < count:
        raise ValueError("channels are missing")
    if psd.color_mode == ColorMode.INDEXED:
        palette = np.frombuffer(psd._record.color_mode_data.value, np.uint8).reshape(3, 256).T
        return palette[stored[0]], mode
    if mode == "CMYK":  # stored as light, not as ink
        return 255 - np.dstack(stored[:count]), mode
    return (stored[0].copy() if count == 1 else np.dstack(stored[:count])), mode


def _transparency(psd: PSDImage, stored: list[Pixels], colours: int) -> Pixels | None:
    """Return the transparency: the first plane behind the colours, unless that is a saved selection."""
    from psd_tools.api.utils import has_transparency

    return stored[colours] if has_transparency(psd) and len(stored) > colours else None


def _remove_white(pixels: Pixels, alpha: Pixels) -> None:
    """Undo, in place, the white that Photoshop puts under a transparent picture: colour × alpha + white × (1 − alpha).

    In strips: a large picture as float would take a dozen times its own memory.
    """
    for top in range(0, len(pixels), _STRIP):
        rows = slice(top, top + _STRIP)
        share = alpha[rows].astype(np.float32) / 255
        if pixels.ndim == 3:
            share = share[:, :, None]
        colour = (pixels[rows] - 255 * (1 - share)) / np.maximum(share, 1 / 255)
        pixels[rows] = np.rint(np.clip(colour, 0, 255))


def _coverage(psd: PSDImage, check: _Check) -> Pixels | None:
    """Return what the visible layers cover above a flat backdrop; None where that tells nothing."""
    covered: Pixels | None = None
    for layer, cover in _covers(psd, psd, None, check):
        if covered is not None:
            covered = 255 - _times(255 - covered, 255 - cover)
        elif cover.min() < 255:
            covered = cover
        elif not _is_flat(layer):
            return None
    return None if covered is None or covered.min() == covered.max() else covered


def _covers(psd: PSDImage, group: Any, outer: Pixels | None, check: _Check) -> Iterator[tuple[Any, Pixels]]:
    """Give each visible layer with pixels, from the bottom, and how much of the canvas it covers, 0 to 255."""
    for layer in group:
        if not layer.visible or layer.clipping:  # a clipped layer covers nothing that its base does not
            continue
        cover = _mask(psd, layer, check)
        if outer is not None:
            cover = _times(cover, outer)
        cover = _times(cover, np.full_like(cover, layer.opacity))
        if layer.is_group():
            yield from _covers(psd, layer, cover, check)
        elif layer.kind == "solidcolorfill":
            yield layer, cover
        elif layer.has_pixels():
            check(layer.width, layer.height)
            yield layer, _times(cover, _placed(psd, layer.topil(-1), layer.bbox, 0))


def _times(one: Pixels, other: Pixels) -> Pixels:
    import cv2

    return np.asarray(cv2.multiply(one, other, scale=1 / 255), np.uint8)


def _mask(psd: PSDImage, layer: Any, check: _Check) -> Pixels:
    mask = layer.mask
    if mask is None or mask.disabled:
        return np.full((psd.height, psd.width), 255, np.uint8)
    if mask.width * mask.height == 0:
        return np.full((psd.height, psd.width), mask.background_color, np.uint8)
    check(mask.width, mask.height)
    return _placed(psd, mask.topil(), mask.bbox, mask.background_color)


def _placed(psd: PSDImage, image: Any, box: tuple[int, int, int, int], outside: int) -> Pixels:
    """Put a layer's or mask's plane where it lies on the canvas; no plane counts as full."""
    left, top, right, bottom = box
    plane = np.full((psd.height, psd.width), outside, np.uint8)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(right, psd.width), min(bottom, psd.height)
    if x0 < x1 and y0 < y1:
        part = 255 if image is None else np.asarray(image.convert("L"))[y0 - top : y1 - top, x0 - left : x1 - left]
        plane[y0:y1, x0:x1] = part
    return plane


def _is_flat(layer: Any) -> bool:
    """Say whether a layer is of one colour (noise of a few levels allowed)."""
    if layer.kind == "solidcolorfill":
        return True
    pixels = np.asarray(layer.topil())
    colours = pixels.reshape(-1, pixels.shape[-1] if pixels.ndim == 3 else 1)
    return bool((colours.max(0).astype(int) - colours.min(0)).max() <= 4)
