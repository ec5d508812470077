"""How well photos are cut without a designer: ours, the paper's model and what else there is, in one run.

python benchmarks/segmentation.py ../shared/data --weights ../shared/weights/vgg16_imagenet1k_features.fp16.safetensors
python benchmarks/segmentation.py ../shared/data --part unseen --model FILE     breeds that FILE was not trained on
python benchmarks/segmentation.py ../shared/data --found                        photos with and without a pet
python benchmarks/segmentation.py ../shared/data --large                        24 megapixels: seconds and memory
python benchmarks/segmentation.py ../shared/data --rate [--device cuda]         photos a second, alone and together
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from peers_masks import Case, EllipseInBox, GrabCutInBox, MeanShape, U2Net
from train_shipped import photos, without_a_pet

from core.images import io
from core.images.io import Limits
from core.maths.masks import iou
from core.maths.metrics import boundary_f, dice
from core.model import calibrate, centre_bias, evaluate, registry, threshold
from core.model.data import Example
from core.model.deepgaze2 import DeepGaze2
from core.model.features import Features, Table, default_folder
from core.model.predict import Model, load_model
from core.model.raw_map import Map
from core.model.trunks import vgg16
from core.settings import Settings

LIMITS = Limits.from_settings(Settings())
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Method:
    """A way to cut a photo; ``density`` is the model's log-density for those that have one."""

    name: str
    mask: Callable[[Case], Pixels]
    density: Callable[[Case], Map] | None = None


def cases(data: Path, part: str) -> list[Case]:
    """Return the photos of a part."""
    with (data / "portraits" / "manifest.csv").open(newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    found = []
    for example in photos(data, part):
        row = rows[example.key]
        box = tuple(int(row[f"head_{side}"]) for side in ("xmin", "ymin", "xmax", "ymax"))
        photo, mask = io.read(example.image, LIMITS).rgb, io.decode_mask(example.mask.read_bytes())
        found.append(Case(example.key, photo, mask, box))  # type: ignore[arg-type]
    return found


def of_model(title: str, model: Model) -> Method:
    """Return a model as the desk uses it: its own threshold for each photo, refined at the photo's size."""
    return Method(title, lambda case: model.predict(case.photo).mask(), lambda case: model.raw(case.photo).log_density)


def by_rule(title: str, model: Model, rule: str, known: Sequence[tuple[Map, Pixels]]) -> Method:
    """Return the paper's cut: one threshold on the log-density for all photos, learned on others, nothing refined."""
    found = [threshold.values(density, rule) for density, _ in known]
    shares = [calibrate.shares(mask, density.shape) for density, mask in known]
    cut = threshold.learn(found, shares, rule).threshold

    def mask(case: Case) -> Pixels:
        values = threshold.values(model.raw(case.photo).log_density, rule)
        size = case.photo.shape[1], case.photo.shape[0]
        return np.where(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR) >= cut, np.uint8(255), np.uint8(0))

    return Method(title, mask, lambda case: model.raw(case.photo).log_density)


def papers(
    name: str, weights: Path, part: Sequence[Example], learned: Sequence[Case]
) -> tuple[Model, list[tuple[Map, Pixels]]]:
    """Return the paper's model, mirrored views averaged as at the desk, and its densities of photos with their masks.

    The densities are made of the features on the disk that its training has left, if they are there.
    """
    path, trunk = registry.find(name), vgg16.quicken(vgg16.load(weights))
    network = DeepGaze2.load(path, trunk, views=2)
    size = int(network.card.options["size"])
    table = Table(Features(trunk, size, default_folder()), [example.image for example in part], memory_bytes=0)
    known = []
    for number, case in enumerate(learned):
        raw = network.map_of([table.get(number), table.get(number, mirrored=True)])
        known.append((raw.log_density, case.mask))
    return Model(network.card, registry.version_of(path), network), known


def measured(method: Method, judged: Sequence[Case], bias: centre_bias.CentreBias) -> dict[str, object]:
    """Return one row of the table."""
    overlaps, dices, edges, gains, seconds = [], [], [], [], []
    for case in judged:
        started = time.perf_counter()
        found = method.mask(case)
        seconds.append(time.perf_counter() - started)
        overlaps.append(iou(found, case.mask))
        dices.append(dice(found, case.mask))
        edges.append(boundary_f(found, case.mask, evaluate.BOUNDARY_TOLERANCE * max(case.mask.shape)))
        if method.density is not None:
            density = method.density(case)
            gain = evaluate.nll(bias.on(*density.shape), case.mask) - evaluate.nll(density, case.mask)
            gains.append(gain / np.log(2))
    table = np.array(overlaps)
    return {
        "method": method.name,
        "photos": len(table),
        "iou": float(table.mean()),
        "worst_tenth": float(np.quantile(table, 0.1)),
        "over_0.90": float((table >= 0.9).mean()),
        "dice": float(np.mean(dices)),
        "boundary_f": float(np.mean(edges)),
        "gain_bits": float(np.mean(gains)) if gains else None,
        "seconds": float(np.median(seconds)),
    }


