"""The hard edits that judge, by geometry and company: bent, tilted, among others, twice in the photo, in costume."""

from __future__ import annotations

import math

import accessories
import cv2
import numpy as np
from drafting import Draft, Photo, grid, noise, resample
from numpy.typing import NDArray

from core.maths.warp import Affine, apply, compose, invert, shift, similarity


def _nearest(here: NDArray[np.float64], there: NDArray[np.float64], mirrored: bool) -> Affine:
    """Return the similarity that takes (n, 2) points nearest to others in the sense of least squares."""
    flip = np.array([-1.0, 1.0]) if mirrored else np.ones(2)
    z, w = (here * flip) @ [1, 1j], there @ [1, 1j]
    middle, to = z.mean(), w.mean()
    turn = np.vdot(z - middle, w - to) / np.vdot(z - middle, z - middle).real
    centre = (float(middle.real * flip[0]), float(middle.imag))
    return similarity(abs(turn), math.degrees(np.angle(turn)), mirrored, centre, (float(to.real), float(to.imag)))


def _bend(draft: Draft, x: NDArray[np.float32], y: NDArray[np.float32]) -> None:
    """Redraw the draft: pixel (i, j) shows what lay at (x, y); the truth becomes the nearest similarity."""
    flags, border = cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
    draft.rgb = np.clip(cv2.remap(draft.rgb, x, y, flags, borderMode=border), 0, 255)
    draft.alpha = draft.portrait = np.clip(cv2.remap(draft.alpha, x, y, flags, borderMode=border), 0, 1)
    inside = draft.alpha > 0.5
    here = np.stack(grid(draft.size), axis=2)[inside].astype(np.float64)
    there = apply(draft.affine, np.stack([x, y], axis=2)[inside].astype(np.float64))
    draft.affine = _nearest(here, there, bool(np.linalg.det(draft.affine[:2, :2]) < 0))


def liquify(draft: Draft, rng: np.random.Generator) -> None:
    """A smooth random warp of up to 2 % of the portrait's size, without any similarity in it."""
    x, y = grid(draft.size)
    inside = draft.alpha > 0.5
    sigma = draft.extent * rng.uniform(0.12, 0.25)
    move = np.stack([noise(draft.size, sigma, rng), noise(draft.size, sigma, rng)], axis=2)
    here = np.stack([x, y], axis=2)[inside].astype(np.float64)
    small = 0.02 * draft.extent / np.abs(move[inside]).max()
    common = _nearest(here, here + small * move[inside], False)
    flat = np.stack([x, y], axis=2).reshape(-1, 2).astype(np.float64)
    move = small * move - (apply(common, flat) - flat).reshape(move.shape)
    move *= draft.extent * rng.uniform(0.01, 0.02) / np.hypot(move[..., 0], move[..., 1])[inside].max()
    _bend(draft, (x + move[..., 0]).astype(np.float32), (y + move[..., 1]).astype(np.float32))


def tilt(draft: Draft, rng: np.random.Generator) -> None:
    """A small perspective: the corners moved by up to 2 % of the picture."""
    w, h = draft.size
    corners = np.float32([[0, 0], [w - 1, 0], [w - 1, h - 1], [0, h - 1]])
    moved = corners + np.float32(rng.uniform(-0.02, 0.02, (4, 2)) * [w, h])
    homography = cv2.getPerspectiveTransform(corners, moved)
    x, y = grid(draft.size)
    points = np.stack([x, y, np.ones_like(x)], axis=2) @ homography.T
    _bend(draft, *(np.float32(points[..., i] / points[..., 2]) for i in (0, 1)))


