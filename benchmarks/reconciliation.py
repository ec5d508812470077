"""Measures the methods of reconciliation, and SIFT beside them, on pairs with known placement; refits the constants.

    python benchmarks/reconciliation.py DATA [--limit N] [--methods pawtrait,sift,paper] [--hard] [--workers N]
    python benchmarks/reconciliation.py DATA --fit

DATA holds ``pairs/truth.csv`` (pair, original, designer, matrix, mirrored, edits; an empty matrix: another photo),
``pairs/designer``, ``portraits/originals`` and ``portraits/masks``. Every method runs on one thread of the CPU.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np
from hardening import KINDS, harden
from numpy.typing import NDArray

from core.images.io import Limits, decode_mask, read
from core.images.picture import Picture
from core.maths.masks import Mask, iou
from core.maths.metrics import corner_error, relative_corner_error
from core.maths.warp import Affine, affine_from_matrix
from core.reconcile import evidence, pawtrait
from core.reconcile.foreground import find_foreground
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile
from core.reconcile.placing import warped_foreground
from core.reconcile.views import DesignerView, grey

LIMITS = Limits(250, 1024)
SUCCESS, FOUND, RIGHT = 0.01, 0.05, 0.02
"""Corner error as a share of the designer image's diagonal: a success, found at all, right (for the calibration)."""
SIFT_INLIERS = 10
"""Fewer inliers than this, and the peer says "no match"."""


@dataclass(frozen=True)
class Row:
    """One pair of the truth; ``affine`` is None where the right answer is "no match"."""

    number: int
    pair: str
    original: Path
    designer: Path
    mask: Path
    affine: Affine | None
    edits: tuple[str, ...]

    def pictures(self, hard: bool) -> tuple[Picture, Picture]:
        """Return the original and the designer image, the latter with one hard edit more if asked."""
        designer = read(self.designer, LIMITS)
        return read(self.original, LIMITS), harden(designer, self.hard_kind, self.number) if hard else designer

    @property
    def hard_kind(self) -> str:
        """Which hard edit this pair gets."""
        return KINDS[self.number // 2 % len(KINDS)]


@dataclass(frozen=True)
class Answer:
    """How a method did on one pair; errors are infinite where it found nothing."""

    pair: str
    negative: bool
    matched: bool
    relative: float
    pixels: float
    overlap: float
    confidence: float
    seconds: float
    edits: tuple[str, ...]


Found = tuple[Affine | None, Mask | None, float]
Method = Callable[[Picture, Picture], Found]


def rows(data: Path) -> list[Row]:
    """Read the truth."""
    answer = []
    with (data / "pairs" / "truth.csv").open(encoding="utf-8", newline="") as file:
        for number, line in enumerate(csv.DictReader(file)):
            affine = None
            if line["matrix"].strip():
                affine = np.vstack([np.array(line["matrix"].split(), np.float64).reshape(2, 3), [0, 0, 1]])
            folder = data / "portraits"
            original = folder / "originals" / f"{line['original']}.jpg"
            mask = folder / "masks" / f"{line['original']}.png"
            designer = data / "pairs" / line["designer"]
            edits = tuple(line["edits"].split())
            answer.append(Row(number, line["pair"], original, designer, mask, affine, edits))
    return answer


def by_program(name: str) -> Method:
    """Return one of the program's own methods."""

    def run(original: Picture, designer: Picture) -> Found:
        result = reconcile(original, designer, ReconcileOptions(method=name, device="cpu"), lambda: None)
        affine = None if result.placement is None else affine_from_matrix(result.placement.matrix())
        return affine, result.mask, result.confidence

    return run


def by_sift(original: Picture, designer: Picture) -> Found:
    """The usual way: SIFT, ratio test, RANSAC similarity, both mirror states, on pictures at full size."""
    sift = cv2.SIFT.create()
    foreground = find_foreground(designer)
    size = (designer.width, designer.height)
    inside = cv2.resize(foreground.mask, size)
    there, described = sift.detectAndCompute(cv2.cvtColor(original.rgb, cv2.COLOR_RGB2GRAY), None)
    best: tuple[int, Affine] | None = None
    plain = cv2.cvtColor(designer.rgb, cv2.COLOR_RGB2GRAY)
    for mirrored in (False, True):
        plane, mask = (np.ascontiguousarray(p[:, ::-1] if mirrored else p) for p in (plain, inside))
        here, descriptors = sift.detectAndCompute(plane, mask)
        if descriptors is None or described is None or len(there) < 2:
            continue
        pairs = cv2.BFMatcher().knnMatch(descriptors, described, k=2)
        good = [first for first, second in pairs if first.distance < 0.75 * second.distance]
        if len(good) < 3:
            continue
        points = np.float32([here[m.queryIdx].pt for m in good]), np.float32([there[m.trainIdx].pt for m in good])
        matrix, inliers = cv2.estimateAffinePartial2D(*points, method=cv2.RANSAC, ransacReprojThreshold=3.0)
        if (
            matrix is None
            or abs(np.linalg.det(matrix[:, :2])) < 1e-6
            or (best is not None and int(inliers.sum()) <= best[0])
        ):
            continue
        affine = np.vstack([matrix, [0, 0, 1]])
        if mirrored:
            affine = affine @ np.array([[-1.0, 0, designer.width - 1], [0, 1, 0], [0, 0, 1]])
        best = int(inliers.sum()), affine
    if best is None or best[0] < SIFT_INLIERS:
        return None, None, 0.0
    mask = warped_foreground(foreground, best[1], size, (original.width, original.height))
    return best[1], mask, min(best[0] / 50, 1.0)


METHODS: dict[str, Method] = {"pawtrait": by_program("pawtrait"), "sift": by_sift, "paper": by_program("paper")}


def one_thread() -> None:
    """Keep this process to one thread."""
    cv2.setNumThreads(1)
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)


