"""Placements on the disk: they outlast the program, and a project that is read only keeps its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain import Reconciliation
from core.edits import AddPair, Initiator, Origin
from core.jobs.answers import Rederived
from core.jobs.hands import DeriveMask
from core.jobs.specs import LoadPicture, ReconcilePairs
from core.store.opening import create_project, open_project
from gui.jobs.runner import Runner
from gui.tools import placement_handles as handles
from tests.gui.conftest import WHO, Driver, Gate, Key, bare_pair
from tests.gui.tools.conftest import CTRL, FOUND, SIZE, Hands, picture, stays


@pytest.fixture
def on_disk(tmp_path: Path) -> Path:
    """A project's folder with one placed pair."""
    store = create_project(tmp_path / "ours", WHO)
    pair = replace(bare_pair(1), reconciliation=Reconciliation("pawtrait", FOUND, 0.4, "Because.", 0.5))
    store.apply([AddPair(pair)], Initiator(WHO, Origin.JOB, label="Import"))
    store.close()
    return tmp_path / "ours"


def test_a_move_and_its_undo_outlast_the_program(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, on_disk: Path
) -> None:
    gate.do = lambda spec, _ctx: picture(spec) if isinstance(spec, LoadPicture) else Rederived(None, False)
    driver = make(runner)
    driver.window.desk.settings.set("review.reviewer", WHO)
    driver.window.desk.use(open_project(on_disk, WHO))
    hands = Hands(driver)
    driver.key(Key.Key_V)
    driver.key(Key.Key_Left)
    driver.window.ask_close()
    assert not driver.window.placing.active
    assert not driver.window.commands["place"].isEnabled()
    driver.window.desk.use(open_project(on_disk, WHO))
    assert stays(hands.place, handles.moved(FOUND, -1.0, 0.0))
    driver.key(Key.Key_Z, CTRL)
    assert hands.place == FOUND


def test_a_read_only_project_is_compared_and_not_moved(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, on_disk: Path
) -> None:
    gate.do = lambda spec, _ctx: picture(spec) if isinstance(spec, LoadPicture) else None
    first = open_project(on_disk, "ben")
    driver = make(runner)
    driver.window.desk.use(open_project(on_disk, WHO))
    hands = Hands(driver)
    driver.key(Key.Key_M)
    assert driver.window.placing.active
    driver.key(Key.Key_Left)
    hands.drag(handles.middle_of(FOUND, SIZE), (5.0, 5.0))
    driver.key(Key.Key_Return, CTRL)
    assert hands.place == FOUND
    assert not any(isinstance(job, (DeriveMask, ReconcilePairs)) for job in gate.order)
    driver.key(Key.Key_Escape)
    assert not driver.window.placing.active
    driver.window.desk.close_project()
    first.close()
