"""Refits the logistic weights of the confidence and of the mask's evidence, and says how they do on the other half.

Even-numbered pairs of the folder and even seeds of the TUNE families fit, the odd ones check.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from cases import Case, FileCase, MadeCase, file_cases, made_cases, photo_with_mask
from families import Made, make
from measure import RIGHT, one_thread
from numpy.typing import NDArray

from core.maths.backend import NumpyBackend
from core.maths.metrics import relative_corner_error
from core.maths.warp import warp
from core.reconcile import agreement
from core.reconcile.candidates import find_candidates, prepare
from core.reconcile.evidence import USUAL_SHARE, WEIGHED_EXTENT
from core.reconcile.options import ReconcileOptions
from core.reconcile.scene import Scene

PER_FAMILY = 12
PIXELS = 4000
"""Pixels of a pair that take part in the fit of the evidence."""

Weights = NDArray[np.float64]
Samples = tuple[NDArray[np.float64], NDArray[np.bool_]]
"""Features (n, k) and what is true of each (n,)."""


def _number(case: Case) -> int:
    return case.number if isinstance(case, FileCase) else case.seed


def cues_of(case: Case) -> Samples:
    """Return what is known of the best placement after the first look and after all, and whether it is right."""
    made = case.load()
    backend, options = NumpyBackend(), ReconcileOptions(device="cpu")
    x, y = [], []
    for sure in (0.0, 2.0):
        pair = prepare((made.original, made.designer, None), options, backend, _never)
        (pair,) = find_candidates([pair], options, backend, _never, sure=sure, likely=sure)
        cues = pair.cues()
        if cues is not None:
            x.append(cues.vector())
            y.append(_is_right(made, pair.scored[0].fit.affine))
    return np.array(x), np.array(y, bool)


def _is_right(made: Made, affine: NDArray[np.float64]) -> bool:
    size = (made.designer.width, made.designer.height)
    return made.affine is not None and relative_corner_error(affine, made.affine, size) < RIGHT


def _never() -> None:
    return


def strangers(cases: Sequence[FileCase]) -> list[_Stranger]:
    """Return each pair with the photo of another one as its original."""
    others = [cases[(index * 7 + 3) % len(cases)] for index in range(len(cases))]
    return [
        _Stranger(case, other) for case, other in zip(cases, others, strict=True) if case.original != other.original
    ]


class _Stranger(FileCase):
    """A pair of the folder with another photo."""

    def __init__(self, case: FileCase, other: FileCase) -> None:
        super().__init__(case.number, case.name, other.original, case.designer, other.mask, None, case.edits)


def pixels_of(task: tuple[MadeCase, str | None]) -> Samples:
    """Return the features of agreement of some pixels at the true placement, and which show the original."""
    case, background = task
    photos = [photo_with_mask(case.data, name) for name in (case.photo, *case.others)]
    made = make(*photos[0], case.family, case.seed, photos[1:], background=background)
    assert made.affine is not None and made.painted is not None
    extent = np.sqrt(USUAL_SHARE * made.designer.width * made.designer.height)
    scene = Scene.around(made.original, made.designer, made.affine, float(extent), WEIGHED_EXTENT)
    found = agreement.features(scene)
    portrait, painted = (warp(mask, scene.to_frame, scene.size) >= 128 for mask in (made.mask, made.painted))
    shown = ~painted if "bg-kept" in made.edits else portrait & ~painted
    counted = scene.inside > 0.9
    if not {"bg-kept", "bg-photo"} & set(made.edits):
        counted &= portrait | painted  # what lies behind a cut-out is told by its colour
    some = np.flatnonzero(counted.ravel())[:: max(int(counted.sum()) // PIXELS, 1)]
    return found.reshape(-1, found.shape[2])[some].astype(np.float64), shown.ravel()[some]


def logistic(x: NDArray[np.float64], y: NDArray[np.bool_], ridge: float) -> Weights:
    """Return the weights of a ridge logistic regression (Newton's method); the first column is the constant."""
    weights = np.zeros(x.shape[1])
    penalty = ridge * len(y) * np.eye(x.shape[1])
    penalty[0, 0] = 1e-9
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        normal = (x * (p * (1 - p))[:, None]).T @ x + penalty
        weights += np.linalg.solve(normal, x.T @ (y - p) - penalty @ weights)
    return weights


def fit(data: Path, workers: int) -> None:
    """Fit the constants and print them, with how they do on the half that was left out."""
    known = [case for case in file_cases(data) if case.affine is not None]
    made = made_cases(data, "tune", [], PER_FAMILY, 7)
    true = [case for case in made if case.stranger is None]
    cases: list[Case] = [*known, *strangers(known), *made]
    with ProcessPoolExecutor(workers, initializer=one_thread) as pool:
        cues = list(pool.map(cues_of, cases, chunksize=4))
        tasks = [(case, background) for case in true for background in (None, "photo")]
        pixels = list(pool.map(pixels_of, tasks, chunksize=4))
    fitted = _halves(cues, [_number(case) for case in cases], "core/reconcile/confidence.py WEIGHTS", 1e-3)
    _report(*fitted)
    x, y, weights = _halves(pixels, [case.seed for case, _ in tasks], "core/reconcile/agreement.py WEIGHTS", 1e-3)
    print(f"pixels told rightly: {((x @ weights > 0) == y).mean():.3f}")


def _halves(samples: Sequence[Samples], numbers: Sequence[int], name: str, ridge: float) -> tuple[*Samples, Weights]:
    """Fit on the even-numbered samples, print the weights, and return the odd-numbered ones with the weights."""
    parts = []
    for half in (0, 1):
        mine = [one for one, number in zip(samples, numbers, strict=True) if number % 2 == half and len(one[0])]
        parts.append((np.concatenate([x for x, _ in mine]), np.concatenate([y for _, y in mine])))
    weights = np.round(logistic(*parts[0], ridge), 2)
    print(name, "=", weights.tolist())
    return *parts[1], weights


def _report(x: NDArray[np.float64], y: NDArray[np.bool_], weights: Weights) -> None:
    p = 1 / (1 + np.exp(-(x @ weights)))
    above = (p[y][:, None] > p[~y][None]).mean() + 0.5 * (p[y][:, None] == p[~y][None]).mean()
    bands = [(p >= low / 10) & (p < low / 10 + 0.1 + (low == 9)) for low in range(10)]
    error = sum(band.mean() * abs(p[band].mean() - y[band].mean()) for band in bands if band.any())
    print(f"odd half: {y.sum()} right, {(~y).sum()} wrong; area under the curve {above:.4f}, calibration {error:.4f},")
    wrong, right = p[~y], p[y]
    print(
        f"wrong above .5: {(wrong > 0.5).sum()}, above .9: {(wrong > 0.9).sum()}; right below .5: {(right < 0.5).sum()}"
    )
