"""Projects to damage: each test gets a copy of one with a few pairs, a mask and some history."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain import Decision, ImageRef, Pair, Placement, Reconciliation, Review
from core.edits import AddPair, Initiator, SetReconciliation, SetReview
from core.store.base import Store
from core.store.opening import create_project, open_project

ANNA = Initiator("Anna", seconds=2.0, label="Accept")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "project"
    store = create_project(folder, "Anna")
    image = ImageRef("/photos/rex.jpg", "0" * 64, 60, 40)
    store.apply([AddPair(Pair(0, f"pair {n}", image, image)) for n in range(3)], Initiator("Anna"))
    found = Reconciliation(
        "pawtrait", Placement(1, 2, False, 3, 4), 0.75, "One clear peak.", 1.5, store.put_mask(b"mask", 60, 40)
    )
    store.apply([SetReconciliation(1, None, found)], ANNA)
    store.apply([SetReview(1, Review(), Review(Decision.ACCEPTED))], ANNA)
    store.finish_run(store.start_run("reconcile", "pawtrait", "{}", "Anna").id, "done", 1, ())
    store.close()
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A closed project."""
    return Path(shutil.copytree(template, tmp_path / "project"))


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """The same, open."""
    opened = open_project(folder, "Anna")
    yield opened
    opened.close()
