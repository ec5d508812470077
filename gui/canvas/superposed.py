"""The designer image over the original in one view: swipe, blink, onion skin and difference, at the screen's size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from core.domain import Placement
from core.jobs.hands import FitColours
from core.maths.recolouring import FIT_SIDE, ColourTable, difference
from gui.assets import current_theme
from gui.canvas.colour_maps import heat_colours
from gui.canvas.layers import Glass, PictureLayer, checkerboard, paint_frame, paint_pyramid
from gui.canvas.qimages import WrappedImage, mask_table, wrap_colour, wrap_mask
from gui.canvas.viewport import Point, Size, Viewport, fit_points, frame

MOST_PIXELS = 1_000_000
"""More are not compared at once, so that the difference follows a hand: on finer screens it is that much coarser."""
GAIN = 2
"""A difference of 128 levels has the brightest colour: a recoloured photo differs by less, a hat by more."""
GROUND_SIDE = 512
"""Long side at which a plain background is looked for."""
GROUND_TOLERANCE, GROUND_LEVELS, GROUND_BORDER = 6.0, 16, 0.6
"""Colours that far apart (ΔE; levels) are one; a plain background has at least this share of the border."""
OPAQUE = 250
"""Alpha from which on a designer pixel is its own colour, and not one with nothing mixed into it."""


class CompareMode(StrEnum):
    """How the two lie over one another; the value is what the desk calls it."""

    SWIPE = "swipe"
    BLINK = "blink"
    ONION = "onion skin"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class Superposed:
    """What is shown of the two."""

    mode: CompareMode
    placement: Placement
    split: float = 0.5
    """Of a swipe: the original lies left of this share of the pane's width."""
    opacity: float = 0.5
    """Of the designer image, as an onion skin."""
    lit: bool = True
    """Blinking, the designer image is to be seen just now."""
    colours: ColourTable | None = None
    """What the recolouring made of the original's colours; None: not known yet."""

    @property
    def words(self) -> str:
        """What the caption says."""
        if self.mode is CompareMode.BLINK:
            return f"blink: {'designer image' if self.lit else 'original'}"
        if self.mode is CompareMode.ONION:
            return f"onion skin: designer image {self.opacity:.0%}"
        return _WORDS[self.mode]


_WORDS = {
    CompareMode.SWIPE: "swipe: original left, designer image right",
    CompareMode.DIFFERENCE: "difference without the recolouring: dark same, yellow changed",
}


