"""What a map of the portrait adds to the evidence of a placed designer image: it decides where that is weak."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.maths.filters import Plane, blur, unit
from core.maths.masks import Mask, cut_whiskers, fill_holes, largest_part
from core.maths.warp import compose, resize_affine, warp
from core.reconcile.agreement import PAINTED, Agreement
from core.reconcile.scene import Scene

WEIGHTS = np.array([-0.7, 0.9, 1.2, 2.8], np.float32)
"""Log-odds that a pixel shows the portrait: a constant, and the weights of the log-odds of agreeing, of those of the
map, and of the cut-out (-1 outside to 1 inside). Fitted by ``benchmarks/fit_map.py``."""
MOST = 2.0
"""Log-odds of agreeing and of the map count up to so much: where the pictures say nothing, the cut-out outweighs the
map, so that a designer may cut more than the map shows, or less."""
SURE, PAINTED_SURE = 0.3, 1.5
"""The cut-out is corrected where the log-odds are beyond the former; what was painted on covers the portrait where
they are above the latter …"""
WIDTH = 0.015
"""… in parts nowhere narrower than twice this share of the portrait's size: its edge is the designer's own."""
FLAT = 0.02
"""A map that differs by less than this says nothing …"""
ELSEWHERE = 0.5
"""… and neither does one that nowhere in the footprint reaches this share of its maximum: it shows another animal."""


def map_in(scene: Scene, probability: NDArray[np.float32] | None, original: tuple[int, int]) -> Plane | None:
    """Return a map over the whole original (w, h) in a scene's frame, 1 where it is greatest there.

    None if it is flat there, or shows something else.
    """
    if probability is None:
        return None
    small = (probability.shape[1], probability.shape[0])
    to_frame = compose(scene.to_frame, resize_affine(small, original))
    brought = warp(np.ascontiguousarray(probability, np.float32), to_frame, scene.size, border=None)
    shown = brought[scene.inside > 0.5]
    if not shown.size or float(np.ptp(shown)) < FLAT or float(shown.max()) < ELSEWHERE * float(probability.max()):
        return None
    answer: Plane = (brought / float(shown.max())).astype(np.float32)
    return answer


def corrections(scene: Scene, agreement: Agreement, cut_out: Plane, mask: Plane, likely: Plane) -> tuple[Plane, Plane]:
    """Return what a map (0 to 1, see :func:`map_in`) adds to a mask and what it takes away, soft, 0 to 1.

    ``cut_out`` is what the designer image's foreground covers, ``mask`` what is believed to be the portrait of it. What
    the designer faded agrees, though it is not in the cut-out; what was painted on doesn't, though it is; between the
    two the map decides.
    """
    odds = (evidence_of(scene, agreement, cut_out, likely) @ WEIGHTS) * (scene.inside > 0.5)
    before, radius = mask > 0.5, WIDTH * scene.extent
    painted = (cut_out > 0.5) & (_around(scene, agreement) < PAINTED)
    more = cut_whiskers(_binary((odds > np.where(painted, PAINTED_SURE, SURE)) & ~before), radius)
    less = cut_whiskers(_binary((odds < -SURE) & before), radius)
    after = fill_holes(largest_part(np.where(less > 0, np.uint8(0), np.maximum(_binary(before), more)))) > 0
    return _grown(after & ~before, odds >= 0), _grown(before & ~after, odds <= 0)


def evidence_of(scene: Scene, agreement: Agreement, cut_out: Plane, likely: Plane) -> NDArray[np.float32]:
    """Return what :data:`WEIGHTS` weigh, (h, w, 4)."""
    agreeing = _around(scene, agreement)
    planes = [np.ones_like(agreeing), _log_odds(agreeing), _log_odds(likely), 2 * cut_out - 1]
    return np.stack(planes, axis=2).astype(np.float32)


def _around(scene: Scene, agreement: Agreement) -> Plane:
    return blur(agreement.probability, 0.02 * scene.extent)


def _grown(part: NDArray[np.bool_], allowed: NDArray[np.bool_]) -> Plane:
    """Return a part grown over the soft edge between it and the mask, where that is ``allowed``."""
    wider = cv2.dilate(part.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return blur(unit(_binary(part | (wider & allowed))), 0.7)


def _log_odds(share: Plane) -> Plane:
    least = 1 / (1 + np.exp(MOST))
    inner = np.clip(share, least, 1 - least)
    answer: Plane = np.log(inner / (1 - inner)).astype(np.float32)
    return answer


def _binary(part: NDArray[np.bool_]) -> Mask:
    return np.where(part, np.uint8(255), np.uint8(0))
