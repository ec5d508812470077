"""The ordinary part of a made pair: where the portrait lies, its colours, what is behind it, how it is saved."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.images.picture import Picture
from core.maths.warp import Affine, Size, apply, compose, corners, invert, resize_affine, scale_of, shift, similarity

Rgb = NDArray[np.float32]
"""(height, width, 3) float32, 0 to 255."""
Plane = NDArray[np.float32]
"""(height, width) float32, 0 to 1 unless said."""
Photo = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""A photo (h, w, 3) and its portrait mask (h, w), 0 or 255."""

BACKGROUNDS = {"white": 0.3, "alpha": 0.22, "flat": 0.14, "gradient": 0.12, "kept": 0.12, "photo": 0.1}
"""What lies behind the portrait, and how often."""
SCALES = (0.4, 6.0)
LONGEST = 1400
"""No designer image is larger than this, pixels."""


@dataclass
class Draft:
    """A designer image in the making; edits change it in place."""

    rgb: Rgb
    alpha: Plane
    """The portrait, with what was painted on: soft edge."""
    painted: Plane
    """What was painted on, or covers the portrait."""
    affine: Affine
    """Designer pixel to original pixel."""
    head: Affine
    """From a square of -1 to 1 around the portrait, upright in the original, to the designer image."""
    extent: float
    """Root of the portrait's area, designer pixels."""
    background: str
    tone: Callable[[Rgb], Rgb]
    others: Sequence[Photo]
    portrait: Plane
    """The portrait alone: colours are measured in it."""
    behind: tuple[Rgb, Plane] | None = None
    """Other animals, drawn between background and portrait."""

    @property
    def size(self) -> Size:
        """Width and height."""
        return self.rgb.shape[1], self.rgb.shape[0]

    def levels(self, percent: Sequence[float]) -> list[float]:
        """Return percentiles of the portrait's grey, 0 to 255."""
        return [float(one) for one in np.percentile(luma(self.rgb)[self.portrait > 0.5], percent)]

    def stretched(self) -> Plane:
        """Return the grey picture, 0 to 1, with the portrait's darks and lights spread over most of it."""
        low, high = self.levels([2, 98])
        return np.clip((luma(self.rgb) - low) / (high - low + 1), 0, 1).astype(np.float32)

    def put(self, layer: Plane, colour: Rgb | Sequence[float]) -> None:
        """Paint something on: ``layer`` is how opaque it is."""
        opaque = layer[..., None]
        self.rgb = (self.rgb * (1 - opaque) + np.asarray(colour, np.float32) * opaque).astype(np.float32)
        self.alpha = np.maximum(self.alpha, layer)
        self.painted = np.maximum(self.painted, layer)


def resample(
    img: NDArray[np.float32], affine: Affine, size: Size, border: int = cv2.BORDER_CONSTANT, fill: float = 0.0
) -> NDArray[np.float32]:
    """Return ``img`` taken through ``affine`` into a picture of ``size``: cubic, and area means where it shrinks.

    ``border`` is OpenCV's; ``fill`` is the value outside where it is constant.
    """
    times = max(math.ceil(1 / scale_of(affine) - 1e-6), 1)
    fine = (size[0] * times, size[1] * times)
    to_fine = compose(resize_affine(size, fine), affine)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(img, invert(to_fine)[:2], fine, flags=flags, borderMode=border, borderValue=(fill,) * 4)
    return np.asarray(warped if times == 1 else cv2.resize(warped, size, interpolation=cv2.INTER_AREA), np.float32)


def noise(size: Size, sigma: float, rng: np.random.Generator) -> Plane:
    """Return smooth noise of mean 0 and standard deviation 1; ``sigma`` in pixels."""
    shrink = max(sigma / 2, 1.0)
    small = max(math.ceil(size[0] / shrink) + 2, 4), max(math.ceil(size[1] / shrink) + 2, 4)
    plane = cv2.GaussianBlur(rng.normal(0, 1, small[::-1]).astype(np.float32), (0, 0), max(sigma / shrink, 0.3))
    plane = cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC) if small != size else plane
    return np.asarray((plane - plane.mean()) / (plane.std() + 1e-6), np.float32)


def luma(rgb: Rgb) -> Plane:
    """Return the grey picture, 0 to 255."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)


def grid(size: Size) -> tuple[Plane, Plane]:
    """Return x and y of every pixel."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    return x, y


def clipped(rgb: NDArray[np.floating]) -> Rgb:
    """Return a picture within 0 to 255."""
    return np.clip(rgb, 0, 255).astype(np.float32)


# --- layout -----------------------------------------------------------------------------------------------------------


