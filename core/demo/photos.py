"""Where the demo's photos come from: scikit-image's wheel, or a folder of the user's with masks beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.demo.scenes import PORTRAITS, SHOTS, Outline, Shot
from core.errors import FileProblem
from core.files import remedy_for
from core.images import io
from core.images.picture import Pixels
from core.images.source import unreadable
from core.maths import warp

_MOST_PHOTOS = 24
_JPEG_QUALITY = 93
_SMALLEST = 8
"""A portrait that is narrower or lower, pixels, is a speck: no designer image can be made of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One original of the demo.

    ``rgb`` is (h, w, 3) uint8 as the file decodes, upright; ``mask`` is (h, w) uint8, 255 where the portrait is.
    ``data`` are the bytes of the file to write as ``file_name``; ``subject`` says which photos show the same.
    """

    name: str
    file_name: str
    subject: str
    data: bytes
    rgb: Pixels
    mask: Pixels


def shipped_photos(limits: io.Limits) -> list[Callable[[], Photo]]:
    """Return a loader for each shot of scikit-image's photographs."""
    return [partial(_take, shot, limits) for shot in SHOTS]


def photos_in(folder: Path, limits: io.Limits) -> list[Callable[[], Photo]]:
    """Return a loader for each photo of ``folder/originals`` with a mask of the same stem in ``folder/masks``.

    At most 24 of them, spread evenly over the names.

    Raises:
        FileProblem: there is no such photo, or the folders cannot be read.
    """
    masks = {path.stem: path for path in _pictures(folder / "masks")}
    photos = {path.stem: path for path in _pictures(folder / "originals")}
    found = [(path, masks[stem]) for stem, path in photos.items() if stem in masks]
    if not found:
        raise FileProblem(
            f"{folder} holds no photo with a mask.",
            "Put photos into originals/ and masks of the same names into masks/.",
        )
    chosen = np.unique(np.linspace(0, len(found) - 1, min(len(found), _MOST_PHOTOS)).round().astype(int))
    return [partial(_load, photo, mask, limits) for photo, mask in (found[index] for index in chosen.tolist())]


def encode_jpeg(rgb: Pixels, quality: int) -> bytes:
    """Return (h, w, 3) RGB as the bytes of a JPEG file."""
    done, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return data.tobytes()


def _pictures(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(path for path in folder.iterdir() if io.is_picture(path))
    except OSError as error:
        raise FileProblem(
            f"The folder {folder} cannot be read: {error.strerror or error}.", remedy_for(error)
        ) from error


def _load(path: Path, mask_path: Path, limits: io.Limits) -> Photo:
    picture = io.read(path, limits)
    mask = np.where(io.read(mask_path, limits).rgb[..., 0] >= 128, np.uint8(255), np.uint8(0))
    if mask.shape != picture.rgb.shape[:2] or min(cv2.boundingRect(mask)[2:]) < _SMALLEST:
        raise FileProblem(
            f"{mask_path} is not the mask of {path}.", "It must be white where the portrait is, and of the same size."
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    return Photo(path.stem, path.name, path.stem, data, picture.rgb, mask)


def _take(shot: Shot, limits: io.Limits) -> Photo:
    portrait = PORTRAITS[shot.portrait]
    photograph = io.read(_wheel_folder() / portrait.file, limits).rgb
    x, y, width, height = shot.box
    part = photograph[y : y + height, x : x + width]
    size = _enlarged((part.shape[1], part.shape[0]), shot.long_side)
    rgb = cv2.resize(part, size, interpolation=cv2.INTER_CUBIC)
    to_shot = warp.compose(warp.resize_affine((part.shape[1], part.shape[0]), size), warp.shift(-x, -y))
    mask = _fill(warp.apply(to_shot, _rounded(portrait.outline)), size)
    if shot.flipped:
        rgb, mask = np.ascontiguousarray(rgb[:, ::-1]), np.ascontiguousarray(mask[:, ::-1])
    data = encode_jpeg(np.asarray(rgb, np.uint8), _JPEG_QUALITY)
    return Photo(shot.name, shot.file_name, shot.portrait, data, np.asarray(rgb, np.uint8), mask)


def _wheel_folder() -> Path:
    spec = find_spec("skimage")
    assert spec is not None and spec.submodule_search_locations, "scikit-image is a dependency"
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def _enlarged(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    ratio = long_side / max(size)
    return round(size[0] * ratio), round(size[1] * ratio)


def _rounded(outline: Outline) -> NDArray[np.float64]:
    """Return the outline with its corners cut twice (Chaikin 1974): (n, 2) x, y."""
    points = np.array(outline, np.float64)
    for _ in range(2):
        after = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1).reshape(-1, 2)
    return points


def _fill(points: NDArray[np.float64], size: tuple[int, int]) -> Pixels:
    mask = np.zeros((size[1], size[0]), np.uint8)
    shift = 4  # fixed-point digits of cv2.fillPoly
    cv2.fillPoly(mask, [np.round(points * 2**shift).astype(np.int32)], (255,), lineType=cv2.LINE_8, shift=shift)
    return mask
