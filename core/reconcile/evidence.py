"""Decides, once the designer image is placed, which pixels of the original belong to the portrait."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.images.picture import Picture
from core.maths.colour import Rgb, fit_colours, wide_blur
from core.maths.filters import Plane, Pyramid, blur, unit
from core.maths.masks import Mask, close_gaps, distance, erode, fill_holes
from core.maths.warp import Affine, Size, compose, resize, shift, warp
from core.reconcile.agreement import Agreement, painted_parts, weigh
from core.reconcile.foreground import Foreground
from core.reconcile.map_evidence import corrections, map_in
from core.reconcile.photo_cut import bays, beneath, covered, enclosed, from_map, from_middle, grab_cut, whole
from core.reconcile.scene import Scene, footprint_box

WORK_EXTENT, WEIGHED_EXTENT, GUESS_EXTENT = 384.0, 192.0, 128.0
"""Sizes of the portrait (root of its area, pixels) at which it is unmixed from a plain background, at which agreement
is weighed, and at which a kept background is guessed at."""
USUAL_SHARE = 0.4
"""Share of the frame that a portrait takes where the foreground does not tell."""
STRANGE_SHARE, TOUCHING_SHARE = 0.3, 0.35
"""A background that seems plain is not, if so much of the frame's rim is foreground that the original does not show.
It was kept, if so much of the rim is foreground and the corners correlate."""
CRUMB = 0.03
"""What is left beside something painted on is no portrait, if it is smaller than this share of the largest part."""
TOLD = 0.8
"""Below this share of certainty a plain background's colour does not tell it from the portrait: bays in such fur are
looked for in the photo …"""
ONE_COLOUR = 40.0
"""… unless it spans so many levels: a vignette, of which the fit of the colours has taken up some already."""
SURELY_NOT, SURELY = 0.1, 0.97
"""Probabilities of agreeing beyond which a cut before another photo is not asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What a placed designer image says of the original; masks are (h, w) in the original's frame."""

    mask: Mask
    """The portrait."""
    footprint: Mask
    """What the designer image's foreground covers."""
    painted: Mask | None
    """What of it shows nothing of the original; the mask goes on beneath it where the photo shows the portrait."""
    background: str
    """What lay behind the portrait: alpha, plain, photo or kept."""


def find_mask(
    original: Picture,
    designer: Picture,
    foreground: Foreground,
    placement: Affine,
    check: Callable[[], None],
    *,
    likely: NDArray[np.float32] | None = None,
) -> Evidence:
    """Return the portrait's mask in the original, the footprint, and what was painted on.

    ``placement`` takes designer pixels to original pixels; ``likely`` is a map as in ``MapPrior``. An alpha channel is
    believed. Before a plain background every pixel is unmixed into background and portrait, the portrait's colour being
    predicted from the original. Where such a foreground shows something else than the original, it was painted on, and
    the photo decides what lies beneath. Before another photo a pixel belongs to the portrait if both pictures agree
    there; if they agree everywhere, the background was kept, and the mask is a guess: at what the map shows, or else at
    the animal in the frame's middle.
    """
    full = (original.width, original.height)
    share = USUAL_SHARE if foreground.kind == "kept" else float((foreground.mask >= 128).mean())
    extent = math.sqrt(share * designer.width * designer.height)
    scene = Scene.around(original, designer, placement, extent, WEIGHED_EXTENT)
    check()
    agreement = weigh(scene)
    check()
    guess = None if foreground.kind == "kept" else scene.bring(unit(foreground.mask))
    background = _background(scene, agreement, foreground, guess)
    if guess is None or background in ("photo", "kept"):
        check()
        if background == "photo":
            return _before_photo(scene, agreement, map_in(scene, likely, full), full)
        smaller = Scene.around(original, designer, placement, extent, GUESS_EXTENT)
        return _before_its_own(scene, agreement, smaller, map_in(smaller, likely, full), full)
    if background == "alpha" and designer.alpha is not None:
        alpha = designer.alpha
        if foreground.domain is not None:
            alpha = np.minimum(alpha, resize(foreground.mask, (designer.width, designer.height)))
        footprint = warped_alpha(alpha, placement, full)
    else:
        footprint = _before_plain(original, designer, foreground, (placement, extent), check)
    check()
    painted = _with_crumbs(painted_parts(agreement, guess), agreement, guess)
    mask, shown = footprint, None
    if painted.any():
        lost = unit(painted) * (1 - beneath(scene, guess, painted))
        check()
        mask = np.minimum(footprint, 255 - scene.in_original(blur(lost, 0.7), full))
        shown = scene.in_original(unit(painted), full)
    expected = map_in(scene, likely, full)
    if expected is not None:
        cut_out, believed = (unit(warp(plane, scene.to_frame, scene.size)) for plane in (footprint, mask))
        more, less = (scene.in_original(p, full) for p in corrections(scene, agreement, cut_out, believed, expected))
        check()
        if background == "alpha":  # what it hides may be the photo, and agree
            more = np.minimum(more, footprint)
        mask, footprint = np.minimum(np.maximum(mask, more), 255 - less), np.maximum(footprint, more)
    return Evidence(mask, footprint, shown, background)