COLUMNS = (
    ("method", "method", "{}"),
    ("iou", "IoU", "{:.3f}"),
    ("worst_tenth", "10 % worst", "{:.3f}"),
    ("over_0.90", "≥ .90", "{:.0%}"),
    ("dice", "Dice", "{:.3f}"),
    ("boundary_f", "boundary F", "{:.3f}"),
    ("gain_bits", "gain, bits", "{:.2f}"),
    ("seconds", "s", "{:.3f}"),
)


def line(row: dict[str, object]) -> str:
    """Return a row as Markdown."""
    return "| " + " | ".join("–" if row[key] is None else how.format(row[key]) for key, _, how in COLUMNS) + " |"


def found_table(model: Model, data: Path) -> None:
    """Print how well photos with a pet are told from those without one."""
    with_one = [model.predict(case.photo).found for case in cases(data, "val")]
    without = [model.predict(io.read(path, LIMITS).rgb).found for path in without_a_pet(data, "test")]
    higher = np.mean([[a > b or (a == b) / 2 for b in without] for a in with_one])
    print(f"photos with a pet that are called so: {np.mean(np.array(with_one) >= 0.5):.1%} of {len(with_one)}")
    print(f"photos without one that are called so: {np.mean(np.array(without) < 0.5):.1%} of {len(without)}")
    print(f"AUC: {higher:.4f}")


def large(model: Model, judged: Sequence[Case]) -> None:
    """Print seconds and memory at 24 megapixels."""
    cv2.setNumThreads(0)
    took, sizes = [], []
    for case in judged[:12]:
        height, width = case.photo.shape[:2]
        factor = np.sqrt(24e6 / (height * width))
        photo = cv2.resize(case.photo, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_CUBIC)
        model.predict(case.photo)
        started = time.perf_counter()
        model.predict(np.ascontiguousarray(photo))
        took.append(time.perf_counter() - started)
        sizes.append(photo.shape[0] * photo.shape[1] / 1e6)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{np.mean(sizes):.1f} MP: {np.median(took):.3f} s in the median, {max(took):.3f} s at most, peak {peak:.0f} MB"
    )


def rate(model: Model, judged: Sequence[Case]) -> None:
    """Print photos a second, one and several at a time."""
    model.predict(judged[0].photo)  # what is done once is done
    for together in (1, 2, 4, 8, 16):
        started = time.perf_counter()
        for at in range(0, len(judged), together):
            some = [case.photo for case in judged[at : at + together]]
            model.predict_all(some, [0] * len(some))
        print(
            f"{together:2} at a time: {len(judged) / (time.perf_counter() - started):.1f} photos a second", flush=True
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--part", choices=("val", "unseen"), default="val")
    parser.add_argument("--model", default="pawtrait", help="ours: a name, or a file")
    parser.add_argument("--paper", default="deepgaze2-vgg16", help="the paper's: a name, or a file")
    parser.add_argument("--weights", type=Path, help="VGG-16's, without which the paper's model is left out")
    parser.add_argument("--u2net", type=Path, help="an ONNX file of U2-Net")
    parser.add_argument("--limit", type=int, help="only so many photos")
    parser.add_argument("--found", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--rate", action="store_true")
    parser.add_argument("--device", default="cpu", help="of --rate")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    ours = load_model(asked.model, device=asked.device if asked.rate else "cpu")
    judged = cases(asked.data, asked.part)[: asked.limit]
    if asked.found:
        found_table(ours, asked.data)
        return
    if asked.large:
        large(ours, judged)
        return
    if asked.rate:
        rate(ours, judged)
        return
    part = photos(asked.data, "train" if asked.part == "val" else "seen")
    learned = cases(asked.data, "train" if asked.part == "val" else "seen")
    shape = MeanShape([case.mask for case in learned])
    box, ellipse = GrabCutInBox(), EllipseInBox()
    methods = [Method(peer.name, peer.mask) for peer in (shape, ellipse, box)]
    if asked.u2net is not None:
        salient = U2Net(asked.u2net)
        methods.append(Method(salient.name, salient.mask))
    if asked.weights is not None:
        paper, known = papers(asked.paper, asked.weights, part, learned)
        methods.append(by_rule("paper's read-out, absolute threshold", paper, "absolute", known))
        methods.append(by_rule("paper's read-out, relative to its effective area", paper, "area", known))
        methods.append(of_model("paper's read-out, per image, refined", paper))
    methods += [
        of_model(f"ours, {views} view{'s' * (views > 1)}", load_model(asked.model, device="cpu", views=views))
        for views in (1, 2, 4)
    ]
    bias = centre_bias.fit([centre_bias.of_mask((case.mask >= 128).astype(np.float32)) for case in learned])
    if not asked.json:
        print("| " + " | ".join(title for _, title, _ in COLUMNS) + " |")
        print("|" + "---|" * len(COLUMNS))
    for method in methods:
        row = measured(method, judged, bias)
        print(json.dumps(row) if asked.json else line(row), flush=True)


if __name__ == "__main__":
    main()
