"""Makes the model that ships, from its data; the card in the file says that it was made so.

    python benchmarks/train_shipped.py ../shared/data --out resources/models/pawtrait.safetensors

Photos of the training split with their masks, and as pictures without a pet two thirds of OSIE's that show no animal.
``--leave-out-breeds`` trains on all photos of 25 breeds instead, to be measured on the ten others.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from model_cards import describe

from core.images.io import Limits
from core.model import checkpoint, evaluate
from core.model.data import Example
from core.model.predict import load_model
from core.model.train import Point, Progress, Training, train
from core.settings import Settings

LIMITS = Limits.from_settings(Settings())
DATA = (
    "{count} photos of the Oxford-IIIT Pet dataset (Parkhi, Vedaldi, Zisserman, Jawahar 2012) with portrait masks made "
    "from its trimaps and head boxes; {without} pictures without an animal of OSIE (Xu et al. 2014); the trunk begins "
    "with EfficientNet-Lite2's ImageNet weights"
)
LICENCE = "Oxford-IIIT Pet: CC BY-SA 4.0 (photos are their owners'); OSIE: MIT; ImageNet weights: Apache-2.0"


def breeds_left_out(rows: list[dict[str, str]]) -> set[str]:
    """Return ten breeds, the same every time."""
    breeds = sorted({row["breed"] for row in rows})
    return {str(breed) for breed in np.random.default_rng(10).permutation(breeds)[:10]}


def photos(data: Path, part: str) -> list[Example]:
    """Return the photos of a part: "train", "val", or by breed "seen" or "unseen"."""
    folder = data / "portraits"
    with (folder / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    unseen = breeds_left_out(rows)
    if part in ("train", "val"):
        rows = [row for row in rows if row["split"] == part]
    else:
        rows = [row for row in rows if (row["breed"] in unseen) == (part == "unseen")]
    names = [row["name"] for row in rows]
    return [Example(name, folder / "originals" / f"{name}.jpg", folder / "masks" / f"{name}.png") for name in names]


def without_a_pet(data: Path, part: str) -> list[Path]:
    """Return pictures that show no animal: two thirds to "train" on, one third to "test"."""
    listed = (Path(__file__).with_name("osie_animals.txt")).read_text().splitlines()
    animals = {word for line in listed if not line.startswith("#") for word in line.split()}
    pictures = sorted((data / "fixations" / "images").glob("*.jpg"))
    return [p for p in pictures if p.stem not in animals and (int(p.stem) % 3 == 0) == (part == "test")]


def measured(file: Path, judged: list[Example]) -> dict[str, float]:
    """Return how a model does on photos that it was not trained on, with four views."""
    score = evaluate.on_masks(load_model(str(file), device="cpu"), judged, LIMITS, lambda done, total: None)
    table = asdict(score)
    names = ("photos", "iou", "dice", "boundary_f", "nll", "information_gain_bits")
    return {name: round(float(table[name]), 4) for name in names}


def main() -> None:
    """Train and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workdir", type=Path, help="where it keeps what it needs to go on after a break")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--coarse-epochs", type=float, default=24.0)
    parser.add_argument("--fine-epochs", type=float, default=12.0)
    parser.add_argument("--leave-out-breeds", action="store_true")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    examples = photos(asked.data, "seen" if asked.leave_out_breeds else "train")
    without = without_a_pet(asked.data, "train")
    started = time.perf_counter()

    def point(point: Point) -> None:
        overlap = "" if point.held_out_iou is None else f"  held-out IoU {point.held_out_iou:.4f}"
        took = time.perf_counter() - started
        print(
            f"{took:6.0f} s  {point.stage}: epoch {point.epoch:.1f}/{point.epochs:.0f}  loss {point.loss:.4f}{overlap}"
        )

    what = Training(
        examples,
        asked.workdir or asked.out.with_suffix(".work"),
        LIMITS,
        seed=asked.seed,
        held_out=0.0,
        without=without,
        epochs={"coarse": asked.coarse_epochs, "fine": asked.fine_epochs},
    )
    tensors, card = train(what, Progress(point, lambda: None))
    command = f"python benchmarks/train_shipped.py DATA --out FILE --seed {asked.seed}"
    card = replace(
        card,
        data=DATA.format(count=len(examples), without=len(without)),
        licence=LICENCE,
        command=command + (" --leave-out-breeds" if asked.leave_out_breeds else ""),
    )
    checkpoint.save(asked.out, tensors, card)
    judged = photos(asked.data, "unseen" if asked.leave_out_breeds else "val")
    card = replace(card, metrics=measured(asked.out, judged))
    checkpoint.save(asked.out, tensors, card)
    asked.out.with_suffix(".md").write_text(describe(card), "utf-8")
    print(f"{asked.out}: {asked.out.stat().st_size / 2**20:.1f} MB, version {checkpoint.version_of(asked.out)}")


if __name__ == "__main__":
    main()
