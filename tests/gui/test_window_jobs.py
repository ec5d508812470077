"""What the window loads and starts: pictures and masks of the pair, jobs, answers to its questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.domain import Decision
from core.edits import Initiator, Origin, SetReconciliation
from core.jobs.answers import BatchReport
from core.jobs.context import JobContext
from core.jobs.specs import ExportPairs, ImportPairs, LoadPicture, OpenProject, ReconcilePairs, Spec, near
from core.store.memory import MemoryStore
from gui.dialogs import questions
from gui.dialogs.export_dialog import ExportWish
from gui.jobs.desk import ImportWish
from gui.jobs.runner import Runner
from tests.gui.conftest import Driver, Gate, Key, bare_pair, fill, tiny_picture


def test_pictures_mask_and_messages_of_each_pair(real: Driver, real_store: MemoryStore, qtbot: QtBot) -> None:
    ids = {pair.name: pair.id for pair in real_store.pairs(real_store.pair_ids())}
    real.workspace.presenter.show(ids["cat 0"])
    qtbot.waitUntil(lambda: real.scene().mask is not None and real.scene().designer is not None)
    scene = real.scene()
    assert scene.placement is not None
    qtbot.waitUntil(lambda: real.scene().painted_share is not None)
    assert (len(real.scene().footprint.levels), len(real.scene().painted.levels)) == (0, 1)  # type: ignore[union-attr]
    assert not real.scene().frame_is_footprint
    share = 64 / (22 * 32 + 64)
    assert real.scene().painted_share == pytest.approx(share, abs=0.03)
    inspector = real.workspace.inspector
    assert inspector._painted._text.text() == f"Painted on: {share:.0%} of the footprint"
    assert inspector._painted.isVisibleTo(inspector)
    assert scene.original is not None
    assert (scene.original_size, scene.designer_size) == ((60, 40), (50, 50))
    assert (scene.message_original, scene.message_designer) == ("", "")
    real.workspace.presenter.show(ids["cat 1"])
    left = (real.scene().mask, real.scene().footprint, real.scene().painted, real.scene().frame_is_footprint)
    assert left == (None, None, None, True), "nothing of the pair before is left"
    assert not inspector._painted.isVisibleTo(inspector)
    assert real.scene().message_designer == "No match. Nothing in the original looks like it."
    real.workspace.presenter.show(ids["cat 2"])
    assert "Not reconciled" in real.scene().message_designer
    qtbot.waitUntil(lambda: real.scene().original is not None)


def test_a_missing_picture_is_a_sentence_in_its_pane(
    make: Callable[[Runner], Driver], real_runner: Runner, real_store: MemoryStore, qtbot: QtBot
) -> None:
    pair = next(pair for pair in real_store.pairs(real_store.pair_ids()) if pair.name == "cat 0")
    Path(pair.original.path).unlink()
    driver = make(real_runner)
    driver.window.desk.use(real_store)
    driver.workspace.presenter.show(pair.id)
    qtbot.waitUntil(lambda: bool(driver.scene().message_original) and driver.scene().designer is not None)
    assert Path(pair.original.path).name in driver.scene().message_original
    assert driver.scene().original is None
    assert driver.window.banner.message == "", "it is said once, where the picture would be"


def test_flipping_past_pairs_loads_only_what_is_looked_at(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, qtbot: QtBot
) -> None:
    store = MemoryStore()
    fill(store, [bare_pair(number, 0.5) for number in range(50)])
    gate.do = lambda spec, ctx: gate.go.wait(20) and tiny_picture()  # a decoder does not listen while it decodes
    driver = make(runner)
    driver.window.desk.use(store)
    qtbot.waitUntil(lambda: len(gate.order) == 3)
    for _ in range(40):
        driver.workspace.presenter.step(1)
    last = driver.workspace.presenter.pair
    assert last is not None
    gate.go.set()
    wanted = {last.original.sha256, last.designer.sha256 if last.designer else ""}
    qtbot.waitUntil(lambda: wanted <= {spec.ref.sha256 for spec in gate.order if isinstance(spec, LoadPicture)})
    pictures = [spec for spec in gate.order if isinstance(spec, LoadPicture) and spec.long_side == 1600]
    assert len(pictures) < 12
    driver.window.desk.close_project()


def test_thumbnails_come_for_the_rows_on_the_screen(real: Driver, qtbot: QtBot) -> None:
    refs = real.workspace.panel.list.visible_pictures()
    assert len(refs) == 3
    thumbnails = real.workspace.panel.list._thumbnails
    qtbot.waitUntil(lambda: all(thumbnails.get(ref) is not None for ref in refs))
    assert not thumbnails._asked


def test_reconciling_one_pair_by_hand(six: Driver, gate: Gate, qtbot: QtBot, store: MemoryStore) -> None:
    pair_id = six.at

    def work(spec: Spec, ctx: JobContext) -> object:
        if not isinstance(spec, ReconcilePairs):
            return tiny_picture()
        before = store.pairs([pair_id])[0].reconciliation
        ctx.partial(store.apply([SetReconciliation(pair_id, before, None)], Initiator(spec.who, label="Reconcile")))
        return BatchReport(1, 1, 0)

    gate.do = work
    six.key(Key.Key_R)
    qtbot.waitUntil(lambda: not six.window.desk.busy_jobs)
    asked = [spec for spec in gate.order if isinstance(spec, ReconcilePairs)]
    assert [(spec.pair_ids, spec.as_user) for spec in asked] == [((pair_id,), True)]
    assert six.workspace.presenter.pair is not None
    assert six.workspace.presenter.pair.reconciliation is None
    assert "Reconcile" in six.window.strip.words


def test_a_running_job_asks_before_the_project_is_closed(
    six: Driver, gate: Gate, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, store: MemoryStore
) -> None:
    asked: list[list[str]] = []
    answers = iter([False, True])

    def ask(_parent: QWidget, titles: list[str]) -> bool:
        asked.append(titles)
        return next(answers) if titles else True

    monkeypatch.setattr(questions, "may_stop", ask)
    six.window.desk.reconcile(tuple(store.pair_ids()))
    qtbot.waitUntil(lambda: any(isinstance(spec, ReconcilePairs) for spec in gate.order))
    six.window.commands["close"].trigger()
    assert six.window.workspace is not None
    six.window.commands["close"].trigger()
    assert six.window.workspace is None
    assert asked == [["Reconcile"], ["Reconcile"]]


def test_what_is_answered_becomes_a_job(six: Driver, gate: Gate, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = frozenset({Decision.ACCEPTED})
    monkeypatch.setattr(questions, "export", lambda _parent, _counts: ExportWish("masks", "/out", accepted))
    monkeypatch.setattr(questions, "import_pairs", lambda _parent, *_folders: ImportWish("/o", "/d", "/p.csv"))
    six.window.commands["export"].trigger()
    six.window.commands["import"].trigger()
    qtbot.waitUntil(lambda: {ExportPairs, ImportPairs} <= {type(spec) for spec in gate.order})
    assert ExportPairs("masks", "/out", accepted) in gate.order
    asked = next(spec for spec in gate.order if isinstance(spec, ImportPairs))
    assert (asked.originals, asked.designers, asked.pairs_csv) == ("/o", "/d", "/p.csv")


def test_no_answer_does_nothing(six: Driver, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("export", "import_pairs", "new_project", "command"):
        monkeypatch.setattr(questions, name, lambda *_arguments: None)
    monkeypatch.setattr(questions, "project_folder", lambda *_arguments: "")
    monkeypatch.setattr(questions, "settings", lambda *_arguments: {})
    for name in ("export", "import", "new", "open", "palette", "settings"):
        six.window.commands[name].trigger()
    assert six.window.desk.busy_jobs == []
    assert not any(isinstance(spec, OpenProject) for spec in gate.order)


def test_reconciling_near_the_placement_by_hand(six: Driver, gate: Gate, qtbot: QtBot, store: MemoryStore) -> None:
    pair_id, found = six.at, store.pairs([six.at])[0].reconciliation
    assert found is not None
    assert found.placement is not None
    nudged = replace(found, placement=replace(found.placement, tx=3.0))

    def work(spec: Spec, ctx: JobContext) -> object:
        if not isinstance(spec, ReconcilePairs):
            return tiny_picture()
        who = Initiator(spec.who, label="Reconcile near its placement")
        ctx.partial(store.apply([SetReconciliation(pair_id, found, nudged)], who))
        return BatchReport(1, 1, 1)

    gate.do = work
    six.key(Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: not six.window.desk.busy_jobs)
    (spec,) = [spec for spec in gate.order if isinstance(spec, ReconcilePairs)]
    assert (spec.pair_ids, spec.as_user, spec.priors) == ((pair_id,), True, ((pair_id, near(found.placement)),))
    assert store.pairs([pair_id])[0].placement == nudged.placement
    six.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.pairs([pair_id])[0].reconciliation == found


def test_near_and_everywhere_are_two_wishes_and_a_held_key_is_one(six: Driver, gate: Gate, qtbot: QtBot) -> None:
    for _ in range(3):
        six.key(Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
        six.key(Key.Key_R)
    assert len(six.window.desk.busy_jobs) == 2


def test_near_what_was_not_found_nothing_is_searched(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate
) -> None:
    gate.do = lambda _spec, _ctx: tiny_picture()
    store = MemoryStore("three")
    ids = fill(store, [bare_pair(1), bare_pair(2, 0.2, matched=False), bare_pair(3, 0.9)])
    driver = make(runner)
    driver.window.desk.use(store)
    action = driver.window.commands["reconcile_near"]
    for pair_id, on in zip(ids, (False, False, True), strict=True):
        driver.workspace.presenter.show(pair_id)
        assert action.isEnabled() is on
        assert driver.window.commands["reconcile"].isEnabled()
        driver.key(Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
        assert bool(driver.window.desk.busy_jobs) is on
    before = store.pairs([ids[2]])[0].reconciliation
    driver.workspace.session.note(store.apply([SetReconciliation(ids[2], before, None)], Initiator("ben")))
    assert not action.isEnabled(), "the placement went while it was looked at"


def test_a_batch_that_finds_other_masks_has_them_read_again(
    real: Driver, real_store: MemoryStore, qtbot: QtBot
) -> None:
    pair = next(pair for pair in real_store.pairs(real_store.pair_ids()) if pair.name == "cat 0")
    real.workspace.presenter.show(pair.id)
    qtbot.waitUntil(lambda: real.scene().painted_share is not None)
    assert pair.reconciliation is not None
    without = replace(pair.reconciliation, painted=None)
    batch = Initiator("anna", Origin.JOB)
    real.workspace.session.note(real_store.apply([SetReconciliation(pair.id, pair.reconciliation, without)], batch))
    assert real.scene().painted is None
    qtbot.waitUntil(lambda: real.scene().mask is not None and real.scene().footprint is not None)
    assert real.scene().painted_share is None
    assert not real.workspace.inspector._painted.isVisibleTo(real.workspace.inspector)