def join(draft: Draft, rng: np.random.Generator) -> None:
    """One or two other animals beside this one, on the same background."""
    if not draft.others:
        raise ValueError("several animals need other photos")
    w, h = draft.size
    y, x = np.nonzero(draft.alpha > 0.5)
    rgb, alpha = np.zeros_like(draft.rgb), np.zeros_like(draft.alpha)
    sides = [(x.min() / 2, x.min()), ((x.max() + w) / 2, w - x.max())]
    for (photo, mask), (middle, free) in zip(draft.others, sides, strict=False):
        if free < 0.6 * (x.max() - x.min()):
            continue
        v, u = np.nonzero(mask >= 128)
        grow = (y.max() - y.min()) / (v.max() - v.min()) * rng.uniform(0.8, 1.05)
        grow = min(grow, 1.15 * free / (u.max() - u.min()))
        turn, mirrored = rng.uniform(-20, 20), bool(rng.random() < 0.5)
        centre = (float(u.min() + u.max()) / 2, float(v.min() + v.max()) / 2)
        place = similarity(grow, turn, mirrored, centre, (float(middle), float(y.mean() + rng.uniform(-0.1, 0.1) * h)))
        drawn = draft.tone(np.clip(resample(photo.astype(np.float32), place, (w, h), cv2.BORDER_REPLICATE), 0, 255))
        cut = np.clip(resample((mask >= 128).astype(np.float32), place, (w, h)), 0, 1)
        cut = cv2.GaussianBlur(cut, (0, 0), 0.5 + 0.004 * draft.extent)
        rgb = rgb * (1 - cut[..., None]) + drawn * cut[..., None]
        alpha = np.maximum(alpha, cut)
    draft.behind = (rgb.astype(np.float32), alpha)
    draft.painted = np.maximum(draft.painted, alpha * (1 - draft.alpha))


def twice(photo: Photo, rng: np.random.Generator) -> tuple[Photo, Photo, Affine, Affine]:
    """Paste the animal in a second time, beside the photo.

    Returns the new photo with the mask of the first, the same with the mask of the second, the affine from the old
    photo to the new one, and from there the one that takes the first to the second.
    """
    rgb, mask = photo
    h, w = mask.shape
    v, u = np.nonzero(mask >= 128)
    box = u.max() - u.min() + 1, v.max() - v.min() + 1
    grow = rng.uniform(0.7, 1.0)
    strip = min(round(1.4 * grow * box[0]) + 8, 2 * w)
    left = bool(rng.random() < 0.5)
    beside = cv2.GaussianBlur(cv2.resize(rgb[:, ::-1], (strip, h)), (0, 0), 0.03 * w)
    wide = np.concatenate([beside, rgb] if left else [rgb, beside], axis=1)
    place = shift(strip if left else 0, 0)
    centre = (float(u.min() + u.max()) / 2, float(v.min() + v.max()) / 2)
    grow = min(grow, 0.95 * h / box[1])
    to = (strip / 2 if left else w + strip / 2, float(np.clip(centre[1], grow * box[1] / 2, h - grow * box[1] / 2)))
    second = similarity(grow, rng.uniform(-12, 12), bool(rng.random() < 0.4), centre, to)
    size = (w + strip, h)
    first_mask, second_mask = (resample((mask >= 128).astype(np.float32), one, size) for one in (place, second))
    drawn = resample(rgb.astype(np.float32), second, size, cv2.BORDER_REPLICATE)
    cut = np.clip(cv2.GaussianBlur(second_mask, (0, 0), 0.7), 0, 1)[..., None] * (first_mask < 0.5)[..., None]
    both = np.rint(np.clip(wide * (1 - cut) + drawn * cut, 0, 255)).astype(np.uint8)
    masks = [np.where(one >= 0.5, np.uint8(255), np.uint8(0)) for one in (first_mask, second_mask)]
    return (both, masks[0]), (both, masks[1]), place, compose(second, invert(place))


def costume(draft: Draft, rng: np.random.Generator) -> None:
    """Sunglasses, a bandana and a party hat."""
    accessories.bandana(draft, rng)
    accessories.party_hat(draft, rng)
    accessories.sunglasses(draft, rng)