class Superposer:
    """Paints two pictures over one another; keeps what is the same from one placement to the next."""

    def __init__(self, original: PictureLayer, designer: PictureLayer) -> None:
        """Take the pictures."""
        self.original, self.designer = original, designer
        self._recoloured: tuple[object, NDArray[np.uint8]] | None = None
        self._seen: object = None
        self._beneath: QPixmap | None = None
        """The original as the pane shows it."""
        self._ground: WrappedImage | None = None
        self._ground_known = False
        self._table = _difference_table()

    def paint(self, painter: QPainter, view: Viewport, glass: Glass, how: Superposed) -> None:
        """Paint both."""
        theme = current_theme()
        self._paint_original(painter, view, glass)
        of_designer = view.after(how.placement.matrix())
        if how.mode is CompareMode.DIFFERENCE:
            self._paint_difference(painter, view, glass, how)
            return
        if how.mode is CompareMode.BLINK and not how.lit:
            return
        painter.save()
        if how.mode is CompareMode.SWIPE:
            left = glass.extent[0] * how.split
            painter.setClipRect(QRectF(left, 0, glass.extent[0] - left, glass.extent[1]))
        elif how.mode is CompareMode.ONION:
            painter.setOpacity(how.opacity)
        if not self.designer.opaque and how.mode is not CompareMode.ONION:
            paint_frame(painter, of_designer, self.designer.size, checkerboard(theme.checker))
        self.designer.paint(painter, of_designer, glass)
        painter.restore()

    def _paint_original(self, painter: QPainter, view: Viewport, glass: Glass) -> None:
        """Paint the original; from the second time on as it was painted then, as long as the view stays."""
        if self._seen != (view, glass):
            self._seen, self._beneath = (view, glass), None
            self.original.paint(painter, view, glass)
            return
        if self._beneath is None:
            pixmap = QPixmap(*(math.ceil(side * glass.ratio) for side in glass.extent))
            pixmap.setDevicePixelRatio(glass.ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            own = QPainter(pixmap)
            self.original.paint(own, view, glass)
            own.end()
            self._beneath = pixmap
        painter.drawPixmap(0, 0, self._beneath)

    def _paint_difference(self, painter: QPainter, view: Viewport, glass: Glass, how: Superposed) -> None:
        painter.fillRect(QRectF(0, 0, *glass.extent), QColor(0, 0, 0, 140))
        ratio = working_ratio(glass)
        part = _covered(view, glass.extent, ratio, how.placement, self.designer.size)
        if part.isEmpty():
            return
        pixels = self._cut_out(view.after(how.placement.matrix()), part, ratio)
        original = self._as_recoloured(view, glass, ratio, how.colours)
        beneath = original[part.top() : part.bottom() + 1, part.left() : part.right() + 1]
        apart = difference(beneath, pixels)
        np.maximum(apart, 1, out=apart)  # 0 is left for where not both are to be seen
        apart *= np.minimum(pixels[..., 3], beneath[..., 3]) >= OPAQUE
        shown = wrap_mask(np.ascontiguousarray(apart), self._table)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        at = QRectF(part.left() / ratio, part.top() / ratio, part.width() / ratio, part.height() / ratio)
        painter.drawImage(at, shown.image)
        painter.restore()

    def _as_recoloured(
        self, view: Viewport, glass: Glass, ratio: float, table: ColourTable | None
    ) -> NDArray[np.uint8]:
        """Return the whole pane's original in the designer image's colours, (h, w, 4); made once for each view."""
        key = (view, glass.extent, ratio, table)
        if self._recoloured is None or self._recoloured[0] != key:
            whole = QRect(0, 0, math.ceil(glass.extent[0] * ratio), math.ceil(glass.extent[1] * ratio))
            pixels = _rendered(self.original, view, whole, ratio)
            if table is not None:
                pixels[..., 2::-1] = table.applied(pixels[..., 2::-1])
            self._recoloured = key, pixels
        return self._recoloured[1]

    def _cut_out(self, view: Viewport, part: QRect, ratio: float) -> NDArray[np.uint8]:
        """Return what a pane shows of the designer image without a plain background: that is no change to be shown."""
        pixels = _rendered(self.designer, view, part, ratio)
        if not self._ground_known:
            self._ground, self._ground_known = _plain_ground(self.designer), True
        if self._ground is not None:
            image, glass = _image_over(pixels), _glass_of(part, ratio)
            painter = _painter_of(image, part, ratio)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
            paint_pyramid(painter, (self._ground,), self.designer.size, view, glass)
            painter.end()
        return pixels

    def samples(self, placement: Placement) -> FitColours:
        """Return both pictures at a small size, from which a job finds what the recolouring did to the colours."""
        corners = [placement.apply(*corner) for corner in frame(self.designer.size)]
        view = fit_points(corners, (FIT_SIDE, FIT_SIDE))
        part = QRect(0, 0, FIT_SIDE, FIT_SIDE)
        original = _rendered(self.original, view, part, 1.0)
        designer = self._cut_out(view.after(placement.matrix()), part, 1.0)
        both = np.minimum(original[..., 3], designer[..., 3]) >= OPAQUE
        return FitColours(original[..., 2::-1].copy(), designer[..., 2::-1].copy(), both.astype(np.float32))


def working_ratio(glass: Glass) -> float:
    """Return pixels that are compared for each view pixel: the screen's, or fewer where those are too many."""
    most = math.sqrt(MOST_PIXELS / max(glass.extent[0] * glass.extent[1], 1.0))
    return min(glass.ratio, most)


def _covered(view: Viewport, extent: Size, ratio: float, placement: Placement, size: Size) -> QRect:
    """Return the pixels of the pane that the designer image may cover."""
    seen: list[Point] = [view.to_view(placement.apply(*corner)) for corner in frame(size)]
    xs, ys = [x * ratio for x, _ in seen], [y * ratio for _, y in seen]
    left, top = max(math.floor(min(xs)), 0), max(math.floor(min(ys)), 0)
    right = min(math.ceil(max(xs)), math.ceil(extent[0] * ratio))
    bottom = min(math.ceil(max(ys)), math.ceil(extent[1] * ratio))
    return QRect(left, top, max(right - left, 0), max(bottom - top, 0))


def _rendered(layer: PictureLayer, view: Viewport, part: QRect, ratio: float) -> NDArray[np.uint8]:
    """Return what a pane shows of a picture, in a part of it: (h, w, 4) B, G, R, A; the part is in those pixels too."""
    pixels = np.zeros((part.height(), part.width(), 4), np.uint8)
    image = _image_over(pixels)
    painter = _painter_of(image, part, ratio)
    layer.paint(painter, view, _glass_of(part, ratio))
    painter.end()
    return pixels


def _image_over(pixels: NDArray[np.uint8]) -> QImage:
    """Return an image that is painted into an array's memory: the array is the one that lasts."""
    return wrap_colour(pixels, opaque=False).image


def _painter_of(image: QImage, part: QRect, ratio: float) -> QPainter:
    painter = QPainter(image)
    painter.translate(-part.left(), -part.top())
    painter.scale(ratio, ratio)
    return painter


def _glass_of(part: QRect, ratio: float) -> Glass:
    return Glass(((part.right() + 1) / ratio, (part.bottom() + 1) / ratio), ratio)


def _plain_ground(layer: PictureLayer) -> WrappedImage | None:
    """Return the plain background that hangs together with a picture's corners; None if it has none.

    Some 10 ms, once for each picture.
    """
    from core.maths.picking import magic_wand  # brings OpenCV, which nothing else here needs

    width, height = layer.size
    scale = min(GROUND_SIDE / max(width, height), 1.0)
    part = QRect(0, 0, max(round(width * scale), 4), max(round(height * scale), 4))
    fitting = Viewport(((scale, 0.0, 0.5 * scale), (0.0, scale, 0.5 * scale)))
    pixels = _rendered(layer, fitting, part, 1.0)
    rgb = np.ascontiguousarray(pixels[..., 2::-1])
    edge = np.concatenate([rgb[1], rgb[-2], rgb[:, 1], rgb[:, -2]]).astype(np.int16)
    if np.mean(np.abs(edge - np.median(edge, axis=0)).max(axis=1) <= GROUND_LEVELS) < GROUND_BORDER:
        return None  # most pictures are told apart by this alone
    ground = np.zeros(rgb.shape[:2], np.uint8)
    for x in (1, part.width() - 2):
        for y in (1, part.height() - 2):
            found = magic_wand(rgb, (x, y), GROUND_TOLERANCE) if ground[y, x] < 128 else None
            if found is not None:
                (left, top, right, bottom), alpha = found
                there = ground[top:bottom, left:right]
                np.maximum(there, alpha, out=there)
    border = np.concatenate([ground[1], ground[-2], ground[:, 1], ground[:, -2]])
    if np.mean(border >= 128) < GROUND_BORDER:
        return None
    ground[[0, -1]], ground[:, [0, -1]] = ground[[1, -2]], ground[:, [1, -2]]
    return wrap_mask(ground, mask_table("#000000", 1.0))


def _difference_table() -> list[int]:
    """Return the colours of a difference: cividis, dark where nothing differs; none at 0."""
    colours = heat_colours()[np.minimum(np.arange(256) * GAIN, 255)]
    entries = [0xFF << 24 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in colours]
    return [0, *entries[1:]]
