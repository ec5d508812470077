"""Measures how fast the difference view follows a dragged handle, beside the plain way: all pixels, warped and fitted.

    python benchmarks/hands_placement.py [--frames 60]

A made-up photo of 24 megapixels and a designer image of 8, in a pane of 1600 x 1000 pixels on the offscreen platform.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from core.domain import Placement
from core.images.convert import display_levels
from core.images.picture import Picture
from core.jobs.answers import DisplayPicture
from core.maths.recolouring import ColourTable, difference, fit_table
from gui.canvas.layers import Glass, PictureLayer
from gui.canvas.superposed import CompareMode, Superposed, Superposer
from gui.canvas.viewport import fit

PHOTO, DESIGNER, PANE = (6000, 4000), (3200, 2500), (1600, 1000)
PLACE = Placement(1.1, 8.0, False, 1300.0, 500.0)


def made_up(size: tuple[int, int], seed: int) -> NDArray[np.uint8]:
    """Return a picture with structure at every size."""
    rng = np.random.default_rng(seed)
    total = np.zeros((size[1], size[0], 3), np.float32)
    for cells in (8, 64, 512):
        noise = rng.random((cells, cells, 3), np.float32)
        total += cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)
    return np.clip(total * 85, 0, 255).astype(np.uint8)


def layer_of(rgb: NDArray[np.uint8]) -> PictureLayer:
    """Return a picture as the canvas has it, with its pyramid."""
    levels = display_levels(Picture(rgb, None, rgb.shape[1], rgb.shape[0]))
    return PictureLayer(DisplayPicture(levels, True, rgb.shape[1], rgb.shape[0]))


def plain(photo: NDArray[np.uint8], designer: NDArray[np.uint8], table: ColourTable, place: Placement) -> QImage:
    """Return the difference the plain way: every pixel of the photo, then scaled to the pane."""
    matrix = np.array(place.matrix())
    warped = cv2.warpAffine(designer, matrix, PHOTO, flags=cv2.INTER_LINEAR)
    inside = cv2.warpAffine(np.full(designer.shape[:2], 255, np.uint8), matrix, PHOTO, flags=cv2.INTER_NEAREST)
    apart = difference(table.applied(photo), warped.astype(np.uint8))
    apart[inside == 0] = 0
    shown = cv2.resize(apart, (1500, 1000), interpolation=cv2.INTER_AREA)
    return QImage(shown.data, 1500, 1000, 1500, QImage.Format.Format_Grayscale8).copy()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--ratio", type=float, default=1.0, help="device pixels for each view pixel")
    told = parser.parse_args()
    app = QApplication.instance() or QApplication([])
    photo, designer = made_up(PHOTO, 1), made_up(DESIGNER, 2)
    both = Superposer(layer_of(photo), layer_of(designer))
    began = time.perf_counter()
    samples = both.samples(PLACE)
    sampled = time.perf_counter() - began
    table = fit_table(samples.original, samples.designer, samples.weight)
    fitted = time.perf_counter() - began
    view = fit(PHOTO, PANE, 12.0)
    screen = QImage(round(PANE[0] * told.ratio), round(PANE[1] * told.ratio), QImage.Format.Format_ARGB32_Premultiplied)
    screen.setDevicePixelRatio(told.ratio)
    glass = Glass((float(PANE[0]), float(PANE[1])), told.ratio)
    times, cpu = [], []
    for frame in range(told.frames + 1):
        place = Placement(PLACE.scale, PLACE.rotation_deg + 0.05 * frame, False, PLACE.tx + 4.0 * frame, PLACE.ty)
        began, cpu_began = time.perf_counter(), time.process_time()
        painter = QPainter(screen)
        both.paint(painter, view, glass, Superposed(CompareMode.DIFFERENCE, place, colours=table))
        painter.end()
        times.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - cpu_began))
    first, times = times[0], times[1:]
    slow = []
    for frame in range(3):
        began = time.perf_counter()
        plain(photo, designer, table, Placement(PLACE.scale, PLACE.rotation_deg, False, PLACE.tx + frame, PLACE.ty))
        slow.append(1000 * (time.perf_counter() - began))
    median, plain_ms = statistics.median(times), statistics.median(slow)
    worst = sorted(times)[int(0.95 * len(times))]
    print(f"colour fit                 {1000 * (fitted - sampled):8.1f} ms in a job, {1000 * sampled:.1f} ms before it")
    print(f"first frame of a view      {first:8.1f} ms")
    pace, slow_pace = 1000 / median, 1000 / plain_ms
    print(f"frame while dragging       {median:8.1f} ms median, {worst:.1f} ms 95th percentile, {pace:.0f} a second")
    print(
        f"plain way, full resolution {plain_ms:8.1f} ms median, {slow_pace:.1f} a second: {pace / slow_pace:.0f} times"
    )
    del app


if __name__ == "__main__":
    main()
