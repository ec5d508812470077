"""Numpy arrays as Qt images without a copy, the arrays kept alive, and as paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream
from PySide6.QtGui import QColor, QImage, QPainterPath


@dataclass(frozen=True, slots=True, eq=False)
class WrappedImage:
    """A Qt image over an array's memory. Qt does not keep the array alive: this does."""

    image: QImage
    pixels: NDArray[np.uint8]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.width(), self.image.height()


def wrap_colour(pixels: NDArray[np.uint8], opaque: bool) -> WrappedImage:
    """Wrap (h, w, 4) uint8 in the order B, G, R, A, premultiplied; ``opaque`` lets Qt skip the blending.

    Raises:
        ValueError: the array has another shape or type, or is not C-contiguous.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 4:
        raise ValueError(f"not (h, w, 4): {pixels.shape}")
    kind = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
    return _wrap(pixels, 4, kind)


def wrap_mask(pixels: NDArray[np.uint8], table: Sequence[int]) -> WrappedImage:
    """Wrap a mask (h, w) uint8; ``table`` of :func:`mask_table` gives its 256 values their colours.

    Raises:
        ValueError: the array has another shape or type, or is not C-contiguous.
    """
    if pixels.ndim != 2:
        raise ValueError(f"not (h, w): {pixels.shape}")
    wrapped = _wrap(pixels, 1, QImage.Format.Format_Indexed8)
    wrapped.image.setColorTable(table)
    return wrapped


def _wrap(pixels: NDArray[np.uint8], channels: int, kind: QImage.Format) -> WrappedImage:
    if pixels.dtype != np.uint8 or not pixels.flags.c_contiguous:
        raise ValueError("pixels must be uint8 and C-contiguous")
    height, width = pixels.shape[:2]
    return WrappedImage(QImage(pixels.data, width, height, width * channels, kind), pixels)


def mask_table(colour: str, opacity: float) -> list[int]:
    """Return the colours of a mask's 256 values: ``colour`` (#rrggbb), ever more opaque up to ``opacity`` (0 to 1)."""
    tint = QColor(colour)
    table = []
    for value in range(256):
        tint.setAlphaF(opacity * value / 255)
        table.append(tint.rgba())
    return table


def path_of_lines(points: NDArray[np.float32], starts: NDArray[np.bool_]) -> QPainterPath:
    """Return points joined by straight lines as Qt's path, through Qt's stream format: no loop over points.

    The format is that of QDataStream for QPainterPath: the number of elements, each as its kind (0 move, 1 line) and
    two doubles, then the start of the last subpath and the fill rule.

    Args:
        points: (n, 2) x, y.
        starts: (n,) True where a new line begins; the first point always does.
    """
    elements = np.empty(len(points), dtype=[("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
    elements["kind"] = ~starts
    elements["kind"][:1] = 0
    elements["x"], elements["y"] = points[:, 0], points[:, 1]
    last = int(np.flatnonzero(elements["kind"] == 0)[-1]) if len(points) else 0
    data = len(points).to_bytes(4, "big") + elements.tobytes() + last.to_bytes(4, "big") + bytes(4)
    path = QPainterPath()
    stream = QDataStream(QByteArray(data))
    stream.setVersion(QDataStream.Version.Qt_6_0)
    stream >> path
    return path
