"""Decides, once the designer image is placed, which pixels of the original belong to the portrait."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.images.picture import Picture
from core.maths.colour import Rgb, fit_colours, local_ncc, wide_blur
from core.maths.filters import Plane, Pyramid, blur, unit
from core.maths.masks import Mask, close_gaps, cut_whiskers, distance, erode, fill_holes, largest_part
from core.maths.warp import Affine, Size, apply, compose, corners, invert, resize_affine, scale_of, shift, warp
from core.reconcile.foreground import Foreground

WORK_EXTENT = 384.0
"""Evidence is weighed with the portrait at most this large (root of its area, pixels)."""
WORK_PIXELS = 1_500_000
"""Nor is the frame around it larger than this many pixels."""
GUESS_EXTENT = 128.0
"""The same where the background was kept and the mask is a guess."""
AGREES = np.array([2.75, 2.5, 0.9, -1.06, 0.29, 0.0, -3.62], np.float32)
"""Logistic weights of :func:`_agreement_features`; fitted by ``benchmarks/reconciliation.py DATA --fit``."""
KEPT_SHARE = 0.33
"""The background was kept if at least this share of the frame's corners correlates with the original."""
STRANGE_SHARE, TOUCHING_SHARE = 0.3, 0.35
"""A background that seems plain is not, if so much of the frame's rim is foreground that the original does not show.
It was kept, if so much of the rim is foreground and the corners correlate."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The mask (h, w) in the original's frame, and what lay behind the portrait: alpha, plain, photo or kept."""

    mask: Mask
    background: str


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """Both pictures in one frame around the footprint, in the original's orientation."""

    to_frame: Affine
    """Original pixel to frame pixel."""
    size: Size
    original: Rgb
    designer: Rgb
    inside: Plane
    """1 where the designer image covers the frame, soft at its border."""
    place: Affine
    """Designer pixel to frame pixel."""

    def bring(self, plane: NDArray[np.float32], full: Size) -> NDArray[np.float32]:
        """Return a plane of the designer image (any size) in this frame, its edge repeated outside."""
        small = (plane.shape[1], plane.shape[0])
        to_frame = compose(self.place, resize_affine(small, full))
        factor = scale_of(to_frame)
        if factor < 0.5:
            size = max(round(small[0] * factor), 1), max(round(small[1] * factor), 1)
            plane = cv2.resize(plane, size, interpolation=cv2.INTER_AREA).astype(np.float32)
            to_frame = compose(to_frame, resize_affine(size, small))
        return warp(plane, to_frame, self.size, border=None)


@dataclass(frozen=True, slots=True, eq=False)
class _Agreement:
    """Where both pictures agree, 0 to 1 with a soft edge, and what that says about the background."""

    soft: Plane
    kept: bool
    """They agree out to the corners: the original's own background was kept."""
    foreign: bool
    """What looked like foreground before a plain background is, along much of the frame, another picture."""


