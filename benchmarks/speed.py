"""How long large originals take and what memory they need, and how many pairs a second are reconciled."""

from __future__ import annotations

import math
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from cases import LIMITS, MadeCase, made_cases
from families import Made
from measure import one_thread, peak_mb, reset_peak
from peers import METHODS, why_not
from peers_found import Found, as_found
from tables import table

from core.images.encode import encode_rgba
from core.images.io import read
from core.images.picture import Picture
from core.jobs.work.searching import TOGETHER
from core.maths.metrics import relative_corner_error
from core.maths.warp import compose, resize_affine
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile_many
from core.reconcile.result import Result

MEGAPIXELS = (0.5, 12.0, 24.0)
Batch = Callable[[Sequence[tuple[Picture, Picture]]], Sequence[Found]]
"""Reconciles many pairs at once."""


# --- large originals --------------------------------------------------------------------------------------------------


def large(data: Path, methods: Sequence[str], seed: int) -> None:
    """Print time and memory of one pair with its original at three sizes, a fresh process for each."""
    made = _first(data, seed).load()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        designer = Path(name) / "designer.png"
        designer.write_bytes(_png(made.designer))
        for megapixels in MEGAPIXELS:
            grown = _grown(made, megapixels)
            path = Path(name) / f"{megapixels}.jpg"
            bgr = cv2.cvtColor(grown.original.rgb, cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(path), bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])
            for method in methods:
                with ProcessPoolExecutor(1, get_context("spawn"), one_thread) as pool:
                    decoding, seconds, base, peak, found = pool.submit(_one_large, path, designer, method).result()
                size = (made.designer.width, made.designer.height)
                error = "no match" if found is None else f"{relative_corner_error(found, grown.affine, size):.3%}"
                shown = f"{grown.original.width} x {grown.original.height}"
                rows.append((method, shown, f"{decoding:.2f}", f"{seconds:.2f}", f"{base:.0f}", f"{peak:.0f}", error))
    head = ("", "original", "decode both, s", "reconcile, s", "MB once decoded", "peak MB", "corner error")
    table("Large originals", head, rows)
    print("\nA fresh process for each row, its first pair: what is imported late counts in. Peak: largest resident")
    print("memory from the start of decoding on (Linux: VmHWM).")


def _one_large(original: Path, designer: Path, method: str) -> tuple[float, float, float, float, np.ndarray | None]:
    reset_peak()
    started = time.perf_counter()
    pictures = read(original, LIMITS), read(designer, LIMITS)
    decoded = time.perf_counter()
    base = resident_mb()
    found = METHODS[method](*pictures)
    return decoded - started, time.perf_counter() - decoded, base, peak_mb(), found.affine


def resident_mb() -> float:
    """Return the resident memory now, in MB; NaN where the system does not say (not Linux)."""
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return math.nan


def _png(picture: Picture) -> bytes:
    alpha = np.full(picture.rgb.shape[:2], 255, np.uint8) if picture.alpha is None else picture.alpha
    return encode_rgba(np.dstack([picture.rgb, alpha]))


def _grown(made: Made, megapixels: float) -> Made:
    """Return the pair with its original enlarged or shrunk to so many million pixels."""
    assert made.affine is not None
    w, h = made.original.width, made.original.height
    factor = math.sqrt(megapixels * 1e6 / (w * h))
    size = round(w * factor), round(h * factor)
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    rgb = np.asarray(cv2.resize(made.original.rgb, size, interpolation=way), np.uint8)
    affine = compose(resize_affine((w, h), size), made.affine)
    return replace(made, original=Picture(rgb, None, *size), affine=affine)


def _first(data: Path, seed: int) -> MadeCase:
    case = made_cases(data, "tune", ["paint"], 1, seed)[0]
    return replace(case, family="ordinary", name="ordinary")


# --- throughput -------------------------------------------------------------------------------------------------------


def throughput(pairs: Sequence[tuple[Picture, Picture]], run: Batch) -> float:
    """Return how many pairs a second ``run`` reconciles; a first pair warms it up and is not counted."""
    run(pairs[:1])
    started = time.perf_counter()
    answers = run(pairs)
    seconds = time.perf_counter() - started
    assert len(answers) == len(pairs)
    return len(pairs) / seconds


def one_by_one(method: str) -> Batch:
    """Return a batch that runs a method on one pair after the other."""

    def run(pairs: Sequence[tuple[Picture, Picture]]) -> list[Found]:
        return [METHODS[method](original, designer) for original, designer in pairs]

    return run


def together(device: str) -> Batch:
    """Return a batch that gives our method all pairs at once, in groups of as many as the program itself takes."""

    def run(pairs: Sequence[tuple[Picture, Picture]]) -> list[Found]:
        options = ReconcileOptions(device=device, max_memory_mb=8192)
        asked = [(original, designer, None) for original, designer in pairs]
        answers = []
        for start in range(0, len(asked), TOGETHER):
            group = asked[start : start + TOGETHER]
            answers += reconcile_many(group, options, lambda: None, threads=os.cpu_count() or 1)
        return [as_found(answer) for answer in answers if isinstance(answer, Result)]

    return run


BATCHES: dict[str, tuple[str, Batch]] = {
    "one CPU thread, one by one": ("pawtrait", one_by_one("pawtrait")),
    "CUDA, one by one": ("pawtrait-cuda", one_by_one("pawtrait-cuda")),
    "CUDA, together": ("pawtrait-cuda", together("cuda")),
}
"""What :func:`show_throughput` times: a label, the method that must be able to run here, how it is run."""


def show_throughput(data: Path, count: int, seed: int) -> None:
    """Print pairs a second of each of ``BATCHES`` on ``count`` ordinary pairs."""
    one_thread()
    cases = [replace(case, family="ordinary") for case in made_cases(data, "tune", ["paint"], count, seed)]
    made = [case.load() for case in cases if case.stranger is None]
    pairs = [(one.original, one.designer) for one in made]
    rows = []
    for label, (method, run) in BATCHES.items():
        missing = why_not(method)
        rows.append((label, f"{throughput(pairs, run):.2f}" if missing is None else "no CUDA device"))
    table(f"Throughput, {len(pairs)} ordinary pairs", ("", "pairs a second"), rows)