def _with_crumbs(painted: Mask, agreement: Agreement, guess: Plane) -> Mask:
    """Return what was painted on with the parts of the foreground that it leaves over and that do not agree either.

    Other animals, of whom a rim is left, and specks between letters.
    """
    if not painted.any():
        return painted
    left = np.where((guess > 0.5) & (painted == 0), np.uint8(1), np.uint8(0))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(left, connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    agreeing = np.bincount(labels.ravel(), agreement.probability.ravel(), count) / np.maximum(areas, 1)
    kept = (agreeing >= 0.5) & (areas >= CRUMB * areas[1:].max(initial=0))
    kept[0] = True
    return np.where((guess > 0.5) & ~kept[labels], np.uint8(255), painted)


def _background(scene: Scene, agreement: Agreement, foreground: Foreground, guess: Plane | None) -> str:
    if foreground.kind == "alpha":
        return "alpha"
    if guess is None:
        return "kept" if agreement.kept else "photo"
    rim = (scene.inside > 0.9) & (blur(scene.inside_of_wider(9), 3.0)[9:-9, 9:-9] < 0.9)
    length = max(float(rim.sum()), 1.0)
    touching = float((rim & (guess > 0.5)).sum()) / length
    strange = float((rim & (guess > 0.5) & (agreement.coarse < 0.3)).sum()) / length
    if strange > STRANGE_SHARE:
        return "photo"
    return "kept" if agreement.kept and touching > TOUCHING_SHARE else "plain"


def warped_alpha(alpha: Mask, placement: Affine, full: Size) -> Mask:
    """Return a designer image's own alpha in an original of a size."""
    whole = np.zeros((full[1], full[0]), np.uint8)
    (left, top), (width, height) = footprint_box(placement, (alpha.shape[1], alpha.shape[0]), full)
    moved = compose(shift(-left, -top), placement)
    whole[top : top + height, left : left + width] = Pyramid(alpha).sampled(moved, (width, height))
    return whole


def _before_plain(
    original: Picture,
    designer: Picture,
    foreground: Foreground,
    placed: tuple[Affine, float],
    check: Callable[[], None],
) -> Mask:
    """Return the foreground before a plain background in the original's frame."""
    scene = Scene.around(original, designer, *placed, WORK_EXTENT)
    check()
    guess = scene.bring(unit(foreground.mask))
    if foreground.drawn:
        guess = enclosed(scene, guess)
    elif foreground.background is not None:
        guess = _unmixed(scene, guess, scene.bring(foreground.background), check)
    if foreground.domain is not None:  # the rims of other animals are no mixture of this one and the background
        guess = guess * scene.bring(unit(foreground.domain))
    return scene.in_original(guess * (scene.inside > 0.5), (original.width, original.height))


def _before_photo(scene: Scene, agreement: Agreement, likely: Plane | None, full: Size) -> Evidence:
    """Return the evidence where another photo lies behind the portrait."""
    soft = covered(scene, _cut_out(scene, agreement), likely)
    if likely is not None:
        more, less = corrections(scene, agreement, soft, soft, likely)
        soft = np.minimum(np.maximum(soft, more), 1 - less)
    mask = scene.in_original(soft, full)
    painted = painted_parts(agreement, soft)
    return Evidence(mask, mask, scene.in_original(unit(painted), full) if painted.any() else None, "photo")


def _before_its_own(scene: Scene, agreement: Agreement, smaller: Scene, likely: Plane | None, full: Size) -> Evidence:
    """Return the evidence where the original's own background was kept: the mask is a guess."""
    mask = smaller.in_original(from_middle(smaller) if likely is None else from_map(smaller, likely), full)
    painted = painted_parts(agreement, scene.inside)
    shown = scene.in_original(unit(painted), full) if painted.any() else None
    return Evidence(mask, scene.in_original(scene.inside, full), shown, "kept")


def _cut_out(scene: Scene, agreement: Agreement) -> Plane:
    """Return the portrait before another photo: where both agree, with its edge where the designer image has one."""
    likely = blur(agreement.probability, 0.02 * scene.extent)
    labels = np.full(likely.shape, cv2.GC_PR_BGD, np.uint8)
    labels[likely > 0.5] = cv2.GC_PR_FGD
    labels[likely > SURELY] = cv2.GC_FGD
    labels[(likely < SURELY_NOT) | (scene.inside < 0.5)] = cv2.GC_BGD
    portrait = grab_cut(scene.designer, labels, 2)
    return blur(unit(whole(portrait, 0.02 * scene.extent)), 1.0)


def _unmixed(scene: Scene, guess: Plane, behind: Rgb, check: Callable[[], None]) -> Plane:
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
    if float(np.ptp(np.percentile(behind[scene.inside > 0.5], [5, 95], axis=0), axis=0).max()) < ONE_COLOUR:
        added = bays(scene, binary, told < TOLD)
        binary, guess = np.maximum(binary, added), np.maximum(guess, blur(unit(added), 1.0))
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