def find_mask(
    original: Picture, designer: Picture, foreground: Foreground, placement: Affine, check: Callable[[], None]
) -> Evidence:
    """Return the portrait's mask in the original.

    ``placement`` takes designer pixels to original pixels. An alpha channel is believed. Before a plain background
    every pixel is unmixed into background and portrait, the portrait's colour being predicted from the original.
    Else a pixel belongs to the portrait if both pictures agree there; if they agree everywhere, the background was
    kept, and the mask is a guess at the animal in the frame's middle.
    """
    full = (original.width, original.height)
    frame = (designer.width, designer.height)
    if foreground.kind == "alpha" and designer.alpha is not None:
        whole = np.zeros((full[1], full[0]), np.uint8)
        (left, top), (width, height) = _footprint(placement, frame, full)
        moved = compose(shift(-left, -top), placement)
        whole[top : top + height, left : left + width] = Pyramid(designer.alpha).sampled(moved, (width, height))
        return Evidence(whole, "alpha")
    share = float((foreground.mask >= 128).mean()) if foreground.kind == "plain" else 0.4
    extent = math.sqrt(share * frame[0] * frame[1]) * scale_of(placement)
    scene = _scene(original, designer, placement, WORK_EXTENT / max(extent, 1.0))
    check()
    guess = None if foreground.background is None else scene.bring(unit(foreground.mask), frame)
    agreement = _agreeing(scene, frame, guess, check)
    if agreement.kept:
        scene = _scene(original, designer, placement, GUESS_EXTENT / max(extent, 1.0))
        soft, background = _guess(scene, frame), "kept"
    elif guess is None or foreground.background is None or agreement.foreign:
        soft, background = agreement.soft, "photo"
    else:
        soft, background = _unmixed(scene, guess, scene.bring(foreground.background, frame), check), "plain"
    check()
    mask = np.rint(255 * np.clip(soft, 0, 1)).astype(np.uint8)
    return Evidence(_in_original(mask, scene.to_frame, full), background)


def _footprint(placement: Affine, frame: Size, full: Size) -> tuple[tuple[int, int], Size]:
    """Return corner and size of the upright box around the designer image in the original, a little larger."""
    outline = apply(placement, corners(frame))
    left, top = np.clip(np.floor(outline.min(axis=0)) - 4, 0, np.array(full) - 1).astype(int).tolist()
    right, bottom = np.clip(np.ceil(outline.max(axis=0)) + 5, [left + 1, top + 1], full).astype(int).tolist()
    return (left, top), (right - left, bottom - top)


def _in_original(mask: Mask, to_frame: Affine, full: Size) -> Mask:
    """Return a frame's mask in the original; only the part of it that the frame covers is computed."""
    back = invert(to_frame)
    outline = apply(back, corners((mask.shape[1], mask.shape[0])))
    left, top = np.clip(np.floor(outline.min(axis=0)).astype(int) - 1, 0, None).tolist()
    right, bottom = np.minimum(np.ceil(outline.max(axis=0)).astype(int) + 2, full).tolist()
    whole = np.zeros((full[1], full[0]), np.uint8)
    if right > left and bottom > top:
        whole[top:bottom, left:right] = warp(mask, compose(shift(-left, -top), back), (right - left, bottom - top))
    return whole


def _scene(original: Picture, designer: Picture, placement: Affine, factor: float) -> _Scene:
    """Cut the footprint out of the original, shrunk by ``factor`` (never grown)."""
    (left, top), there = _footprint(placement, (designer.width, designer.height), (original.width, original.height))
    cut = original.rgb[top : top + there[1], left : left + there[0]]
    factor = min(1.0, factor, math.sqrt(WORK_PIXELS / (there[0] * there[1])))
    size = max(round(there[0] * factor), 1), max(round(there[1] * factor), 1)
    rgb = cut if size == there else cv2.resize(cut, size, interpolation=cv2.INTER_AREA)
    to_frame = compose(resize_affine(there, size), shift(-left, -top))
    place = compose(to_frame, placement)
    brought = Pyramid(designer.rgb).sampled(place, size, border=None).astype(np.float32)
    whole = np.full((designer.height, designer.width), 255, np.uint8)
    inside = unit(Pyramid(whole).sampled(place, size))
    return _Scene(to_frame, size, np.asarray(rgb, np.float32), brought, inside, place)


