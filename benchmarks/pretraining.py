"""Puts the paper's claim to the test: does pre-training on gazes help where there are few masks?

    python benchmarks/pretraining.py ../shared/data --weights FILE [--out DIR]

The read-out is trained on 25, 100 and all photos of the training split with three seeds, from scratch and from the
read-out pre-trained on gazes, and measured on the validation split: IoU at the learned threshold (relative to the
effective area), NLL and information gain over the training masks' centre bias. Prints a table and writes the curve as
SVG. What was measured before is read from ``DIR/pretraining.jsonl``, so that it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from measure_masks import answers_of
from train_paper import bias_of
from train_shipped import photos

from core.model import checkpoint, deepgaze, evaluate, registry
from core.model.data import Example
from core.model.deepgaze2 import DeepGaze2
from core.model.features import default_folder
from core.model.trunks import vgg16

COUNTS = (25, 100, 449)
SEEDS = (0, 1, 2)
WAYS = ("from scratch", "from gazes")
FIGURES = ("iou", "nll", "information_gain_bits")
Row = dict[str, float | int | str]


def chosen(examples: list[Example], count: int, seed: int) -> list[Example]:
    """Return some of the training photos; both ways get the same."""
    order = np.random.default_rng(seed).permutation(len(examples))
    return [examples[number] for number in sorted(order[:count])]


def measured(some: list[Example], val: list[Example], setting: deepgaze.Setting) -> dict[str, float]:
    """Train on some photos and measure on the validation split."""
    trained = deepgaze.train(some, setting, lambda *_: None, lambda: None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trained.safetensors"
        checkpoint.save(path, *trained)
        model = DeepGaze2.load(path, setting.trunk)
    table_of = setting.table([example.image for example in val])
    maps = [model.map_of([table_of.get(number)]) for number in range(len(val))]
    score = evaluate.score(answers_of(maps, val, trained[1].calibration["threshold"]), bias_of(some))
    return {name: round(float(getattr(score, name)), 4) for name in FIGURES}


def table(rows: list[Row]) -> str:
    """Return mean and spread over the seeds."""
    lines = ["| photos | read-out | seeds | val IoU | NLL, nats | gain, bits |", "|---|---|---|---|---|---|"]
    for count in COUNTS:
        for way in WAYS:
            some = [row for row in rows if row["photos"] == count and row["way"] == way]
            if some:
                cells = []
                for name in FIGURES:
                    values = [float(row[name]) for row in some]
                    cells.append(f"{np.mean(values):.3f} ± {np.std(values):.3f}")
                lines.append(f"| {count} | {way} | {len(some)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def curve(rows: list[Row]) -> str:
    """Return the learning curves as SVG: IoU over photos, a dot for each seed, a line through the means."""
    width, height, left, bottom = 480, 300, 60, 250
    across = {count: left + 60 + number * 150 for number, count in enumerate(COUNTS)}
    values = [float(row["iou"]) for row in rows] or [0.0]
    low, high = np.floor(min(values) * 20) / 20, np.ceil(max(values) * 20) / 20 + 1e-9

    def up(value: float) -> float:
        return round(bottom - (value - low) / max(high - low, 0.05) * 220, 1)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif">']
    parts.append(f'<rect width="{width}" height="{height}" fill="white"/>')
    for value in np.arange(low, high + 0.01, 0.05):
        parts.append(f'<path d="M{left} {up(value)}H460" stroke="#ddd"/>')
        parts.append(f'<text x="20" y="{up(value) + 4}" font-size="12">{value:.2f}</text>')
    for count, x in across.items():
        parts.append(f'<text x="{x - 10}" y="{bottom + 20}" font-size="12">{count}</text>')
    parts.append(f'<text x="{left}" y="{bottom + 40}" font-size="12">photos trained on; val IoU, three seeds</text>')
    for number, (way, colour) in enumerate(zip(WAYS, ("#b45309", "#0369a1"), strict=True)):
        line = []
        for count, x in across.items():
            some = [float(row["iou"]) for row in rows if row["photos"] == count and row["way"] == way]
            parts += [f'<circle cx="{x}" cy="{up(value)}" r="3" fill="{colour}"/>' for value in some]
            line += [f"{x},{up(float(np.mean(some)))}"] if some else []
        parts.append(f'<polyline points="{" ".join(line)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="330" y="{200 + 18 * number}" font-size="12" fill="{colour}">{way}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Measure what has not been measured yet; print the table and write the curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--start", type=Path, default=registry.shipped() / "deepgaze2-vgg16-fixations.safetensors")
    parser.add_argument("--out", type=Path, default=Path())
    parser.add_argument("--size", type=int, default=400)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    log = asked.out / "pretraining.jsonl"
    rows: list[Row] = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    trunk = vgg16.quicken(vgg16.load(asked.weights))
    train, val = photos(asked.data, "train"), photos(asked.data, "val")
    for seed in SEEDS:
        for count in COUNTS:
            for way in WAYS:
                if any((row["seed"], row["photos"], row["way"]) == (seed, count, way) for row in rows):
                    continue
                start = asked.start if way == WAYS[1] else None
                setting = deepgaze.Setting(trunk, default_folder(), asked.size, seed, None, start)
                figures = measured(chosen(train, count, seed), val, setting)
                rows.append({"photos": count, "way": way, "seed": seed, **figures})
                with log.open("a") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
                print(rows[-1], flush=True)
    (asked.out / "pretraining.svg").write_text(curve(rows))
    print(table(rows))


if __name__ == "__main__":
    main()
