"""Refines placements from coarse to fine, many at once: those of one pair, or of a batch of pairs on a GPU."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.maths.align import Aligner
from core.maths.backend import Array, Backend, Planes
from core.maths.features import Feature, Window, correlation, wide_band
from core.maths.warp import Affine, Size, compose, invert, shift
from core.reconcile.views import DesignerView

TILE = 0.1875
"""Agreement is counted in tiles of this share of the foreground's size, laid out from its centre: whatever the frame
that a batch shares, a pair has the same ones."""
ENOUGH = 0.02
"""A step below this many pixels ends a placement's refinement at its size."""


@dataclass(frozen=True, slots=True, eq=False)
class PairView:
    """Both pictures of a pair, ready to be compared."""

    original: Planes
    designer: DesignerView


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A placement of one pair of a batch, designer to original, and how well it agrees where it was refined."""

    pair: int
    """Index of the pair in its batch."""
    affine: Affine
    zncc: float = 0.0
    """Correlation under the foreground, -1 to 1; negative where the tone is inverted."""
    agreeing: float = 0.0
    """Share of the foreground's tiles that correlate by more than one half."""
    deviation: float = math.inf
    """Predicted standard deviation of the portrait's rim, as a share of the portrait's size."""


class Frames:
    """The designer images of a batch at one size, in frames of one shape."""

    def __init__(self, pairs: Sequence[PairView], backend: Backend, extent: float, feature: Feature) -> None:
        """Shrink the designer images so that their foregrounds are ``extent`` pixels (root of their area)."""
        self._pairs, self._backend, self._feature = pairs, backend, feature
        self.extent = extent
        frames = [pair.designer.frame(extent) for pair in pairs]
        side = 8 * -(-max(size[0] for _, size in frames) // 8)
        self.size: Size = (side, side)
        middle = (side - 1) / 2
        self._centre = (middle, middle)
        self._to_frames = [
            compose(shift(middle - (size[0] - 1) / 2, middle - (size[1] - 1) / 2), to_frame)
            for to_frame, size in frames
        ]
        stack = backend.xp.concat
        self._window = Window(
            backend,
            stack([p.designer.weights([f], self.size) for p, f in zip(pairs, self._to_frames, strict=True)], axis=0),
        )
        self._planes = stack(
            [p.designer.planes.sampled([f], self.size) for p, f in zip(pairs, self._to_frames, strict=True)], axis=0
        )
        self._templates: dict[Feature, Array] = {}

    def refine(self, fits: Sequence[Fit], steps: int, check: Callable[[], None]) -> list[Fit]:
        """Return placements after at most that many Gauss-Newton steps; one that got worse is returned as it came."""
        before = self.measure(fits)
        after = self.measure(self._steps(before, self._feature, steps, check))
        pairs = zip(before, after, strict=True)
        return [new if abs(new.zncc) >= abs(old.zncc) else _kept(old, new) for old, new in pairs]

    def approach(self, fits: Sequence[Fit], steps: int, check: Callable[[], None]) -> list[Fit]:
        """Return placements after steps on the wider band, measured; they need not be better."""
        return self.measure(self._steps(fits, wide_band, steps, check))

    def measure(self, fits: Sequence[Fit]) -> list[Fit]:
        """Return the placements with how well they agree here."""
        if not fits:
            return []
        window, template = self._of(fits, self._feature)
        warped = self._feature(self._warped(fits), window)
        zncc = correlation(template, warped, window)
        agreeing = self._agreeing(template, warped, zncc, window)
        host = self._backend.numpy
        return [
            Fit(fit.pair, fit.affine, value, share, fit.deviation)
            for fit, value, share in zip(fits, host(zncc).tolist(), host(agreeing).tolist(), strict=True)
        ]

    def stretches(self, fits: Sequence[Fit], steps: int, check: Callable[[], None]) -> list[float]:
        """Return by how much more an affine would stretch each designer image one way than the other: 0.01 is 1 %.

        A placement has no such stretch; more than a little tells of a bent, tilted or liquified designer image.
        """
        answer = []
        for bent in self._steps(fits, self._feature, steps, check, affine=True):
            long, short = np.linalg.svd(bent.affine[:2, :2], compute_uv=False)
            answer.append(float(long / max(short, 1e-9) - 1))
        return answer

    def _steps(
        self,
        fits: Sequence[Fit],
        feature: Feature,
        steps: int,
        check: Callable[[], None],
        *,
        affine: bool = False,
    ) -> list[Fit]:
        answer = list(fits)
        active = list(range(len(answer)))
        aligner: Aligner | None = None
        for _ in range(steps if answer else 0):
            check()
            some = [answer[index] for index in active]
            if aligner is None:
                window, template = self._of(some, feature)
                aligner = Aligner(template, window, self._centre, self.extent / 2, affine=affine)
            moves = aligner.step(feature(self._warped(some), window))
            left = []
            for at, (index, move) in enumerate(zip(active, moves.affines, strict=True)):
                to_frame = self._to_frames[answer[index].pair]
                placement = compose(answer[index].affine, invert(to_frame), move, to_frame)
                deviation = float(moves.deviations[at]) / self.extent
                answer[index] = Fit(answer[index].pair, placement, answer[index].zncc, 0.0, deviation)
                if moves.lengths[at] >= ENOUGH:
                    left.append(index)
            if len(left) < len(active):
                active, aligner = left, aligner if self._window.weights.shape[0] == 1 else None
            if not active:
                break
        return answer

    def _of(self, fits: Sequence[Fit], feature: Feature) -> tuple[Window, Array]:
        """Return window and template of each placement; one for all if the batch is of one pair."""
        if feature not in self._templates:
            self._templates[feature] = feature(self._planes, self._window)
        template = self._templates[feature]
        if len(self._pairs) == 1:
            return self._window, template
        which = self._backend.array(np.array([fit.pair for fit in fits], np.int64))
        return self._window.take(which), template[which]

    def _warped(self, fits: Sequence[Fit]) -> Array:
        """Return the grey originals (n, h, w) as the placements take them into their designer image's frame."""
        xp = self._backend.xp
        parts, order = [], []
        for index, pair in enumerate(self._pairs):
            mine = [at for at, fit in enumerate(fits) if fit.pair == index]
            if mine:
                to_frames = [compose(self._to_frames[index], invert(fits[at].affine)) for at in mine]
                parts.append(pair.original.sampled(to_frames, self.size))
                order += mine
        stacked = parts[0] if len(parts) == 1 else xp.concat(parts, axis=0)
        if order == sorted(order):
            return stacked
        return stacked[self._backend.array(np.argsort(order))]

    def _agreeing(self, one: Array, other: Array, zncc: Array, window: Window) -> Array:
        """Return the share (n,) of tiles with a correlation over one half; tiles with little weight don't count."""
        xp = self._backend.xp
        weights = window.weights[:, None]
        tile = round(TILE * self.extent)
        margin = -(self.size[0] // 2) % tile
        count = (self.size[0] + 2 * margin) // tile

        def total(planes: Array) -> Array:
            n, c, h, w = planes.shape
            padded = xp.zeros((n, c, h + 2 * margin, w + 2 * margin), dtype=planes.dtype, device=planes.device)
            padded[..., margin : margin + h, margin : margin + w] = planes
            return padded.reshape((n, c, count, tile, count, tile)).sum((3, 5))

        area = total(weights)
        mean_one, mean_other = total(one * weights) / (area + 1e-6), total(other * weights) / (area + 1e-6)
        common = (total(one * other * weights) - area * mean_one * mean_other).sum(1)
        power_one = (total(one * one * weights) - area * mean_one * mean_one).sum(1)
        power_other = (total(other * other * weights) - area * mean_other * mean_other).sum(1)
        local = common / xp.sqrt(xp.clip(power_one, 0, None) * xp.clip(power_other, 0, None) + 1e-12)
        counted = area[:, 0] > 0.3 * tile * tile
        good = counted & (local * xp.sign(zncc)[:, None, None] > 0.5)
        zero, unit = xp.zeros_like(local), xp.ones_like(local)
        number = xp.where(counted, unit, zero).sum((1, 2))
        return xp.where(good, unit, zero).sum((1, 2)) / xp.clip(number, 1.0, None)


def _kept(old: Fit, new: Fit) -> Fit:
    """Return a placement whose steps led away, with the deviation that they predicted if it has none of its own."""
    return old if math.isfinite(old.deviation) else replace(old, deviation=new.deviation)
