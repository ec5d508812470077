"""Colour management: whatever a file's pixels mean, to sRGB."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from core.images.picture import Pixels

if TYPE_CHECKING:
    from PIL import ImageCms
    from PIL.Image import Image

_SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}


def to_srgb(pixels: Pixels, mode: str, profile: bytes | None) -> Pixels:
    """Convert pixels to sRGB.

    With a profile of the right colour space: relative colorimetric with black point compensation, as image editors
    do. A profile that is broken or belongs to another colour space is ignored: grey and RGB then count as sRGB, CMYK
    is mixed by the plain formula, LAB is taken as D50.

    Args:
        pixels: uint8, (h, w) for "L", (h, w, 3) for "RGB" and "LAB" (a and b shifted by 128), (h, w, 4) for
            "CMYK" (255 is full ink).
        mode: one of those.
        profile: the file's ICC profile.

    Returns:
        (h, w, 3) uint8, C-contiguous, perhaps read-only; ``pixels`` itself where nothing has to change.
    """
    import cv2

    transform = _transform(mode, profile)
    if transform is not None:
        return _apply(transform, pixels, mode)
    if mode == "L":
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8)
    if mode == "CMYK":
        return np.asarray(_image(pixels, mode).convert("RGB"))
    return np.ascontiguousarray(pixels)


def _apply(transform: ImageCms.ImageCmsTransform, pixels: Pixels, mode: str) -> Pixels:
    return np.asarray(transform.apply(_image(pixels, mode)))


def _image(pixels: Pixels, mode: str) -> Image:
    from PIL import Image

    return Image.frombytes(mode, (pixels.shape[1], pixels.shape[0]), np.ascontiguousarray(pixels))


def _transform(mode: str, profile: bytes | None) -> ImageCms.ImageCmsTransform | None:
    """Return the way to sRGB, or None where there is none or it would change nothing."""
    from PIL import ImageCms

    srgb = ImageCms.createProfile("sRGB")
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    try:
        if profile:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            if source.profile.xcolor_space.strip() != _SPACES[mode]:
                raise ValueError("a profile of another colour space")
            transform = ImageCms.ImageCmsTransform(
                source, ImageCms.ImageCmsProfile(srgb), mode, "RGB", intent, flags=flags
            )
            return None if mode == "RGB" and _changes_nothing(transform) else transform
    except Exception:  # lcms2 and its binding raise whatever they like over a broken profile
        pass
    if mode == "LAB":
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        return ImageCms.ImageCmsTransform(lab, ImageCms.ImageCmsProfile(srgb), mode, "RGB", intent, flags=flags)
    return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Try a lattice of colours: most profiles are sRGB under some name, and converting a large picture takes time."""
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    lattice = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
    return int(np.abs(_apply(transform, lattice, "RGB").astype(int) - lattice).max()) <= 1
