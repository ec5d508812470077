"""A picture sheet of the worst answers: the original with both outlines, and the designer image warped back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from cases import Case
from measure import Answer
from numpy.typing import NDArray
from peers import METHODS
from PIL import Image, ImageDraw, ImageFont

from core.images.picture import Picture
from core.maths.masks import Mask
from core.maths.warp import Affine, warp

COUNT, COLUMNS, SIDE, CAPTION = 12, 3, 340, 44
TRUE, MISTAKEN = (0, 200, 0), (230, 0, 0)


def badness(answer: Answer) -> tuple[float, float]:
    """Return what sorts the worst first: false matches and misses before large errors before poor masks."""
    if answer.negative:
        return (-2.0, -answer.confidence) if answer.matched else (1.0, 0.0)
    if not answer.matched or answer.relative >= 0.01:
        return -1.0, -answer.relative
    return 0.0, answer.overlap


def write_sheet(path: Path, cases: Sequence[Case], answers: Sequence[Answer]) -> None:
    """Write the worst answers of one method; the pairs are made, and the method is run, once more."""
    by_name = {case.name: case for case in cases}
    worst = sorted(answers, key=badness)[:COUNT]
    tiles = [_tile(by_name[answer.name], answer) for answer in worst]
    while len(tiles) % COLUMNS:
        tiles.append(np.full_like(tiles[0], 255))
    lines = [np.hstack(tiles[start : start + COLUMNS]) for start in range(0, len(tiles), COLUMNS)]
    Image.fromarray(np.vstack(lines)).save(path)


def _tile(case: Case, answer: Answer) -> NDArray[np.uint8]:
    made = case.load()
    found = METHODS[answer.method](made.original, made.designer)
    left = made.original.rgb.copy()
    for truth in (made.mask, *(one.mask for one in made.also)):
        _outline(left, truth, TRUE)
    if found.mask is not None:
        _outline(left, found.mask, MISTAKEN)
    size = (made.original.width, made.original.height)
    right = _on_grey(made.designer) if found.affine is None else _warped(made.designer, found.affine, size)
    tile = np.full((SIDE + CAPTION, 2 * SIDE, 3), 255, np.uint8)
    for picture, at in ((left, 0), (right, SIDE)):
        shown = _fitted(picture)
        tile[: shown.shape[0], at : at + shown.shape[1]] = shown
    error = "no match" if not answer.matched else "another photo" if answer.negative else f"error {answer.relative:.2%}"
    lines = (
        f"{answer.name}: {error}, confidence {answer.confidence:.2f}, IoU {answer.overlap:.2f}",
        " ".join(answer.edits),
    )
    return _captioned(tile, lines)


def _outline(rgb: NDArray[np.uint8], mask: Mask, colour: tuple[int, int, int]) -> None:
    thick = max(round(max(rgb.shape) / SIDE * 1.5), 1)
    contours, _ = cv2.findContours((mask >= 128).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(rgb, contours, -1, colour, thick, cv2.LINE_AA)


def _on_grey(picture: Picture) -> NDArray[np.uint8]:
    if picture.alpha is None:
        return picture.rgb
    opaque = picture.alpha[..., None] / 255
    return np.rint(picture.rgb * opaque + 160 * (1 - opaque)).astype(np.uint8)


def _warped(designer: Picture, affine: Affine, size: tuple[int, int]) -> NDArray[np.uint8]:
    return warp(_on_grey(designer), affine, size, border=90.0)


def _fitted(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    factor = (SIDE - 4) / max(rgb.shape[:2])
    size = max(round(rgb.shape[1] * factor), 1), max(round(rgb.shape[0] * factor), 1)
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)


def _captioned(tile: NDArray[np.uint8], lines: Sequence[str]) -> NDArray[np.uint8]:
    image = Image.fromarray(tile)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((4, SIDE + 2 + 19 * number), line, "black", ImageFont.load_default(15))
    return np.asarray(image)
