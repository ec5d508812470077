"""Refits what a model's map weighs in a mask, and says what masks are worth with it and without.

    python benchmarks/train_shipped.py DATA --leave-out-breeds --out FILE
    python benchmarks/fit_map.py DATA --model FILE

Pairs of the families TUNE and MASKS, made from photos of the breeds that the model was not trained on, each at its true
place. Even seeds fit, odd ones check. Kept backgrounds are left out: there the map alone decides.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # read when the libraries below are loaded

import argparse
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from cases import photo_with_mask
from families import MASKS, TUNE, Made, make
from fitting import logistic
from measure import one_thread
from numpy.typing import NDArray
from train_shipped import photos

from core.jobs.work import guiding
from core.maths.filters import unit
from core.maths.masks import iou
from core.maths.warp import warp
from core.reconcile.agreement import weigh
from core.reconcile.evidence import WEIGHED_EXTENT, find_mask
from core.reconcile.foreground import find_foreground
from core.reconcile.map_evidence import evidence_of, map_in
from core.reconcile.scene import Scene

PER_FAMILY, PIXELS = 12, 1500
"""Pairs of each family, and pixels of a pair that take part in the fit."""


def made(data: Path, names: list[str]) -> Iterator[tuple[int, Made]]:
    """Make the pairs."""
    for family in (*TUNE, *MASKS):
        rng = np.random.default_rng([len(family), *family.encode()])
        for seed in range(PER_FAMILY):
            chosen = [str(name) for name in rng.choice(names, 3, replace=False)]
            photo, *others = (photo_with_mask(data, name) for name in chosen)
            pair = make(*photo, family, seed, others)
            if pair.edits[-1] != "bg-kept":
                yield seed, pair


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, required=True, help="a model trained without ten of the breeds")
    asked = parser.parse_args()
    one_thread()
    names = [example.key for example in photos(asked.data, "unseen")]
    how = guiding.loading(asked.model, "cpu")
    x: list[NDArray[np.float32]] = []
    y: list[NDArray[np.bool_]] = []
    overlaps = []
    for seed, pair in made(asked.data, names):
        known = guiding.ask(how, pair.original).prior
        if known is None or pair.affine is None:
            continue
        foreground = find_foreground(pair.designer)
        plain, told = (
            find_mask(pair.original, pair.designer, foreground, pair.affine, lambda: None, likely=likely)
            for likely in (None, known.probability)
        )
        if seed % 2:
            overlaps.append((iou(plain.mask, pair.mask), iou(told.mask, pair.mask)))
        elif plain.background in ("alpha", "plain"):
            share = float((foreground.mask >= 128).mean())
            extent = math.sqrt(share * pair.designer.width * pair.designer.height)
            scene = Scene.around(pair.original, pair.designer, pair.affine, extent, WEIGHED_EXTENT)
            likely = map_in(scene, known.probability, (pair.original.width, pair.original.height))
            if likely is None:
                continue
            cut_out, truth = (unit(warp(one, scene.to_frame, scene.size)) for one in (plain.footprint, pair.mask))
            shown = np.flatnonzero(scene.inside.ravel() > 0.5)
            some = np.random.default_rng(seed).choice(shown, min(PIXELS, len(shown)), replace=False)
            x.append(evidence_of(scene, weigh(scene), cut_out, likely).reshape(-1, 4)[some])
            y.append(truth.ravel()[some] > 0.5)
    weights = logistic(np.concatenate(x).astype(np.float64), np.concatenate(y), 1e-4)
    print(f"core/reconcile/map_evidence.py WEIGHTS = {[round(float(weight), 2) for weight in weights]}")
    without, with_map = np.mean(overlaps, axis=0)
    print(f"the other half: {len(overlaps)} pairs, mask IoU {without:.3f} without the map, {with_map:.3f} with it")


if __name__ == "__main__":
    main()
