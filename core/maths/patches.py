"""What a person paints on a mask, kept apart from what lies beneath: a layer, and the patches that change it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain import Box
from core.errors import FileProblem

Plane8 = NDArray[np.uint8]
"""(height, width) uint8."""
_BAND = 64


TILE = 256
"""Pixels; what is changed is worked on in squares of this side."""


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """What a gesture paints: alpha in a box, to be added to the mask or taken from it."""

    box: Box
    alpha: Plane8
    """(h, w) of the box."""
    adds: bool


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """One change of a layer: the exclusive or of what was and what is, so that it is its own inverse.

    ``planes`` is (2 height, width) uint8: the cover of the box, then its paint below. It holds what one stroke changed,
    mostly zeros and long runs, so that it packs well (decision 0012).
    """

    left: int
    top: int
    planes: Plane8

    @property
    def box(self) -> Box:
        """What it touches."""
        return self.left, self.top, self.left + self.planes.shape[1], self.top + self.planes.shape[0] // 2

    @property
    def halves(self) -> tuple[Plane8, Plane8]:
        """Changes of the cover and of the paint."""
        middle = self.planes.shape[0] // 2
        return self.planes[:middle], self.planes[middle:]

    def parts(self) -> tuple[Patch, ...]:
        """Return it in squares, copied, without those that change nothing: a long stroke's box is mostly empty."""
        cover, paint = self.halves
        return tuple(
            Patch(self.left + x0, self.top + y0, np.concatenate([cover[y0:y1, x0:x1], paint[y0:y1, x0:x1]]))
            for x0, y0, x1, y1 in tiles(cover | paint)
        )


class PaintedLayer:
    """All strokes of one mask: how far they cover each pixel, and with what.

    A pixel of the mask is ``paint + base · (255 − cover) / 255`` (premultiplied, as in Porter and Duff 1984): strokes
    win over whatever the base becomes. Both planes are (height, width) uint8, and paint is never more than cover.
    Memory is taken for touched parts only, where the system gives zeroed pages on demand.
    """

    def __init__(self, width: int, height: int) -> None:
        """Start with nothing painted."""
        self.cover: Plane8 = np.zeros((height, width), np.uint8)
        self.paint: Plane8 = np.zeros((height, width), np.uint8)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return int(self.cover.shape[1]), int(self.cover.shape[0])

    def apply(self, patch: Patch) -> Box:
        """Do what a patch says, or take it back; return the box that has changed.

        Raises:
            FileProblem: it does not lie within the layer (its file is damaged).
        """
        left, top, right, bottom = patch.box
        width, height = self.size
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise FileProblem(
                "A stroke lies outside of its photo.", "Restore the project from a backup, or take the strokes away."
            )
        cover, paint = patch.halves
        np.bitwise_xor(self.cover[top:bottom, left:right], cover, out=self.cover[top:bottom, left:right])
        np.bitwise_xor(self.paint[top:bottom, left:right], paint, out=self.paint[top:bottom, left:right])
        return patch.box

    def over(self, base: Plane8, box: Box | None = None) -> Plane8:
        """Return the mask: the layer over a base of its size; only a box of it where one is given."""
        if box is not None:
            window = np.s_[box[1] : box[3], box[0] : box[2]]
            return over(base[window], self.cover[window], self.paint[window])
        mask = base.copy()
        for top in range(0, len(mask), _BAND):  # most of a photo is not painted on
            rows = np.s_[top : top + _BAND]
            if self.cover[rows].any():
                mask[rows] = over(base[rows], self.cover[rows], self.paint[rows])
        return mask

    def stroke(self, box: Box, alpha: Plane8, value: int) -> Patch | None:
        """Return the patch that paints ``value`` (255 adds, 0 erases) with ``alpha`` in a box; None if nothing changes.

        ``alpha`` is (height, width) uint8 of the box, 255 where the stroke covers all.
        """
        cover, paint = self._part(box)
        rest = np.subtract(255, alpha, dtype=np.uint16)
        # Rounded so that many light strokes come to the end: whatever is left shrinks by at least one.
        left_open = _shared(255 - cover.astype(np.uint16), rest)
        wanted_cover = (255 - left_open).astype(np.uint8)
        kept = _shared(paint.astype(np.uint16), rest)
        wanted_paint = (wanted_cover - _shared(cover.astype(np.uint16) - paint, rest)) if value else kept
        return self._patch(box, wanted_cover, wanted_paint.astype(np.uint8))

    def painted(self, mark: Mark) -> Patch | None:
        """Return the patch that paints a mark, worked out where there is any of it; None if nothing changes."""
        left, top, right, bottom = mark.box
        height, width = bottom - top, right - left
        planes = np.zeros((2, height, width), np.uint8)
        around: Box | None = None
        for x0, y0, x1, y1 in tiles(mark.alpha):
            box = left + x0, top + y0, left + x1, top + y1
            patch = self.stroke(box, mark.alpha[y0:y1, x0:x1], 255 if mark.adds else 0)
            if patch is not None:
                x, y = patch.left - left, patch.top - top
                changed = planes[:, y : y + patch.box[3] - patch.box[1], x : x + patch.box[2] - patch.box[0]]
                changed[0], changed[1] = patch.halves
                around = union(around, patch.box)
        if around is None:
            return None
        inner = planes[:, around[1] - top : around[3] - top, around[0] - left : around[2] - left]
        return Patch(around[0], around[1], inner.reshape(-1, inner.shape[2]))

    def set(self, box: Box, wanted: Plane8, base: Plane8) -> Patch | None:
        """Return the patch that makes a box of the mask ``wanted``, whatever lies beneath; None if it is that already.

        ``base`` is the box of the base: where the mask is as wanted, the layer is left alone, and follows a new base.
        """
        cover, paint = self._part(box)
        differs = over(base, cover, paint) != wanted
        return self._patch(box, np.where(differs, np.uint8(255), cover), np.where(differs, wanted, paint))

    def clear(self, box: Box, where: Plane8) -> Patch | None:
        """Return the patch that lets the base show again where ``where`` (of the box) is at least 128."""
        cover, paint = self._part(box)
        kept = where < 128
        return self._patch(box, cover * kept, paint * kept)

    def _part(self, box: Box) -> tuple[Plane8, Plane8]:
        left, top, right, bottom = box
        return self.cover[top:bottom, left:right], self.paint[top:bottom, left:right]

    def _patch(self, box: Box, cover: Plane8, paint: Plane8) -> Patch | None:
        was_cover, was_paint = self._part(box)
        changed_cover, changed_paint = was_cover ^ cover, was_paint ^ paint
        changed = changed_cover | changed_paint
        rows, columns = changed.max(axis=1) > 0, changed.max(axis=0) > 0
        if not rows.any():
            return None
        top, bottom = int(rows.argmax()), len(rows) - int(rows[::-1].argmax())
        left, right = int(columns.argmax()), len(columns) - int(columns[::-1].argmax())
        inner = np.s_[top:bottom, left:right]
        planes = np.concatenate([changed_cover[inner], changed_paint[inner]])
        return Patch(box[0] + left, box[1] + top, planes)


