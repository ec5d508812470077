"""Training beside the work: what it needs, its curves, stopping and going on, what came of it, the versions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.domain import Decision, Review
from core.errors import UsageProblem
from core.jobs.answers import ModelEntry, ModelList, Score, TrainPlan, TrainPoint, TrainReport
from core.jobs.context import JobContext
from core.jobs.specs import PlanTraining, PredictPairs, Spec, TrainModel, TrainOptions, TryModel, UseModel
from core.store.memory import MemoryStore
from gui.dialogs.changed_photo import GAP, SIDE
from gui.dialogs.curves import Curve
from gui.dialogs.train_dialog import TrainDialog, _along, plan_words
from gui.dialogs.train_result import better_and_worse, table_of, verdict_words
from gui.jobs.runner import Runner
from tests.gui.conftest import Driver, Gate, Key, fill
from tests.gui.predicting import model_work, photo_alone

NEW = "9d0c12aa45ef"
PLAN = TrainPlan(24, 6, 0, 0)


def score(iou: float, *photos: tuple[str, float]) -> Score:
    rows = tuple((key, value, value / 2) for key, value in photos)
    return Score(len(rows), iou, iou + 0.05, iou / 2, 7.2, 1.4, rows)


def report(new: Score | None, old: Score | None, cancelled: bool = False) -> TrainReport:
    return TrainReport("pawtrait", NEW, "/models/x", 24, 6, new, old, False, cancelled)


def _store(accepted: int) -> MemoryStore:
    made = MemoryStore("to learn from")
    pairs = [photo_alone(number) for number in range(accepted)]
    fill(made, [pair.__class__(**{**_fields(pair), "review": Review(Decision.ACCEPTED)}) for pair in pairs])
    return made


def _fields(pair: object) -> dict[str, object]:
    return {name: getattr(pair, name) for name in pair.__slots__}  # type: ignore[attr-defined]


@pytest.fixture
def desk(make: Callable[[Runner], Driver], runner: Runner, gate: Gate) -> Driver:
    """The desk with thirty accepted photos; a training stands still after its third point until the gate opens."""
    store = _store(30)
    plans = [PLAN]
    names = [summary.name for summary in store.summaries(store.pair_ids())]

    def train(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, PlanTraining):
            return plans[-1]
        if not isinstance(spec, TrainModel):
            return None
        plans.append(replace(plans[0], stopped=spec.options))
        ctx.partial(TrainPoint("as it begins", 0, 0, 0, 0.79))
        for epoch in range(1, 4):
            ctx.partial(TrainPoint("Decoder", epoch, 10, 1 / epoch, 0.8 + epoch / 100))
        ctx.progress(3, 10, "decoder, epoch 3 of 10")
        gate.wait(ctx)
        plans.append(PLAN)
        old = score(0.80, *((name, 0.80) for name in names[:6]))
        new = score(0.83, *((name, 0.80 + at / 50) for at, name in enumerate(names[:6])))
        return report(new, old)

    gate.do = model_work(store, train)  # type: ignore[assignment]
    driver = make(runner)
    driver.window.desk.use(store)
    return driver


def opened(driver: Driver, qtbot: QtBot) -> TrainDialog:
    driver.window.commands["train"].trigger()
    dialog = driver.window.findChild(TrainDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: driver.window.training.plan is not None)
    return dialog


def words(dialog: TrainDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisibleTo(dialog))


def trainings(gate: Gate) -> list[TrainModel]:
    return [spec for spec in gate.order if isinstance(spec, TrainModel)]


def test_it_says_what_is_learned_from_and_how_long_it_takes(desk: Driver, qtbot: QtBot) -> None:
    dialog = opened(desk, qtbot)
    assert "24 photos with an accepted or corrected mask to learn from, 6 more to judge by" in words(dialog)
    assert "about 40 seconds" in dialog._quick.text()
    assert "about 2 minutes" in dialog._full.text()
    assert dialog.start.isEnabled()
    assert not dialog.isModal()
    dialog.close()


def test_too_few_photos_are_answered_with_a_remedy(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, qtbot: QtBot
) -> None:
    store = _store(4)
    few = TrainPlan(3, 1, 0, 0, UsageProblem("3 photos are too few.", "Accept more pairs."))
    gate.do = model_work(store, lambda spec, ctx: few)  # type: ignore[assignment]
    driver = make(runner)
    driver.window.desk.use(store)
    dialog = opened(driver, qtbot)
    qtbot.waitUntil(lambda: "3 photos are too few. Accept more pairs." in words(dialog))
    assert "3 photos with an accepted or corrected mask to learn from, 1 more to judge by" in words(dialog)
    assert not dialog.start.isEnabled()
    dialog.close()


def test_it_counts_anew_when_one_comes_back_to_it(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, qtbot: QtBot
) -> None:
    store, plans = _store(4), [TrainPlan(3, 1, 0, 0, UsageProblem("Too few.", "Accept more.")), PLAN]
    now = [0]
    gate.do = model_work(store, lambda spec, ctx: plans[now[0]])  # type: ignore[assignment]
    driver = make(runner)
    driver.window.desk.use(store)
    dialog = opened(driver, qtbot)
    qtbot.waitUntil(lambda: "Too few." in words(dialog))
    driver.window.activateWindow()
    qtbot.waitUntil(lambda: not dialog.isActiveWindow())
    now[0] = 1
    dialog.activateWindow()
    qtbot.waitUntil(dialog.start.isEnabled)
    dialog.close()


def test_what_gives_nothing_is_told_beforehand() -> None:
    said = plan_words(TrainPlan(24, 3, 1, 2))
    assert "24 photos" in said
    assert "3 more to judge by" in said
    assert "1 photo held out cannot judge: the mask is a model's own cut" in said
    assert "Left out, as nothing can be learned from them: 2 photos" in said
    assert plan_words(TrainPlan(0, 0, 0, 0, UsageProblem("None.", "More."))) == "There is nothing to learn from yet."


def test_it_runs_beside_the_work_and_is_found_again(desk: Driver, gate: Gate, qtbot: QtBot) -> None:
    dialog = opened(desk, qtbot)
    dialog.start.click()
    qtbot.waitUntil(lambda: len(desk.window.training.points) == 4)
    assert "Decoder, epoch 3 of 10" in words(dialog)
    assert dialog._loss._points == [(1, 1), (2, 0.5), (3, 1 / 3)]
    assert dialog._overlap.accessibleDescription() == "now 83.0%"
    assert dialog._overlap._base == 0.79, "on the same photos, by the same measure"
    assert "Train" in desk.window.strip.words
    dialog.close()
    qtbot.waitUntil(lambda: desk.window.findChild(TrainDialog) is None)
    before = desk.at
    desk.key(Key.Key_D)
    assert desk.at != before, "the desk works on"
    desk.key(Key.Key_U)
    desk.key(Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: any(isinstance(spec, PredictPairs) for spec in gate.order))
    again = opened(desk, qtbot)
    assert "Decoder, epoch 3 of 10" in words(again)
    assert (again.start.isVisibleTo(again), again.cancel.isVisibleTo(again)) == (False, True)
    again.close()
    desk.window.training.cancel()
    qtbot.waitUntil(lambda: not desk.window.training.busy)


def test_stopped_and_resumed_it_keeps_its_curves(desk: Driver, gate: Gate, qtbot: QtBot) -> None:
    dialog = opened(desk, qtbot)
    dialog.start.click()
    qtbot.waitUntil(lambda: len(desk.window.training.points) == 4)
    dialog.cancel.click()
    qtbot.waitUntil(lambda: not desk.window.training.busy)
    qtbot.waitUntil(lambda: dialog.start.text() == "Resume")
    assert "goes on where it was" in words(dialog)
    dialog._full.setChecked(True)
    assert dialog.start.text() == "Train", "another training begins at its beginning"
    dialog._quick.setChecked(True)
    dialog.start.click()
    qtbot.waitUntil(lambda: len(trainings(gate)) == 2 and desk.window.training.progress == (3, 10))
    assert [point.epoch for point in desk.window.training.points] == [0, 1, 2, 3], "what is trained again counts once"
    assert trainings(gate)[0] == trainings(gate)[1]
    assert {spec.promote for spec in trainings(gate)} == {"never"}, "the user says which version is used"
    dialog.close()
    desk.window.training.cancel()
    qtbot.waitUntil(lambda: not desk.window.training.busy)


def test_a_full_training_that_was_stopped_is_offered_as_full(desk: Driver, gate: Gate, qtbot: QtBot) -> None:
    dialog = opened(desk, qtbot)
    dialog._full.setChecked(True)
    dialog.start.click()
    qtbot.waitUntil(lambda: len(desk.window.training.points) == 4)
    dialog.cancel.click()
    qtbot.waitUntil(lambda: desk.window.training.stopped is not None)
    dialog.close()
    qtbot.waitUntil(lambda: desk.window.findChild(TrainDialog) is None)
    again = opened(desk, qtbot)
    assert again._full.isChecked()
    assert again.start.text() == "Resume"
    again._quick.setChecked(True)
    desk.window.training.changed.emit()
    assert again._quick.isChecked(), "it is offered once; the user may choose something else"
    again.close()


def test_a_training_stopped_yesterday_goes_on_as_it_was_asked_for(
    make: Callable[[Runner], Driver], runner: Runner, gate: Gate, qtbot: QtBot
) -> None:
    store = _store(30)
    yesterday = TrainOptions("deepgaze2-vgg16", device="cpu", seed=7)
    plan = replace(PLAN, stopped=yesterday)
    gate.do = model_work(store, lambda spec, ctx: plan if isinstance(spec, PlanTraining) else report(None, None))  # type: ignore[assignment]
    driver = make(runner)
    driver.window.desk.use(store)
    dialog = opened(driver, qtbot)
    qtbot.waitUntil(lambda: dialog.start.text() == "Resume")
    assert dialog._model.currentData() == "deepgaze2-vgg16"
    dialog.start.click()
    qtbot.waitUntil(lambda: bool(trainings(gate)))
    assert trainings(gate)[0].options == yesterday
    qtbot.waitUntil(lambda: not driver.window.training.busy)
    dialog.close()


def test_judging_is_a_part_of_its_own(desk: Driver, gate: Gate, qtbot: QtBot) -> None:
    usual = gate.do

    def judging(spec: Spec, ctx: JobContext) -> object:
        if not isinstance(spec, TrainModel):
            return usual(spec, ctx)
        ctx.partial(TrainPoint("Decoder", 10, 10, 0.1, 0.8))
        ctx.progress(1000, 1000, "decoder, epoch 10 of 10")
        ctx.progress(0, 6, "judging the new version")
        gate.wait(ctx)
        return report(None, None)

    gate.do = judging
    dialog = opened(desk, qtbot)
    dialog.start.click()
    qtbot.waitUntil(lambda: "Judging the new version" in words(dialog))
    assert "left" not in dialog._stage.text()
    assert (dialog._bar.value(), dialog._bar.maximum()) == (0, 6)
    dialog.close()
    desk.window.training.cancel()
    qtbot.waitUntil(lambda: not desk.window.training.busy)


def finished(desk: Driver, gate: Gate, qtbot: QtBot) -> TrainDialog:
    dialog = opened(desk, qtbot)
    gate.go.set()
    dialog.start.click()
    qtbot.waitUntil(lambda: desk.window.training.report is not None)
    return dialog


def test_the_two_versions_are_compared_on_the_same_photos(desk: Driver, gate: Gate, qtbot: QtBot) -> None:
    dialog = finished(desk, gate, qtbot)
    qtbot.waitUntil(lambda: "83.0%" in words(dialog))
    shown = words(dialog)
    assert "The new version is better: +3.0 points of overlap on 6 held-out photos." in shown
    assert "on 6 held-out photos. That is few to tell by." in shown
    for part in ("80.0%", "83.0%", "+3.0", "5, 0"):
        assert part in shown
    tiles = dialog.outcome._photos
    assert tiles.count() == 6
    first = tiles.itemAt(0).widget()
    assert first is not None
    assert first.accessibleName() == "pair 00005: overlap 80% → 90%"
    qtbot.waitUntil(lambda: set(first._cuts) == {False, True})  # type: ignore[attr-defined]
    seen = first.grab().toImage()
    ratio = seen.devicePixelRatio()
    old, new = (seen.copy(round(x * ratio), 0, round(SIDE * ratio), round(SIDE * ratio)) for x in (0, SIDE + GAP))
    assert old != new, "two pictures side by side, with a cut each"
    assert old.pixelColor(old.rect().center()) == new.pixelColor(new.rect().center()), "of one photo"
    assert {spec.options.model for spec in gate.order if isinstance(spec, TryModel)} == {"pawtrait", NEW}
    dialog.close()


@pytest.mark.parametrize("wanted", [True, False])
def test_the_user_chooses_the_version(desk: Driver, gate: Gate, qtbot: QtBot, wanted: bool) -> None:
    dialog = finished(desk, gate, qtbot)
    (dialog.outcome.use if wanted else dialog.outcome.keep).click()
    assert desk.window.training.report is None
    assert dialog.start.isVisibleTo(dialog)
    qtbot.waitUntil(lambda: bool(desk.window.training.versions))
    uses = [spec for spec in gate.order if isinstance(spec, UseModel)]
    if wanted:
        qtbot.waitUntil(lambda: "version 9d0c12a of pawtrait predicts" in desk.window.foot.told.whole)
        uses = [spec for spec in gate.order if isinstance(spec, UseModel)]
    assert uses == ([UseModel("pawtrait", NEW)] if wanted else [])
    dialog.close()


def test_an_answer_from_before_a_version_was_put_into_use_is_out_of_date(desk: Driver) -> None:
    training = desk.window.training
    before, after = training._next_list(), training._next_list()
    after(ModelList(()))
    before(ModelList((ModelEntry("pawtrait", "", "pawtrait", "as it ships", in_use=True),)))
    assert training.versions == ()


def test_an_older_version_can_be_put_into_use(desk: Driver, gate: Gate, qtbot: QtBot) -> None:
    dialog = opened(desk, qtbot)
    page = dialog.versions
    qtbot.waitUntil(lambda: page.table.rowCount() == 3)
    assert page.table.item(0, 0).text() == "pawtrait, version 9d0c12a (in use)"
    assert any("What ships was measured on other photos" in label.text() for label in page.findChildren(QLabel))
    page.table.selectRow(0)
    assert not page.use.isEnabled()
    page.table.selectRow(1)
    page.use.click()
    qtbot.waitUntil(lambda: any(isinstance(spec, UseModel) for spec in gate.order))
    assert [spec for spec in gate.order if isinstance(spec, UseModel)] == [UseModel("pawtrait", "")]
    dialog.close()
    qtbot.waitUntil(lambda: "the shipped model of pawtrait" in desk.window.foot.told.whole)


def test_what_goes_wrong_is_said_in_the_dialog(desk: Driver, gate: Gate, qtbot: QtBot) -> None:
    usual = gate.do

    def broken(spec: Spec, ctx: JobContext) -> object:
        if isinstance(spec, TrainModel):
            raise UsageProblem("All masks are empty.", "Accept pairs with a portrait.")
        return usual(spec, ctx)

    gate.do = broken
    dialog = opened(desk, qtbot)
    dialog.start.click()
    qtbot.waitUntil(lambda: "All masks are empty. Accept pairs with a portrait." in words(dialog))
    assert dialog.start.isEnabled()
    dialog.close()


def test_it_goes_with_its_project(desk: Driver, qtbot: QtBot) -> None:
    opened(desk, qtbot)
    desk.window.desk.close_project()
    qtbot.waitUntil(lambda: desk.window.findChild(TrainDialog) is None)
    assert not desk.window.commands["train"].isEnabled()


@pytest.mark.parametrize(
    ("new", "old", "said"),
    [
        (0.80, 0.83, "worse: -3.0 points"),
        (0.801, 0.80, "The two overlap equally well on 1 held-out photo. That is few to tell by."),
        (0.80, None, "none to compare it with"),
        (None, 0.8, "nothing was measured"),
    ],
)
def test_the_verdict_in_words(new: float | None, old: float | None, said: str) -> None:
    made = [None if iou is None else score(iou, ("a", iou)) for iou in (new, old)]
    assert said in verdict_words(report(made[0], made[1]))
    assert len(table_of(report(made[0], made[1]))) == 4


def test_edges_decide_where_the_overlap_is_the_same() -> None:
    old = score(0.8, *((f"{n}", 0.8) for n in range(40)))
    new = replace(old, iou=0.801, boundary_f=old.boundary_f + 0.012)
    said = verdict_words(report(new, old))
    assert said.endswith("on 40 held-out photos; the new version's edges are better: +1.2 points.")


def test_photos_better_and_worse_are_counted_by_key() -> None:
    old = score(0.8, ("a", 0.8), ("b", 0.8), ("c", 0.8), ("d", 0.8))
    new = score(0.8, ("b", 0.9), ("c", 0.7), ("d", 0.805), ("e", 0.1))
    assert better_and_worse(old, new) == (1, 1)
    assert better_and_worse(None, new) == (0, 0)


def test_stages_stand_in_one_row() -> None:
    points = [TrainPoint("whole photos", epoch, 6, 0.5) for epoch in (3, 6)]
    points += [TrainPoint("heads", epoch, 4, 0.4) for epoch in (1, 2)]
    placed, breaks, end = _along(points)
    assert ([x for x, _ in placed], breaks, end) == ([3, 6, 7, 8], [6], 10)
    assert _along([]) == ([], [], 1.0)


def test_a_curve_scales_to_what_it_shows(qtbot: QtBot) -> None:
    curve = Curve("Overlap", per_cent=True)
    qtbot.addWidget(curve)
    curve.resize(300, 150)
    assert curve.accessibleDescription() == ""
    curve.show_points([(0.5, 0.7), (1, 0.8)], 10)
    curve.show_base(0.75, "in use now")
    low, high = curve._range()
    assert 0 <= low < 0.7
    assert 0.8 < high <= 1
    assert not curve.grab().isNull()
    curve.show_points([], 1)
    assert not curve.grab().isNull()
