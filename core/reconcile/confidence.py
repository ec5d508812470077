"""Turns what is known of a placement into a calibrated probability and a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEIGHTS = np.array([-7.1, 5.36, 4.7, 5.36, 1.6, 0.64])
"""Logistic weights of :meth:`Cues.vector`; fitted by ``benchmarks/reconciliation.py DATA --fit``."""
SURE = 0.9
"""Above this nothing more is tried."""
MATCH = 0.5
"""Below this the answer is "no match"."""


@dataclass(frozen=True, slots=True)
class Cues:
    """What speaks for a placement, measured with the portrait at 64 pixels."""

    zncc: float
    """Correlation under the foreground, 0 to 1 (its sign is left out)."""
    agreeing: float
    """Share of tiles that correlate by more than one half."""
    margin: float
    """By how much the correlation is above that of the best placement elsewhere."""
    head: float
    """Size of the portrait in the original: root of its area, pixels."""
    keypoints: int
    """Keypoints that agree with this placement; 0 if none do, or if nobody asked."""

    def vector(self) -> NDArray[np.float64]:
        """Return the cues as the logistic regression wants them, a constant first."""
        size = math.log(min(max(self.head, 8.0), 128.0) / 64)
        return np.array([1.0, self.zncc, self.agreeing, self.margin, size, math.log1p(self.keypoints)])


def probability(cues: Cues) -> float:
    """Return the probability, 0 to 1, that a person would accept the placement."""
    return float(1 / (1 + math.exp(-float(np.clip(cues.vector() @ WEIGHTS, -30, 30)))))


def sentence(cues: Cues, chance: float, inverted: bool, background: str | None) -> str:
    """Return one short sentence for the reviewer: why this confidence.

    ``background`` is what lay behind the portrait (see ``core.reconcile.evidence``), None without a placement.
    """
    parts = f"{cues.zncc:.0%} correlation, {cues.agreeing:.0%} of the portrait agrees"
    if background is None:
        return f"No place in the photo stands out: {parts}."
    if chance >= SURE:
        start = "Clear match"
    elif cues.margin < 0.15:
        start = "Another place fits nearly as well"
    elif cues.head < 64:
        start = f"The portrait is small in the photo ({cues.head:.0f} pixels)"
    else:
        start = "Only part of the designer image agrees with the photo"
    text = f"{start}: {parts}"
    if inverted:
        text += ", with light and dark exchanged"
    if background == "kept":
        text += "; its background was kept, so the mask is a guess"
    elif background == "photo":
        text += "; the mask is where both pictures agree"
    return text + "."
