"""Projects for the benchmarks, made by script: forty thousand pairs without pictures, or pairs of 24 MP photos."""

from __future__ import annotations

import random
from pathlib import Path

import cv2
import numpy as np

from core.domain import Decision, ImageRef, Pair, Placement, Reconciliation, RejectReason, Review
from core.edits import AddPair, Initiator, Origin
from core.images.encode import encode_mask
from core.images.io import hash_file
from core.store.base import Store
from core.store.opening import create_project

_BY_SCRIPT = Initiator("benchmark", Origin.JOB, label="Import")
_BATCH = 500


def many_pairs(folder: Path, count: int) -> None:
    """Make a project of ``count`` pairs that name pictures which do not exist; decisions and confidences are seeded."""
    rng = random.Random(1)
    store = create_project(folder, "benchmark")
    try:
        for start in range(0, count, _BATCH):
            store.apply(
                [AddPair(_paper_pair(rng, number)) for number in range(start, min(start + _BATCH, count))], _BY_SCRIPT
            )
    finally:
        store.close()


def _paper_pair(rng: random.Random, number: int) -> Pair:
    name = f"{number:05d}-{rng.choice(('rex', 'molly', 'luna', 'bello', 'tiger', 'misty'))}"
    confidence = rng.random() ** 0.3
    placement = Placement(rng.uniform(0.5, 3), rng.uniform(-45, 45), rng.random() < 0.2, 100, 80)
    found = Reconciliation("pawtrait", placement, confidence, "All of the face agrees.", 0.6)
    decision = rng.choices(list(Decision), weights=(60, 25, 3, 6, 3, 3))[0]
    reason = rng.choice(list(RejectReason)) if decision is Decision.REJECTED else None
    return Pair(
        0,
        name,
        ImageRef(f"/nowhere/originals/{name}.jpg", f"{number:064x}", 6000, 4000),
        ImageRef(f"/nowhere/designers/{name}.png", f"{number + 10**9:064x}", 1200, 1500),
        found if rng.random() < 0.9 else None,
        Review(decision, reason),
    )


def large_photos(folder: Path, count: int) -> None:
    """Make a project of ``count`` pairs of 6000 x 4000 JPEGs with 1500 x 1500 designer images and round masks."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    store = create_project(folder / "project", "benchmark")
    try:
        for number in range(count):
            _large_pair(store, pictures, number)
    finally:
        store.close()


def _large_pair(store: Store, pictures: Path, number: int) -> None:
    rng = np.random.default_rng(number)
    # Noise at several sizes: as hard on the decoder as a photo of fur, and as unlike its neighbours.
    photo = np.zeros((4000, 6000, 3), np.float32)
    for size in (6, 40, 300):
        noise = rng.normal(0, 40, (4000 // size, 6000 // size, 3)).astype(np.float32)
        photo += cv2.resize(noise, (6000, 4000), interpolation=cv2.INTER_CUBIC)
    pixels = np.clip(photo + 128, 0, 255).astype(np.uint8)
    placement = Placement(1.2, 20.0, number % 3 == 0, 2600.0 if number % 3 == 0 else 1800.0, 800.0)
    matrix = np.array(placement.matrix())
    designer = cv2.warpAffine(pixels, matrix, (1500, 1500), flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP)
    refs = []
    for side, picture in (("original", pixels), ("designer", designer)):
        path = pictures / f"{number:02d}-{side}.jpg"
        cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
        refs.append(ImageRef(str(path), hash_file(path), picture.shape[1], picture.shape[0]))
    mask = np.zeros((4000, 6000), np.uint8)
    centre = placement.apply(750, 750)
    cv2.circle(mask, (round(centre[0]), round(centre[1])), 800, 255, -1, cv2.LINE_AA)
    found = Reconciliation(
        "benchmark", placement, 0.5 + number / 100, "", 0.0, store.put_mask(encode_mask(mask), 6000, 4000)
    )
    store.apply([AddPair(Pair(0, f"{number:02d}", refs[0], refs[1], found))], _BY_SCRIPT)
