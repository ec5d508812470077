"""What settled thresholds teach: by how much people cut away from where the model would."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from core.domain import SettledCut
from core.model import threshold as thresholds

NEWEST = 200
"""So many settled thresholds of a version are looked at: taste may change."""
SHRINK = 8
"""As if so many thresholds had been left where they were."""
_ENDS = 1 / 255, 254 / 255


def offset(cuts: Sequence[SettledCut]) -> float:
    """Return the log-odds to add to a model's own threshold: n / (n + SHRINK) times the median of what people added.

    A threshold that was left alone counts as well; what an earlier offset had added is taken off first, so that the
    offset does not feed on itself. Threshold 1 stands where nothing was found, and teaches nothing.
    """
    added = [_log_odds(cut.cut) - (_log_odds(cut.threshold) - cut.moved) for cut in cuts if cut.threshold < 1]
    return len(added) / (len(added) + SHRINK) * median(added) if added else 0.0


def moved(threshold: float, by: float) -> float:
    """Return a threshold, 0 to 1, moved by log-odds; it stays within the values of an 8-bit map."""
    if by == 0:
        return threshold
    return min(max(1 / (1 + math.exp(-(_log_odds(threshold) + by))), _ENDS[0]), _ENDS[1])


def expected_at(counts: NDArray[np.int64], iou: float, at: float, now: float) -> float:
    """Return the expected overlap of a map cut at ``now`` instead of ``at``, where it is ``iou``.

    Both are read from the map's histogram, (256,), and the ratio of the two is trusted more than either: the model
    may have calibrated its own figure.
    """
    expected = thresholds.expected_iou(counts)
    here, there = (float(expected[max(1, round(t * 255))]) for t in (at, now))
    return min(iou * there / here, 1.0) if here > 0 else iou


def _log_odds(share: float) -> float:
    held = min(max(share, _ENDS[0]), _ENDS[1])
    return math.log(held / (1 - held))