def _unmixed(scene: _Scene, guess: Plane, behind: Rgb, check: Callable[[], None]) -> Plane:
    """Return the portrait's share of every pixel before a plain background, 0 to 1.

    A designer pixel is a F + (1 - a) B, with B the background's colour and F the original's in the designer's colours.
    Where F and B are alike (white fur on white), a follows from its surroundings; where the pixel lies on no mixture of
    the two, something was painted on, and the first guess stands. Deep inside the guess, a is 1.
    """
    extent = math.sqrt(max(float(guess.sum()), 1.0))
    binary = np.where(guess >= 0.5, np.uint8(255), np.uint8(0))
    core = erode(binary, max(0.04 * extent, 2.0))
    if not core.any():
        return guess
    fit = fit_colours(scene.original, scene.designer, unit(core), 0.2 * extent)
    check()
    away = np.clip(fit.predicted, 0, 255) - behind
    along = blur(((scene.designer - behind) * away).sum(axis=2), 0.7)
    length = blur((away * away).sum(axis=2), 0.7)
    weight = 3 * fit.spread**2 + 100
    # Where the colours don't tell, pixels well away from the guess, its bays filled, are background.
    far = np.clip(distance(close_gaps(binary, 0.15 * extent)) / (0.15 * extent), 0, 1)
    told = length / (length + weight)
    known = np.where(binary > 0, 1, told + far).astype(np.float32)
    value = np.where(binary > 0, 1, told * np.clip(along / (length + 1), 0, 1) / (told + far + 1e-3)).astype(np.float32)
    around = np.maximum(guess, _spread(value, known, extent))
    check()
    share = np.clip((along + weight * around) / (length + weight), 0, 1)
    off = np.sqrt(np.mean((scene.designer - behind - share[..., None] * away) ** 2, axis=2))
    painted = 1 / (1 + np.exp(-np.clip((off - 3 * fit.spread) / (0.5 * fit.spread), -30, 30)))
    soft = share + (guess - share) * painted
    whole = unit(fill_holes(np.where(soft >= 0.5, np.uint8(255), np.uint8(0))))
    deep = blur(unit(erode(np.where(whole > 0, np.uint8(255), np.uint8(0)), 0.03 * extent + 1)), 1.0)
    answer: Plane = (np.maximum(soft, deep) * (scene.inside > 0.5)).astype(np.float32)
    return answer


def _spread(value: Plane, known: Plane, extent: float) -> Plane:
    """Return ``value`` carried from where it is ``known`` (0 to 1) into where it is not, from coarse to fine."""
    answer = np.zeros_like(value)
    for reach in (0.3, 0.1, 0.04, 0.015):
        sigma = max(reach * extent, 0.8)
        answer = (wide_blur(value * known, sigma) + 0.05 * answer) / (wide_blur(known, sigma) + 0.05)
    return answer


def _radius(scene: _Scene, full: Size) -> Plane:
    """Return the squared distance from the middle of the designer image, 1 at the middle of its sides."""
    w, h = scene.size
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    back = invert(scene.place)
    u = (back[0, 0] * x + back[0, 1] * y + back[0, 2]) / (full[0] / 2) - 1
    v = (back[1, 0] * x + back[1, 1] * y + back[1, 2]) / (full[1] / 2) - 1
    answer: Plane = (u * u + v * v).astype(np.float32)
    return answer


def _agreeing(scene: _Scene, full: Size, guess: Plane | None, check: Callable[[], None]) -> _Agreement:
    """Weigh where both pictures agree; ``guess`` is the foreground before a background that looks plain."""
    features, coarse = _agreement_features(scene, full, check)
    probability = 1 / (1 + np.exp(-(features @ AGREES)))
    probability = (probability * (scene.inside > 0.5)).astype(np.float32)
    extent = math.sqrt(max(float(scene.inside.sum()), 1.0)) * 0.6
    mask = _whole(blur(probability, 1.0) > 0.5, 0.02 * extent)
    covered = scene.inside > 0.9
    radius = features[..., -1]
    outer = covered & (radius > min(1.1, 0.7 * float(radius[covered].max(initial=0))))
    kept = bool(outer.any()) and float((coarse[outer] > 0.5).mean()) >= KEPT_SHARE
    if guess is None:
        return _Agreement(blur(unit(mask), 1.0), kept, not kept)
    rim = covered & (blur(scene.inside, 3.0) < 0.9)
    length = max(float(rim.sum()), 1.0)
    touching = float((rim & (guess > 0.5)).sum()) / length
    strange = float((rim & (guess > 0.5) & (coarse < 0.3)).sum()) / length
    foreign = strange > STRANGE_SHARE
    return _Agreement(blur(unit(mask), 1.0), kept and not foreign and touching > TOUCHING_SHARE, foreign)


