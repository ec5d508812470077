"""Runs one method on one pair and compares its answer with the truth."""

from __future__ import annotations

import math
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from cases import Case
from families import Made, Truth
from peers import METHODS
from peers_found import Found

from core.images.picture import Picture
from core.maths.masks import Mask, iou
from core.maths.metrics import corner_error, relative_corner_error

SUCCESS, FOUND, RIGHT = 0.01, 0.05, 0.02
"""Corner error as a share of the designer image's diagonal: a success, found at all, right (for the confidence)."""
LEAST_PAINTED = 20
"""Pixels of the original: less than that was not painted on."""
_NOTHING = float("nan")


@dataclass(frozen=True)
class Answer:
    """How a method did on one pair.

    ``relative`` (share of the designer image's diagonal) and ``pixels`` (of the original) are the corner error,
    infinite without a placement. ``overlap`` is the mask's IoU, 0 without one. ``leaked`` is the share of what was
    painted on beside the portrait that is in the mask, ``painted`` the IoU of all that was painted on with what the
    method says of it; both NaN where nothing was, or where that is not known. ``peak_mb`` is the largest resident
    memory while it ran.
    """

    method: str
    name: str
    family: str
    edits: tuple[str, ...]
    negative: bool
    matched: bool
    relative: float
    pixels: float
    overlap: float
    leaked: float
    painted: float
    confidence: float
    seconds: float
    making: float
    peak_mb: float
    affine: tuple[float, ...] | None

    @property
    def right(self) -> bool:
        """Whether a placement was given that is the right one."""
        return not self.negative and self.matched and self.relative < RIGHT


def one_thread() -> None:
    """Keep OpenCV to one thread; the other libraries were told by the environment before they were loaded."""
    cv2.setNumThreads(1)


def warm_up(method: str) -> None:
    """Load what a method needs in a worker process, so that its first pair pays for nothing."""
    one_thread()
    rgb = np.random.default_rng(0).integers(0, 256, (80, 80, 3)).astype(np.uint8)
    rgb[:8] = rgb[-8:] = rgb[:, :8] = rgb[:, -8:] = 255
    picture = Picture(rgb, None, 80, 80)
    METHODS[method](picture, picture)


def measure(task: tuple[Case, str]) -> Answer:
    """Make or read one pair, run one method on it, and compare."""
    case, method = task
    started = time.perf_counter()
    made = case.load()
    making = time.perf_counter() - started
    reset_peak()
    started = time.perf_counter()
    found = METHODS[method](made.original, made.designer)
    seconds = time.perf_counter() - started
    relative, pixels, overlap, leaked, painted = compare(found, made)
    return Answer(
        method,
        case.name,
        case.family,
        made.edits,
        made.affine is None,
        found.affine is not None,
        relative,
        pixels,
        overlap,
        leaked,
        painted,
        float(found.confidence),
        seconds,
        making,
        peak_mb(),
        None if found.affine is None else tuple(found.affine[:2].ravel().tolist()),
    )


def compare(found: Found, made: Made) -> tuple[float, float, float, float, float]:
    """Return relative and absolute corner error, mask IoU, leakage and IoU of what was painted on."""
    if made.affine is None:
        return math.inf, math.inf, 0.0, _NOTHING, _NOTHING
    if found.affine is None or found.mask is None:
        return math.inf, math.inf, 0.0, _NOTHING, 0.0 if _is_painted(made.painted) else _NOTHING
    size = (made.designer.width, made.designer.height)
    truths = (Truth(made.affine, made.mask, made.painted), *made.also)
    errors = [relative_corner_error(found.affine, truth.affine, size) for truth in truths]
    truth = truths[int(np.argmin(errors))]
    leaked = painted = _NOTHING
    if truth.painted is not None and _is_painted(truth.painted):
        beside = np.where(truth.mask >= 128, np.uint8(0), truth.painted)
        leaked = _share(found.mask, beside) if _is_painted(beside) else _NOTHING
        painted = 0.0 if found.painted is None else iou(found.painted, truth.painted)
    pixels = corner_error(found.affine, truth.affine, size)
    return min(errors), pixels, iou(found.mask, truth.mask), leaked, painted


def _is_painted(painted: Mask | None) -> bool:
    return painted is not None and np.count_nonzero(painted >= 128) >= LEAST_PAINTED


def _share(mask: Mask, of: Mask) -> float:
    return float(np.count_nonzero((mask >= 128) & (of >= 128)) / np.count_nonzero(of >= 128))


def reset_peak() -> None:
    """Forget the largest resident memory so far, where the system can (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    except OSError:
        return


def peak_mb() -> float:
    """Return the largest resident memory since :func:`reset_peak`, in MB; since the process began, elsewhere."""
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6