def measure(task: tuple[Row, str, bool]) -> Answer:
    """Run one method on one pair."""
    row, name, hard = task
    original, designer = row.pictures(hard)
    started = time.perf_counter()
    affine, mask, confidence = METHODS[name](original, designer)
    seconds = time.perf_counter() - started
    relative = pixels = math.inf
    overlap = 0.0
    if affine is not None and row.affine is not None:
        size = (designer.width, designer.height)
        relative = relative_corner_error(affine, row.affine, size)
        pixels = corner_error(affine, row.affine, size)
        assert mask is not None
        overlap = iou(mask, decode_mask(row.mask.read_bytes()))
    edits = (*row.edits, row.hard_kind) if hard else row.edits
    return Answer(
        row.pair, row.affine is None, affine is not None, relative, pixels, overlap, confidence, seconds, edits
    )


def line(label: str, answers: Sequence[Answer]) -> str:
    """Return one line of the table."""
    right = [answer for answer in answers if not answer.negative]
    wrong = [answer for answer in answers if answer.negative]
    parts = [f"{label:<12}{len(right):>6}"]
    if right:
        parts += [
            f"{np.mean([answer.relative < SUCCESS for answer in right]):>9.3f}",
            f"{np.mean([answer.relative < FOUND for answer in right]):>8.3f}",
            f"{statistics.median(answer.pixels for answer in right):>11.3f}",
            f"{np.mean([answer.overlap for answer in right]):>10.3f}",
        ]
    else:
        parts.append(" " * 38)
    parts.append(f"{sum(not answer.matched for answer in wrong):>8}/{len(wrong):<4}")
    parts.append(f"{np.mean([answer.seconds for answer in answers]):>8.2f} {max(a.seconds for a in answers):>6.2f}")
    return "".join(parts)


def show(by_method: dict[str, list[Answer]]) -> None:
    """Print the table: each method, then ours by kind of edit."""
    heading = f"{'':<12}{'pairs':>6}{'< 1 %':>9}{'< 5 %':>8}{'median px':>11}{'mean IoU':>10}{'refused':>10}"
    print(f"{heading}{'s/pair':>11}{'max':>7}")
    for name, answers in by_method.items():
        print(line(name, answers))
    ours = by_method.get("pawtrait", [])
    edits = sorted({edit for answer in ours for edit in answer.edits})
    if ours:
        print("\npawtrait by kind of edit")
        for edit in edits:
            print(line(edit, [answer for answer in ours if edit in answer.edits]))
        for answer in ours:
            if answer.matched == answer.negative or (not answer.negative and answer.relative >= SUCCESS):
                print(f"  missed: {answer.pair} ({' '.join(answer.edits)}), confidence {answer.confidence:.2f}")


def cues_of(task: tuple[Row, Row | None, bool]) -> list[tuple[NDArray[np.float64], bool]]:
    """Return what is known of the best placement (of a wrong photo, if one is given), and whether it is right."""
    row, wrong, hard = task
    original, designer = row.pictures(hard)
    if wrong is not None:
        original = read(wrong.original, LIMITS)
    view = DesignerView(designer, find_foreground(designer))
    candidate = pawtrait.candidate_for(grey(original), view, ReconcileOptions(device="cpu"), lambda: None, sure=2.0)
    if candidate is None or row.affine is None:
        return []
    size = (designer.width, designer.height)
    right = wrong is None and relative_corner_error(candidate.fits[0].affine, row.affine, size) < RIGHT
    return [(cues.vector(), right) for cues in (candidate.first_cues, candidate.cues)]


def pixels_of(row: Row) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the features of agreement of some pixels at the true placement, and which belong to the portrait."""
    original, designer = row.pictures(hard=False)
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
    known = [row for row in rows(data) if row.affine is not None]
    tasks: list[tuple[Row, Row | None, bool]] = []
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


def main() -> None:
    """Parse the command line and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=None, help="only the first N pairs")
    parser.add_argument("--methods", default="pawtrait,sift,paper", help="any of pawtrait, sift, paper")
    parser.add_argument("--hard", action="store_true", help="one hard edit more on each designer image")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--fit", action="store_true", help="fit the constants of confidence and mask instead")
    arguments = parser.parse_args()
    one_thread()
    if arguments.fit:
        fit(arguments.data, arguments.workers)
        return
    chosen = rows(arguments.data)[: arguments.limit]
    by_method = {}
    with ProcessPoolExecutor(arguments.workers, initializer=one_thread) as pool:
        for name in arguments.methods.split(","):
            by_method[name] = list(pool.map(measure, [(row, name, arguments.hard) for row in chosen]))
    show(by_method)


if __name__ == "__main__":
    main()