def _whole(mask: NDArray[np.bool_], radius: float) -> Mask:
    """Return the largest part of a mask without holes, gaps closed and whiskers cut off."""
    part = fill_holes(largest_part(np.where(mask, np.uint8(255), np.uint8(0))))
    return fill_holes(cut_whiskers(close_gaps(part, 2 * radius), radius))


def features_at(
    original: Picture, designer: Picture, placement: Affine, check: Callable[[], None]
) -> tuple[NDArray[np.float32], Affine]:
    """Return the features of agreement at a placement, and where original pixels lie in them; for the fit."""
    size = (designer.width, designer.height)
    extent = math.sqrt(0.4 * size[0] * size[1]) * scale_of(placement)
    scene = _scene(original, designer, placement, WORK_EXTENT / max(extent, 1.0))
    return _agreement_features(scene, size, check)[0], scene.to_frame


def _agreement_features(scene: _Scene, full: Size, check: Callable[[], None]) -> tuple[NDArray[np.float32], Plane]:
    """Return (h, w, 7) features of how well both pictures agree, and (h, w) their correlation around each pixel."""
    extent = math.sqrt(max(float(scene.inside.sum()), 1.0)) * 0.6
    grey = cv2.cvtColor(scene.original, cv2.COLOR_RGB2GRAY).astype(np.float32)
    other = cv2.cvtColor(scene.designer, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = np.abs(local_ncc(grey, other, 1 + 0.012 * extent))
    coarse = np.abs(local_ncc(grey, other, 1 + 0.03 * extent))
    check()
    radius = _radius(scene, full)
    trusted = np.clip((coarse - 0.5) * 3, 0, 1) * np.exp(-0.5 * radius) * scene.inside
    fit = fit_colours(scene.original, scene.designer, trusted.astype(np.float32), 0.2 * extent)
    check()
    near = np.minimum(blur(fit.residual, 0.7) / fit.spread, 6)
    around = np.minimum(blur(fit.residual, 1 + 0.012 * extent) / fit.spread, 6)
    residual = np.minimum(fit.residual, 100) / 40
    features = np.stack([np.ones_like(fine), fine, coarse, near, around, residual, np.minimum(radius, 2)], axis=2)
    return features, coarse


def _guess(scene: _Scene, full: Size) -> Plane:
    """Return the likely portrait where the background was kept: GrabCut from the middle of the frame outwards."""
    radius = _radius(scene, full)
    labels = np.full(radius.shape, cv2.GC_BGD, np.uint8)
    labels[radius < 0.75] = cv2.GC_PR_BGD
    labels[radius < 0.5] = cv2.GC_PR_FGD
    labels[radius < 0.15] = cv2.GC_FGD
    labels[scene.inside < 0.5] = cv2.GC_BGD
    start = labels.copy()
    if not (labels == cv2.GC_FGD).any() or not (labels == cv2.GC_BGD).any():
        return (radius < 0.5).astype(np.float32)
    cv2.setRNGSeed(0)  # its clustering draws at random
    cv2.grabCut(
        np.ascontiguousarray(scene.original, np.uint8),
        labels,
        (0, 0, 1, 1),  # not read: the labels start it
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        3,
        cv2.GC_INIT_WITH_MASK,
    )
    inside = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    if inside.sum() < 0.3 * (start == cv2.GC_PR_FGD).sum():
        inside = radius < 0.5
    extent = math.sqrt(max(float(inside.sum()), 1.0))
    return blur(unit(_whole(inside, 0.03 * extent)), 1.0)
