"""How long a retraining from the desk takes, and what it is worth: the read-outs of both stages on cached features.

    python benchmarks/retraining.py ../shared/data [--photos N]
    python benchmarks/retraining.py ../shared/data --worth [--grown 0.05]

The first time the features are computed and kept on disk, the second time they are there. The photos are those of the
training split, which the shipped model knows already: what is measured is time, not what is learned.
``--worth`` learns from two thirds of the val split, which it has not seen, and judges on the rest, three times over;
``--grown`` lets the masks reach farther out by a share of their extent, as those of a studio with a style of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from train_shipped import LIMITS, photos

from core.images import io
from core.model import checkpoint, evaluate, registry
from core.model.data import Example
from core.model.predict import load_model
from core.model.train import Progress, Training, train


def grown(example: Example, share: float, folder: Path) -> Example:
    """Return an example whose mask reaches farther out by a share of its extent."""
    mask = io.decode_mask(example.mask.read_bytes())
    reach = round(share * float(np.sqrt(np.count_nonzero(mask >= 128))))
    if reach == 0:
        return example
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    file = folder / example.mask.name
    file.write_bytes(io.encode_mask(np.asarray(cv2.dilate(mask, disc), np.uint8)))
    return replace(example, mask=file)


def worth(examples: list[Example]) -> None:
    """Print how the shipped model and the retrained one do on photos that neither has seen."""
    start = registry.find(registry.DEFAULT)
    order = [examples[place] for place in np.random.default_rng(0).permutation(len(examples))]
    for fold in range(3):
        judged = order[fold::3]
        learned = [one for one in order if one not in judged]
        with tempfile.TemporaryDirectory() as folder:
            training = Training(learned, Path(folder), LIMITS, held_out=0.0, start_from=start, quick=True)
            tensors, card = train(training, Progress(lambda point: None, lambda: None))
            made = Path(folder) / "made.safetensors"
            checkpoint.save(made, tensors, replace(card, data="val", licence="-", command="-"))
            for file, what in ((start, "ships"), (made, f"retrained on {card.trained_on}")):
                model = load_model(str(file), device="cpu", views=2)
                score = evaluate.on_masks(model, judged, LIMITS, lambda done, total: None)
                numbers = f"IoU {score.iou:.4f}, boundary F {score.boundary_f:.4f}, NLL {score.nll:.3f}"
                print(f"part {fold}, {score.photos} photos, {what}: {numbers}", flush=True)


def main() -> None:
    """Print two lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--photos", type=int)
    parser.add_argument("--worth", action="store_true")
    parser.add_argument("--grown", type=float, default=0.0)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    if asked.worth:
        with tempfile.TemporaryDirectory() as folder:
            worth([grown(example, asked.grown, Path(folder)) for example in photos(asked.data, "val")])
        return
    examples = photos(asked.data, "train")[: asked.photos]
    start = registry.find(registry.DEFAULT)
    with tempfile.TemporaryDirectory() as folder:
        for seed, what in ((1, "first time"), (2, "with the features on disk")):
            started = time.perf_counter()
            training = Training(examples, Path(folder), LIMITS, seed=seed, start_from=start, quick=True)
            _, card = train(training, Progress(lambda point: None, lambda: None))
            took = time.perf_counter() - started
            print(f"{what}: {card.trained_on} photos trained on, of {len(examples)}: {took:.0f} s", flush=True)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        print(f"on disk: {size / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
