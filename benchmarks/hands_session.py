"""A session at the desk, started as a user would: ten masks and five placements corrected by keys and mouse alone.

    python benchmarks/hands_session.py DATA [--masks 10] [--seed 1]

DATA has ``portraits`` and ``pairs``. The photos come from the validation part, evenly; the shipped model's masks that
are worst are corrected. A script plays the person (``hands_person``): it knows the true mask and the true place, sees
what is on the screen, and works as a person would, with an unsteady hand. Prints two tables.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np  # noqa: E402
from hands_acts import WAYS, MaskTask, Outcome, PlaceTask, play  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from tables import table  # noqa: E402

from core.domain import PairQuery, Placement, Reconciliation  # noqa: E402
from core.edits import Initiator, Origin, SetReconciliation  # noqa: E402
from core.images.io import decode_mask  # noqa: E402
from core.maths.masks import Mask, iou  # noqa: E402
from core.store.opening import open_project  # noqa: E402
from gui.tools.placement_handles import middle_of, with_middle  # noqa: E402
from main import main as program  # noqa: E402


def masks_of(project: Path, out: Path, names: Sequence[str], *states: str) -> dict[str, Mask]:
    """Return the masks that an export writes."""
    wanted = [word for state in states for word in ("--state", state)]
    assert program(["export", str(project), "--format", "masks", "--out", str(out), *wanted]) == 0
    return {name: decode_mask((out / f"{name}.png").read_bytes()) for name in names if (out / f"{name}.png").exists()}


def misplace(project: Path, wrong: dict[str, Placement]) -> None:
    """Give pairs wrong placements, as a search that went astray would."""
    store = open_project(project, "benchmark")
    try:
        for pair in store.pairs(store.pair_ids(PairQuery())):
            if pair.name in wrong:
                found = Reconciliation("pawtrait", wrong[pair.name], 0.3, "Made wrong for the benchmark.", 0.1)
                edit = SetReconciliation(pair.id, pair.reconciliation, found)
                store.apply([edit], Initiator("benchmark", Origin.JOB))
    finally:
        store.close()


def astray(truth: Placement, size: tuple[int, int], rng: np.random.Generator) -> Placement:
    """Return a placement off by a fifth of the designer image, some 15 degrees and a fifth in scale."""
    x, y = middle_of(truth, size)
    angle, way = rng.uniform(0, 2 * math.pi), rng.uniform(0.12, 0.25) * truth.scale * max(size)
    turn, grown = rng.uniform(8, 22) * rng.choice((-1, 1)), rng.uniform(1.1, 1.25) ** rng.choice((-1, 1))
    wrong = replace(truth, scale=truth.scale * grown, rotation_deg=truth.rotation_deg + turn)
    return with_middle(wrong, size, (x + way * math.cos(angle), y + way * math.sin(angle)))


def _true_places(data: Path, count: int) -> dict[str, tuple[str, str, Placement]]:
    """Return pairs by name with original, designer image and true placement: mirrored ones among them."""
    with (data / "pairs" / "truth.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["matrix"]]
    found = {}
    for row in rows[:: len(rows) // count][:count]:
        a, b, tx, c, d, ty = map(float, row["matrix"].split())
        placement = Placement.from_matrix(((a, b, tx), (c, d, ty)))
        found[row["pair"]] = (row["original"], row["designer"], placement)
    return found


def _project(data: Path, work: Path, photos: int) -> tuple[Path, list[str], dict[str, tuple[str, str, Placement]]]:
    with (data / "portraits" / "manifest.csv").open(encoding="utf-8") as file:
        names = [row["name"] for row in csv.DictReader(file) if row["split"] == "val"]
    names = names[:: max(len(names) // photos, 1)][:photos]
    # a pair is looked for by its name: none may be found by another's
    names = [name for name in names if sum(name in other for other in names) == 1]
    places = _true_places(data, len(WAYS))
    table_file, project, originals, designers = (
        work / name for name in ("pairs.csv", "project", "photos", "designers")
    )
    rows = [(name, originals / f"{name}.jpg", "") for name in names]
    for name, (original, designer, _) in places.items():
        rows.append((name, originals / f"{original}.jpg", designers / Path(designer).name))
        _copy(data / "pairs" / designer, designers)
    for _, photo, _ in rows:
        _copy(data / "portraits" / "originals" / photo.name, originals)
    with table_file.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("pair", "original", "designer"), *rows])
    folders = ("--originals", str(originals), "--designers", str(designers), "--pairs", str(table_file))
    assert program(["import", str(project), *folders]) == 0
    return project, names, places


def main() -> None:
    """Do it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--masks", type=int, default=10)
    parser.add_argument("--photos", type=int, default=30, help="of which the worst masks are corrected")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    app = QApplication([])
    with tempfile.TemporaryDirectory() as name:
        for place in ("HOME", "PAWTRAIT_CACHE", "PAWTRAIT_STATE"):
            os.environ[place] = name
        os.environ["PAWTRAIT_SETTINGS"] = f"{name}/settings.json"
        _run(args, Path(name))
    del app


def _copy(file: Path, into: Path) -> None:
    into.mkdir(exist_ok=True)
    shutil.copy(file, into)


def _run(args: argparse.Namespace, work: Path) -> None:
    data: Path = args.data
    project, names, places = _project(data, work, args.photos)
    assert program(["predict", str(project)]) == 0
    truths = {name: decode_mask((data / "portraits" / "masks" / f"{name}.png").read_bytes()) for name in names}
    first = masks_of(project, work / "first", names, "undecided")
    before = {name: iou(first[name], truth) for name, truth in truths.items() if name in first}
    worst = sorted(before, key=before.__getitem__)[: args.masks]
    store = open_project(project, "benchmark")
    sizes = {pair.name: pair.designer for pair in store.pairs(store.pair_ids(PairQuery())) if pair.designer is not None}
    store.close()
    rng = np.random.default_rng(args.seed)
    wrong = {name: astray(row[2], (sizes[name].width, sizes[name].height), rng) for name, row in sorted(places.items())}
    misplace(project, wrong)
    tasks = [PlaceTask(name, row[2], way) for (name, row), way in zip(places.items(), WAYS, strict=True)]
    outcomes = play(project, [MaskTask(name, truths[name]) for name in worst], tasks, args.seed)
    exported = masks_of(project, work / "last", worst, "corrected")
    _print(outcomes[: len(tasks)], outcomes[len(tasks) :], {name: iou(exported[name], truths[name]) for name in worst})


def _print(places: Sequence[Outcome], masks: Sequence[Outcome], exported: dict[str, float]) -> None:
    head = ("placement", "how", "corner error px, before", "after", "actions", "s")
    rows = [
        (one.name, one.way, f"{one.before:.1f}", f"{one.after:.2f}", str(one.actions), f"{one.seconds:.1f}")
        for one in places
    ]
    table("placements", head, rows)
    rows = [
        (one.name, f"{one.before:.3f}", f"{exported[one.name]:.3f}", one.way, str(one.actions), f"{one.seconds:.1f}")
        for one in masks
    ]
    mean = (np.mean([one.before for one in masks]), np.mean(list(exported.values())))
    total = np.mean([one.actions for one in masks]), np.mean([one.seconds for one in masks])
    rows.append(("mean", f"{mean[0]:.3f}", f"{mean[1]:.3f}", "", f"{total[0]:.0f}", f"{total[1]:.1f}"))
    table("masks", ("mask", "IoU before", "after", "how", "actions", "s"), rows)


if __name__ == "__main__":
    main()
