"""How long a retraining from the desk takes: the read-outs of both stages on cached features, twice.

    python benchmarks/retraining.py ../shared/data [--photos N]

The first time the features are computed and kept on disk, the second time they are there. The photos are those of the
training split, which the shipped model knows already: what is measured is time, not what is learned.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import cv2

sys.path.insert(0, str(Path(__file__).parents[1]))

from train_shipped import LIMITS, photos

from core.model import registry
from core.model.train import Progress, Training, train


def main() -> None:
    """Print two lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--photos", type=int)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
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
