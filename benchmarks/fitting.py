"""Refits the logistic weights of the confidence and of the mask's evidence on the even-numbered pairs."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from cases import LIMITS, FileCase, file_cases
from measure import RIGHT, one_thread
from numpy.typing import NDArray
from tune_edits import KINDS, harden

from core.images.io import decode_mask, read
from core.maths.metrics import relative_corner_error
from core.reconcile import evidence, pawtrait
from core.reconcile.foreground import find_foreground
from core.reconcile.options import ReconcileOptions
from core.reconcile.views import DesignerView, grey


def cues_of(task: tuple[FileCase, FileCase | None, bool]) -> list[tuple[NDArray[np.float64], bool]]:
    """Return what is known of the best placement (of a wrong photo, if one is given), and whether it is right."""
    row, wrong, hard = task
    original, designer = row.pictures()
    if hard:
        designer = harden(designer, KINDS[row.number // 2 % len(KINDS)], row.number)
    if wrong is not None:
        original = read(wrong.original, LIMITS)
    view = DesignerView(designer, find_foreground(designer))
    candidate = pawtrait.candidate_for(grey(original), view, ReconcileOptions(device="cpu"), lambda: None, sure=2.0)
    if candidate is None or row.affine is None:
        return []
    size = (designer.width, designer.height)
    right = wrong is None and relative_corner_error(candidate.fits[0].affine, row.affine, size) < RIGHT
    return [(cues.vector(), right) for cues in (candidate.first_cues, candidate.cues)]


def pixels_of(row: FileCase) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the features of agreement of some pixels at the true placement, and which belong to the portrait."""
    original, designer = row.pictures()
    assert row.affine is not None
    features, to_frame = evidence.features_at(original, designer, row.affine, lambda: None)
    mask = decode_mask(row.mask.read_bytes())
    size = (features.shape[1], features.shape[0])
    true = cv2.warpAffine(mask, to_frame[:2], size) >= 128
    covered = cv2.warpAffine(np.ones((designer.height, designer.width), np.uint8), (to_frame @ row.affine)[:2], size)
    some = np.flatnonzero(covered.ravel())[:: max(int(covered.sum()) // 5000, 1)]
    return features.reshape(-1, features.shape[2])[some].astype(np.float64), true.ravel()[some]


def logistic(x: NDArray[np.float64], y: NDArray[np.bool_], ridge: float) -> NDArray[np.float64]:
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
    """Fit the constants on the even pairs and print them, with how they do on the odd ones."""
    known = [row for row in file_cases(data) if row.affine is not None]
    tasks: list[tuple[FileCase, FileCase | None, bool]] = []
    for index, row in enumerate(known):
        for hard in (False, True):
            tasks += [(row, None, hard), (row, known[(index * 7 + 3 + hard) % len(known)], hard)]
    tasks = [task for task in tasks if task[1] is None or task[1].original != task[0].original]
    with ProcessPoolExecutor(workers, initializer=one_thread) as pool:
        cues = list(pool.map(cues_of, tasks))
        photos = [row for row in known if "bg-photo" in row.edits]
        pixels = list(pool.map(pixels_of, photos[::2]))
    part: list[list[tuple[NDArray[np.float64], bool]]] = [[], []]
    for (row, _, _), found in zip(tasks, cues, strict=True):
        part[row.number % 2] += found if row.number % 2 == 0 else found[-1:]
    x, y = (np.array([one[i] for one in part[0]]) for i in (0, 1))
    weights = logistic(x, y, 3e-4)
    print("core/reconcile/confidence.py WEIGHTS =", np.round(weights, 2).tolist())
    x, y = (np.array([one[i] for one in part[1]]) for i in (0, 1))
    p = 1 / (1 + np.exp(-(x @ np.round(weights, 2))))
    above = (p[y][:, None] > p[~y][None]).mean() + 0.5 * (p[y][:, None] == p[~y][None]).mean()
    bands = [(p >= low / 10) & (p < low / 10 + 0.1 + (low == 9)) for low in range(10)]
    error = sum(band.mean() * abs(p[band].mean() - y[band].mean()) for band in bands if band.any())
    print(f"odd pairs: {y.sum()} right, {(~y).sum()} wrong; area under the curve {above:.4f}, calibration {error:.4f},")
    print(
        f"wrong above .5: {(p[~y] > 0.5).sum()}, above .9: {(p[~y] > 0.9).sum()}; right below .5: {(p[y] < 0.5).sum()}"
    )
    x, y = np.concatenate([one[0] for one in pixels]), np.concatenate([one[1] for one in pixels])
    print("core/reconcile/evidence.py AGREES =", np.round(logistic(x, y, 1e-3), 2).tolist())
