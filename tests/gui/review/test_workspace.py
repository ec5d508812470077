"""The parts of the desk with a project on it, together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.domain import Decision
from core.jobs.services import Services
from core.settings import Settings
from core.store.base import Store
from core.store.memory import MemoryStore
from core.store.opening import create_project, open_project
from gui.canvas.scene import OverlayStyle
from gui.jobs.runner import Runner
from gui.jobs.strip import JobStrip
from gui.review.foot import Foot
from gui.review.workspace import Workspace
from gui.session import Session
from tests.gui.conftest import WHO, Gate, bare_pair, choose_decision, fill, tiny_picture

Make = Callable[..., Workspace]


@pytest.fixture
def make(runner: Runner, gate: Gate, services: Services, settings: Settings, qtbot: QtBot) -> Iterator[Make]:
    gate.do = lambda _spec, _ctx: tiny_picture()
    kept: list[Workspace] = []  # a desk that the garbage collector takes while it is painted is a crash

    def build(store: Store, width: int = 1440) -> Workspace:
        made = Workspace(Session(store, settings, WHO), runner, services, OverlayStyle())
        kept.append(made)
        made.resize(width, 700)
        made.start()
        made.show()
        qtbot.waitExposed(made)
        return made

    yield build
    for made in kept:
        made.close()
        made.deleteLater()


def words_of(workspace: Workspace) -> str:
    return workspace.loader._scene.message_original


def test_a_search_that_hides_every_pair_is_not_taken_for_an_empty_project(make: Make, store: MemoryStore) -> None:
    workspace = make(store)
    choose_decision(workspace.panel, Decision.UNDECIDED)
    for _ in range(6):
        workspace.presenter.decide(Decision.ACCEPTED)
    assert workspace.presenter.pair is None
    assert words_of(workspace) == "No pair matches the search."


def test_pairs_that_come_while_a_search_hides_them_are_noticed(make: Make, qtbot: QtBot) -> None:
    store = MemoryStore("new")
    workspace = make(store)
    assert "Import two folders" in words_of(workspace)
    assert workspace.predicting.bar.isHidden(), "there is no mask to choose"
    choose_decision(workspace.panel, Decision.ACCEPTED)
    fill(store, [bare_pair(1)])
    workspace.queue.reload()
    assert words_of(workspace) == "No pair matches the search."


def test_only_a_project_that_can_be_written_offers_to_reconcile(make: Make, tmp_path: Path) -> None:
    store = create_project(tmp_path / "ours", "ben")
    fill(store, [bare_pair(1)])  # type: ignore[arg-type]
    mine = make(store)
    assert "Press R" in mine.loader._scene.message_designer
    second = open_project(tmp_path / "ours", "anna")
    theirs = make(second)
    assert theirs.loader._scene.message_designer == "Not reconciled yet."
    assert theirs.inspector._sure.text() == "Not reconciled yet"
    for workspace, opened in ((theirs, second), (mine, store)):
        workspace.close()
        opened.close()


def test_the_panels_leave_room_in_a_small_window_and_take_it_back(make: Make, store: MemoryStore) -> None:
    workspace = make(store)
    wide = workspace.splitter.sizes()
    assert (wide[0], wide[2]) == (300, 300)
    workspace.resize(1024, 700)
    small = workspace.splitter.sizes()
    assert small[1] >= 0.45 * 1024
    assert min(small[0], small[2]) >= 220
    workspace.resize(1440, 700)
    assert workspace.splitter.sizes() == wide
    workspace.show_panels(False)
    workspace.resize(1024, 700)
    workspace.show_panels(True)
    assert workspace.splitter.sizes() == small


@pytest.mark.parametrize("left", [300, 340])
def test_widths_left_in_a_large_window_leave_room_in_a_small_one(make: Make, store: MemoryStore, left: int) -> None:
    large = make(store)
    large.splitter.setSizes([left, 1440 - 2 - left - 300, 300])
    workspace = make(store, 1024)
    workspace.splitter.restoreState(large.splitter.saveState())
    workspace.start()
    left_panel, pictures, right_panel = workspace.splitter.sizes()
    assert pictures >= 0.45 * 1024
    assert left_panel >= right_panel >= 220


def test_the_foot_says_nothing_of_a_zoom_that_there_is_not(runner: Runner, qtbot: QtBot) -> None:
    foot = Foot(JobStrip())
    qtbot.addWidget(foot)
    foot.show_zoom(0.25)
    assert foot._zoom.text() == "25%"
    foot.show_zoom(0.0)
    assert foot._zoom.text() == ""


def test_long_words_do_not_widen_the_foot(runner: Runner, qtbot: QtBot) -> None:
    foot = Foot(JobStrip())
    qtbot.addWidget(foot)
    narrow = foot.minimumSizeHint().width()
    foot.tell("word " * 200)
    assert foot.minimumSizeHint().width() == narrow
    assert foot.told.toolTip() == "word " * 200


def test_the_list_stays_where_it_was_scrolled_to_while_pairs_pour_in(make: Make, qtbot: QtBot) -> None:
    store = MemoryStore("many")
    fill(store, [bare_pair(number) for number in range(200)])
    workspace = make(store)
    bar = workspace.panel.list.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 1000)
    bar.setValue(700)
    fill(store, [bare_pair(number) for number in range(200, 220)])
    workspace.queue.reload()
    qtbot.wait(50)
    assert bar.value() == 700
    workspace.presenter.step(1)
    qtbot.wait(50)
    assert bar.value() < 200