@dataclass(frozen=True, slots=True)
class Change:
    """How much one mask differs from another, counted at one half."""

    added: int
    """Pixels that the new one has and the old one had not."""
    removed: int
    iou: float
    box: Box | None
    """Around what differs; None where nothing does."""


def over(base: Plane8, cover: Plane8, paint: Plane8) -> Plane8:
    """Return paint over a base: ``paint + base · (255 − cover) / 255``, rounded."""
    if not cover.any():
        return base.copy()
    share = np.multiply(base, np.subtract(255, cover, dtype=np.uint16), dtype=np.uint16)
    share += 128
    share += share >> 8
    share >>= 8
    share += paint
    return np.minimum(share, 255, out=share).astype(np.uint8)


def _shared(value: NDArray[np.uint16], share: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return ``value · share / 255``, rounded down; both 0 to 255."""
    answer: NDArray[np.uint16] = value * share // np.uint16(255)
    return answer


def tiles(plane: Plane8, side: int = TILE) -> list[Box]:
    """Return the squares of a grid in which a plane is not all 0: a long stroke's box is mostly empty."""
    height, width = plane.shape
    found = []
    for y in range(0, height, side):
        columns = plane[y : y + side].max(axis=0)
        found += [
            (x, y, min(x + side, width), min(y + side, height))
            for x in range(0, width, side)
            if columns[x : x + side].any()
        ]
    return found


def clipped(box: Box, width: int, height: int) -> Box | None:
    """Return the part of a box that lies within a picture; None if none does."""
    left, top, right, bottom = max(box[0], 0), max(box[1], 0), min(box[2], width), min(box[3], height)
    return (left, top, right, bottom) if left < right and top < bottom else None


def union(one: Box | None, other: Box | None) -> Box | None:
    """Return the smallest box around two; None counts as nothing."""
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
