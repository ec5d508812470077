"""What both pictures are compared in: a locally normalised band, or edges without their sign, on any backend."""

from __future__ import annotations

from collections.abc import Callable

from core.maths.backend import Array, Backend

FLOOR = 0.2
"""Share of a plane's own standard deviation that is added to the local one, so that flat regions stay flat."""
NOISE = 0.1
"""Levels that are added too: of a plane of one colour only rounding is left, and that must not become features."""

WIDE = 4.0
"""From this standard deviation on, pixels, a Gaussian need not be exact: it normalises, or catches from far away."""


class Window:
    """Which pixels of a batch of planes count: weights (n, h, w), 0 to 1, and what blurring makes of them.

    Means under it are normalised convolutions (Knutsson and Westin 1993): what lies outside adds nothing.
    """

    def __init__(self, backend: Backend, weights: Array, totals: dict[float, Array] | None = None) -> None:
        """Take the weights; ``totals`` are their blurs, where they are known."""
        self.backend = backend
        self.weights = weights
        self.used = weights > 0
        self.area = weights.sum((1, 2)) + 1e-6
        self._totals = {} if totals is None else totals

    def take(self, which: Array) -> Window:
        """Return the window of those planes; a window of one plane serves any number of them."""
        if self.weights.shape[0] == 1:
            return self
        return Window(self.backend, self.weights[which], {sigma: plane[which] for sigma, plane in self._totals.items()})

    def blur(self, planes: Array, sigma: float) -> Array:
        """Return the Gaussian mean of (n, h, w) planes under the weights; 0 where no weight is near."""
        xp = self.backend.xp
        blur = self.backend.blur if sigma < WIDE else self.backend.wide_blur
        if sigma not in self._totals:
            total = blur(self.weights, sigma)
            self._totals[sigma] = xp.where(total > 1e-3, 1 / xp.clip(total, 1e-3, None), xp.zeros_like(total))
        return blur(planes * self.weights, sigma) * self._totals[sigma]

    def mean(self, planes: Array) -> Array:
        """Return the weighted mean (n, 1, 1) of (n, h, w) planes."""
        return ((planes * self.weights).sum((1, 2)) / self.area)[:, None, None]


Feature = Callable[[Array, Window], Array]
"""Takes planes (n, h, w) and their window to features (n, channels, h, w), zero outside the window."""


def band(planes: Array, window: Window, inner: float = 0.6, outer: float = 2.5, spread: float = 6.0) -> Array:
    """Return the band between two Gaussians over its local standard deviation: one channel.

    Gain and offset of the planes do not matter. ``inner``, ``outer`` and ``spread`` are standard deviations in pixels.
    """
    detail = (window.blur(planes, inner) - window.blur(planes, outer)) * window.used
    return _normalised(detail, detail * detail, window, spread)[:, None]


def wide_band(planes: Array, window: Window) -> Array:
    """Return the band of coarser detail, which is caught from further away."""
    return band(planes, window, 1.2, 5.0, 10.0)


def edges(planes: Array, window: Window, inner: float = 1.0, spread: float = 6.0) -> Array:
    """Return gradients by doubled angle over their local strength: two channels, the same for either sign of an edge.

    Lines and the edges they stand for agree, and so do inverted or solarised tones (Bigün and Granlund 1987).
    """
    xp = window.backend.xp
    smooth = window.blur(planes, inner)
    dx, dy = xp.zeros_like(smooth), xp.zeros_like(smooth)
    dx[..., 1:-1] = smooth[..., 2:] - smooth[..., :-2]
    dy[:, 1:-1] = smooth[:, 2:] - smooth[:, :-2]
    dx, dy = dx * window.used, dy * window.used
    strength = xp.sqrt(dx * dx + dy * dy) + 1e-3
    along = window.blur((dx * dx - dy * dy) / strength, inner) * window.used
    across = window.blur(2 * dx * dy / strength, inner) * window.used
    power = along * along + across * across
    return xp.stack([_normalised(along, power, window, spread), _normalised(across, power, window, spread)], axis=1)


def _normalised(detail: Array, power: Array, window: Window, spread: float) -> Array:
    xp = window.backend.xp
    mean_power = window.mean(power)
    return detail / xp.sqrt(window.blur(power, spread) + (FLOOR * FLOOR) * mean_power + NOISE * NOISE)


def correlation(one: Array, other: Array, window: Window) -> Array:
    """Return the correlation (n,) of features (n, channels, h, w) under a window, each channel about its mean."""
    xp = window.backend.xp
    weights, area = window.weights[:, None], window.area[:, None]
    a = one - ((one * weights).sum((2, 3)) / area)[:, :, None, None]
    b = other - ((other * weights).sum((2, 3)) / area)[:, :, None, None]
    power = (a * a * weights).sum((1, 2, 3)) * (b * b * weights).sum((1, 2, 3))
    return (a * b * weights).sum((1, 2, 3)) / xp.sqrt(power + 1e-12)
