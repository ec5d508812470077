"""Both stores, made afresh for each test; what the suite says holds for either."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain import Decision, ImageRef, MaskRef, MaskSource, Pair, Placement, Prediction, Reconciliation, Review
from core.edits import AddPair, Initiator
from core.store.base import Store
from core.store.memory import MemoryStore
from core.store.opening import create_project, open_project

ANNA = Initiator("Anna", seconds=4.0, label="Accept")
PLACEMENT = Placement(1.5, -12.25, True, 101.5, -3.0)
FOUND = Reconciliation(
    "pawtrait",
    PLACEMENT,
    0.8,
    "One clear peak.",
    2.5,
    MaskRef("ab" * 32, 6000, 4000),
    3,
    MaskRef("cd" * 32, 6000, 4000),
    MaskRef("ef" * 32, 6000, 4000),
)
NO_MATCH = Reconciliation("paper", None, 0.9, "No peak stands out.", 9.0)
SAID = Prediction(
    "pawtrait",
    "0123456789ab",
    MaskRef("ba" * 32, 1600, 1067),
    0.52,
    (0.41, 0.6),
    0.93,
    0.999,
    "One portrait, clear edges.",
    0.25,
    portraits=((10, 20, 3000, 3900), (3100, 0, 6000, 4000)),
    portrait=1,
    run_id=2,
    moved=-0.25,
)
UNDECIDED = Review()
ACCEPTED = Review(Decision.ACCEPTED, comment="schön 🐕", quality=4, source=MaskSource.PREDICTION)


def pair(name: str, found: Reconciliation | None = None, review: Review = UNDECIDED) -> Pair:
    original = ImageRef(f"/photos/{name}.jpg", "0" * 64, 6000, 4000)
    return Pair(0, name, original, ImageRef(f"/designs/{name}.png", "1" * 64, 900, 1200), found, review)


def add(store: Store, *pairs: Pair) -> list[int]:
    return [edit.pair_id for edit in store.apply([AddPair(one) for one in pairs], ANNA).edits]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty project to copy: making one runs the migrations, which takes longer than most tests."""
    folder = tmp_path_factory.mktemp("template") / "project"
    create_project(folder, "nobody").close()
    return folder


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Iterator[Store]:
    opened: Store
    if request.param == "memory":
        opened = MemoryStore()
    else:
        shutil.copytree(template, tmp_path / "project")
        opened = open_project(tmp_path / "project", "Anna")
    yield opened
    opened.close()