def lay_out(
    photo: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    rng: np.random.Generator,
    *,
    background: str,
    least: float,
    room: str,
) -> tuple[Affine, Size]:
    """Draw rotation, scale, mirror and crop; return designer-to-original and the designer image's size.

    ``least`` is the smallest portrait wanted (root of its area, designer pixels); ``room`` is "usual", "roomy" or
    "wide" (for others beside it).
    """
    y, x = np.nonzero(mask >= 128)
    extent = math.sqrt(len(x))
    centre = (float(x.mean()), float(y.mean()))
    turn = rng.normal(0, 16) if rng.random() < 0.95 else rng.choice([-1, 1]) * rng.uniform(45, 58)
    turn = float(np.clip(turn, -45, 45)) if abs(turn) < 45 else float(np.clip(turn, -58, 58))
    if background == "kept":
        turn = float(np.clip(turn / 4, -12, 12)) if rng.random() < 0.5 else 0.0
    mirrored = bool(rng.random() < 0.25)
    margins = rng.uniform(0.03, 0.35) * rng.uniform(0.5, 1.5, 4)
    if room == "roomy":
        margins = np.maximum(margins, 0.22)
    if room == "wide":
        margins = np.array([rng.uniform(0.95, 1.2), margins[1], rng.choice([0.1, rng.uniform(0.95, 1.2)]), margins[3]])
        margins = margins[[2, 1, 0, 3]] if rng.random() < 0.5 else margins
    points = np.stack([x, y], axis=1).astype(np.float64)
    back = similarity(1.0, turn, mirrored, centre)  # original to designer, before scale and shift
    turned = apply(back, points)
    low, high = turned.min(axis=0), turned.max(axis=0)
    box = high - low
    low, high = low - margins[:2] * box, high + margins[2:] * box
    most = min(SCALES[1], LONGEST / float((high - low).max()))
    scale = math.exp(rng.uniform(math.log(min(max(SCALES[0], least / extent), most)), math.log(most)))
    if background == "kept":  # nobody crops beyond the photo's edge
        edge = apply(back, corners((photo.shape[1], photo.shape[0])))
        low, high = np.maximum(low, edge.min(axis=0)), np.minimum(high, edge.max(axis=0))
    size = max(round(float((high - low)[0] * scale)), 24), max(round(float((high - low)[1] * scale)), 24)
    to_designer = compose(similarity(scale, 0.0), shift(-float(low[0]), -float(low[1])), back)
    return invert(to_designer), size


def begin(photo: NDArray[np.uint8], mask: NDArray[np.uint8], affine: Affine, size: Size, draft: dict) -> Draft:
    """Return the photo drawn at its place, uncoloured, with the portrait's edge softened by nothing yet."""
    to_designer = invert(affine)
    border = cv2.BORDER_CONSTANT if draft["background"] == "kept" else cv2.BORDER_REPLICATE
    rgb = clipped(resample(photo.astype(np.float32), to_designer, size, border, 255.0))
    alpha = np.clip(resample((mask >= 128).astype(np.float32), to_designer, size), 0, 1)
    y, x = np.nonzero(mask >= 128)
    low, high = np.percentile(x, [1, 99]), np.percentile(y, [1, 99])
    head = np.diag([(low[1] - low[0]) / 2, (high[1] - high[0]) / 2, 1.0])
    head[:2, 2] = low.mean(), high.mean()
    extent = math.sqrt(len(x)) * scale_of(to_designer)
    none = np.zeros_like(alpha)
    return Draft(rgb, alpha, none, affine, compose(to_designer, head), extent, portrait=alpha, **draft)


def soften(draft: Draft, rng: np.random.Generator) -> None:
    """Soften the portrait's edge."""
    draft.alpha = np.asarray(cv2.GaussianBlur(draft.alpha, (0, 0), 0.4 + draft.extent * rng.uniform(0.001, 0.012)))


# --- colours ----------------------------------------------------------------------------------------------------------


def draw_tone(rng: np.random.Generator, words: list[str], strength: float = 1.0) -> Callable[[Rgb], Rgb]:
    """Draw what an ordinary designer does to the colours; the answer can be used on several pictures alike."""
    gamma = math.exp(rng.normal(0, 0.18 * strength))
    gain = np.exp(rng.normal(0, 0.09 * strength, 3)).astype(np.float32)
    hue = float(rng.normal(0, 22 * strength) if rng.random() < 0.4 else rng.normal(0, 4))
    saturation = math.exp(rng.normal(0, 0.3))
    contrast = rng.uniform(0.85, 1.2)
    seed = int(rng.integers(1 << 30))
    chances = {"relight": 0.2, "mono": 0.08, "clahe": 0.12, "sharpen": 0.15, "smooth": 0.12}
    drawn = [word for word, chance in chances.items() if rng.random() < chance]
    words += ["gamma", *drawn]

    def tone(rgb: Rgb) -> Rgb:
        again = np.random.default_rng(seed)
        rgb = _turn_hue(rgb, hue, saturation)
        rgb = clipped(255 * (rgb / 255) ** gamma * gain)
        rgb = clipped((rgb - 128) * contrast + 128)
        for word in drawn:
            rgb = _TONES[word](rgb, again)
        return rgb

    return tone


def _turn_hue(rgb: Rgb, degrees: float, saturation: float) -> Rgb:
    hsv = cv2.cvtColor(rgb / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + degrees) % 360
    hsv[..., 1] = np.clip(hsv[..., 1] * saturation, 0, 1)
    return clipped(255 * cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))


