"""Turns what is known of a placement into a calibrated probability and a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEIGHTS = np.array([-9.92, 1.52, 0.94, 2.19, 1.69, 2.23, 1.2, -2.61, -0.44, 0.6])
"""Logistic weights of :meth:`Cues.vector`; fitted by ``benchmarks/reconciliation.py DATA --fit``."""
SURE = 0.92
"""Above this nothing more is tried."""
CHANCE = 0.45
"""What band and edges of the best of many wrong places add up to, at the least (a twentieth have less)."""
MATCH = 0.2
"""Below this the answer is "no match"."""
INVERTED, STRETCHED = -0.3, 0.02
"""Below this correlation of the bands the tone is inverted; a stretch above this is worth a word."""
RIVAL, DOUBTED = 0.9, 0.6
"""Where another place reaches this share of the best one's correlations, nobody can be surer than that."""
CONCLUSIVE = 10
"""As many keypoints hardly ever agree by chance: they decide between places, whatever the correlations say."""
TIE = 0.02
"""Two places whose correlations differ by less than this fit equally: nobody can say which is right."""


@dataclass(frozen=True, slots=True)
class Cues:
    """What speaks for a placement, measured with the portrait at 64 pixels."""

    band: float
    """Correlation of the locally normalised bands under the foreground, -1 to 1; negative: the tone is inverted."""
    edges: float
    """Correlation of the edges without their sign, -1 to 1."""
    agreeing: float
    """Share of tiles whose bands correlate by more than one half."""
    agreeing_edges: float
    """Share of tiles whose edges do."""
    margin: float
    """By how much both correlations together exceed those of the best placement elsewhere; negative where keypoints
    chose a place against them."""
    head: float
    """Size of the portrait in the original: root of its area, pixels."""
    deviation: float
    """Predicted standard deviation of the portrait's rim, as a share of its size."""
    stretch: float
    """By how much more an affine would stretch the designer image one way than the other: a placement that slid along a
    long portrait, or into another one, wants to be stretched."""
    keypoints: int
    """Keypoints that agree with this placement; 0 if none do, or if nobody asked."""
    left_out: bool = False
    """The designer image fits better there, turned or mirrored in a way that was not to be looked for."""

    def vector(self) -> NDArray[np.float64]:
        """Return the cues as the logistic regression wants them, a constant first."""
        return np.array(
            [
                1.0,
                abs(self.band),
                max(self.edges, 0.0),
                self.agreeing,
                self.agreeing_edges,
                max(self.margin, 0.0),
                math.log(min(max(self.head, 8.0), 128.0) / 64),
                math.log(min(max(self.deviation, 1e-4), 0.1) / 1e-2),
                math.log(min(max(self.stretch, 2e-3), 0.2) / 2e-2),
                math.log1p(self.keypoints),
            ]
        )


def probability(cues: Cues) -> float:
    """Return the probability, 0 to 1, that a person would accept the placement."""
    chance = float(1 / (1 + math.exp(-float(np.clip(cues.vector() @ WEIGHTS, -30, 30)))))
    if cues.left_out or abs(cues.margin) < TIE:
        return min(chance, 0.5 * MATCH)
    both = abs(cues.band) + max(cues.edges, 0.0)
    return min(chance, DOUBTED) if both - cues.margin > RIVAL * both else chance


def sentence(
    cues: Cues,
    chance: float,
    background: str | None,
    *,
    stretch: float = 0.0,
    fine_differs: bool = False,
    near: bool = False,
) -> str:
    """Return one short sentence for the reviewer: why this confidence.

    ``background`` is what lay behind the portrait (see ``core.reconcile.evidence``), None without a placement;
    ``stretch`` as in ``Result.stretch``; ``fine_differs`` where the finest detail does not agree: painted, blurred, or
    another frame of a burst; ``near`` where only the surroundings of a place that was given were searched.
    """
    both = abs(cues.band) + max(cues.edges, 0.0)
    share = max(cues.agreeing, cues.agreeing_edges)
    agrees = f"{share:.0%} of the portrait agrees"
    if background is None:
        if cues.left_out:
            return f"It fits better turned or mirrored further than the search may: {agrees} as it may lie."
        if abs(cues.margin) < TIE and share > 0.5:
            return f"Two places fit equally: {agrees} at each of them."
        start = "Nothing fits near the place that was given" if near else "Probably another photo"
        return f"{start}: only {agrees} at the best place."
    if chance >= 0.9:
        start = "Clear match"
    elif both - cues.margin > 0.8 * both:
        start = "Another place fits nearly as well"
    elif cues.head < 64:
        start = f"The portrait is small in the photo ({cues.head:.0f} pixels)"
    elif share < 0.5:
        start = ""
    else:
        start = "Only part of the designer image agrees with the photo"
    text = f"{start}: {agrees}" if start else f"Only {agrees}"
    if cues.band < INVERTED:
        text += ", with light and dark exchanged"
    if stretch > STRETCHED:
        text += f"; the designer image is stretched or bent by {stretch:.1%}"
    if fine_differs:
        text += "; its finest detail differs"
    if background == "kept":
        text += "; its background was kept, so the mask is a guess"
    elif background == "photo":
        text += "; the mask is where both pictures agree"
    return text + "."