def relight(rgb: Rgb, rng: np.random.Generator, strength: float = 0.45) -> Rgb:
    """Return the picture lit from one side."""
    x, y = grid((rgb.shape[1], rgb.shape[0]))
    angle = rng.uniform(0, 2 * math.pi)
    along = (x / rgb.shape[1] - 0.5) * math.cos(angle) + (y / rgb.shape[0] - 0.5) * math.sin(angle)
    light = 1 + 2 * strength * np.tanh(2 * along)
    return clipped(rgb * light[..., None])


def _mono(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    tint = 1 + rng.uniform(0, 0.12) * np.array([1, 0.3, -1], np.float32)
    return clipped(luma(rgb)[..., None] * tint)


def _clahe(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    lab = cv2.cvtColor(rgb.astype(np.uint8), cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(rng.uniform(2, 4), (8, 8)).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB).astype(np.float32)


def _sharpen(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    wide = cv2.GaussianBlur(rgb, (0, 0), 1 + 0.002 * max(rgb.shape))
    return clipped(rgb + rng.uniform(0.5, 1.5) * (rgb - wide))


def _smooth(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    return np.asarray(cv2.bilateralFilter(rgb, 7, float(rng.uniform(20, 50)), 3 + 0.002 * max(rgb.shape)), np.float32)


_TONES = {"relight": relight, "mono": _mono, "clahe": _clahe, "sharpen": _sharpen, "smooth": _smooth}


# --- what lies behind -------------------------------------------------------------------------------------------------


def cover(photo: NDArray[np.uint8], size: Size, rng: np.random.Generator) -> Rgb:
    """Return a part of a photo that fills ``size``."""
    w, h = photo.shape[1], photo.shape[0]
    factor = max(size[0] / w, size[1] / h) * rng.uniform(1.0, 1.5)
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    full = max(round(w * factor), size[0]), max(round(h * factor), size[1])
    grown = cv2.resize(photo, full, interpolation=way)
    left, top = int(rng.integers(full[0] - size[0] + 1)), int(rng.integers(full[1] - size[1] + 1))
    return grown[top : top + size[1], left : left + size[0]].astype(np.float32)


def _behind(draft: Draft, rng: np.random.Generator) -> Rgb:
    w, h = draft.size
    if draft.background == "photo" and draft.others:
        other = cover(draft.others[int(rng.integers(len(draft.others)))][0], draft.size, rng)
        return np.asarray(cv2.GaussianBlur(other, (0, 0), rng.uniform(1, 6)) if rng.random() < 0.5 else other)
    colours = rng.uniform(20, 255, (2, 3)).astype(np.float32)
    if draft.background == "white":
        colours[:] = 255
    if draft.background == "flat":
        colours[1] = colours[0]
    x, y = grid((w, h))
    angle = rng.uniform(0, 2 * math.pi)
    along = (x / w - 0.5) * math.cos(angle) + (y / h - 0.5) * math.sin(angle)
    share = np.clip(along + 0.5, 0, 1)
    if draft.background == "gradient" and rng.random() < 0.3:
        share = np.clip(np.hypot(x / w - 0.5, y / h - 0.5) / 0.7, 0, 1)
    return colours[0] + (colours[1] - colours[0]) * share[..., None]


def compose_on_background(draft: Draft, rng: np.random.Generator) -> None:
    """Lay the portrait on its background; where that is transparent, ``alpha`` says so, else it is full."""
    if draft.background == "kept":
        draft.alpha = np.ones_like(draft.alpha)
        return
    rgb, alpha = draft.rgb, draft.alpha[..., None]
    if draft.background == "alpha":
        others, share = draft.behind or (rgb, np.zeros_like(draft.alpha))
        rest = share[..., None] * (1 - alpha)
        fill = rng.choice([0.0, 255.0, -1.0], p=[0.3, 0.5, 0.2])
        below = rgb if fill < 0 else np.full_like(rgb, fill)
        total = alpha + rest
        draft.rgb = np.where(total > 0.002, (rgb * alpha + others * rest) / np.maximum(total, 0.002), below)
        draft.alpha = total[..., 0]
    else:
        below = _behind(draft, rng)
        if draft.behind is not None:
            share = draft.behind[1][..., None]
            below = below * (1 - share) + draft.behind[0] * share
        draft.rgb = rgb * alpha + below * (1 - alpha)
        draft.alpha = np.ones_like(draft.alpha)
    draft.rgb = draft.rgb.astype(np.float32)


def save(draft: Draft, rng: np.random.Generator) -> Picture:
    """Return the designer image as its file would be read: PNG with alpha, else a JPEG of quality 60 to 95."""
    rgb = np.rint(clipped(draft.rgb)).astype(np.uint8)
    alpha = np.rint(255 * np.clip(draft.alpha, 0, 1)).astype(np.uint8)
    if alpha.min() == 255:
        rgb, alpha = jpeg(rgb, int(rng.integers(60, 96))), None
    return Picture(np.ascontiguousarray(rgb), alpha, rgb.shape[1], rgb.shape[0])


def jpeg(rgb: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Return a picture as a JPEG of that quality brings it back."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), np.uint8)
