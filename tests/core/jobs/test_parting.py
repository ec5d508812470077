"""Which photos are learned from and which judge: fixed, counted, and said before a training starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.domain import MaskSource, Pair, Prediction, Recipe, Stroke
from core.edits import SetPrediction, SetRecipe, SetReview
from core.errors import Cancelled, UserFacingError
from core.images.io import encode_mask
from core.jobs import inline
from core.jobs.answers import TrainPlan
from core.jobs.services import Services
from core.jobs.specs import PlanTraining, TrainOptions
from core.jobs.work import trainer
from core.jobs.work.parting import Parts
from core.jobs.work.trainer import Training
from core.model.card import ModelProblem
from core.model.data import Example, split
from tests.core.jobs.coaching import ANN, Trainer, folder_of, train


def test_the_held_out_part_is_fixed_by_the_first_training(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer
) -> None:
    for number in range(20):
        add(f"p{number}")
    coach.worth |= {1: 0.85, 2: 0.86}
    train(project, ctx, options=TrainOptions(held_out=0.3))
    for number in range(20, 30):
        add(f"p{number}")
    train(project, ctx, options=TrainOptions(seed=2, held_out=0.1))
    assert [task.held_out for task in coach.asked] == [0.3, 0.3]
    assert any("30% of the photos are held out" in line for line in ctx.logs)
    before, after = ({example.key for example in split(task.examples, 0.3)[1]} for task in coach.asked)
    assert before <= after
    (folder_of(project) / "models" / "split.json").write_text("{}")
    with pytest.raises(ModelProblem, match="held out"):
        train(project, ctx)


def test_too_few_photos_are_a_sentence_and_a_remedy(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer
) -> None:
    with pytest.raises(
        UserFacingError, match="It takes 8 photos to learn from and 1 to judge by; there are 0 and 0"
    ) as caught:
        train(project, ctx)
    assert "about 10 are the least" in caught.value.remedy
    add("empty", mask=np.zeros((40, 60), np.uint8))
    with pytest.raises(UserFacingError, match=r"0 and 0\. 1 more had to be left out"):
        train(project, ctx)
    for number in range(12):
        add(f"p{number}")
    with pytest.raises(UserFacingError, match="there are 12 and 0"):
        train(project, ctx, options=TrainOptions(held_out=1e-9))
    assert coach.asked == []


def _plan(services: Services, ctx: Any) -> TrainPlan:
    plan = inline.run(PlanTraining(), services, ctx)
    assert isinstance(plan, TrainPlan)
    return plan


def _echo(services: Services, pair: Pair, recipe: Recipe | None = None) -> None:
    """Let the accepted mask of a pair be what a model made, with a person's recipe on it if there is one."""
    store = services.project()
    grey = np.zeros((20, 30), np.uint8)
    grey[5:15, 5:15] = 200
    said = Prediction("pawtrait", "0" * 12, store.put_mask(encode_mask(grey), 30, 20), 0.5, (0.4, 0.6), 0.9, 1, "", 0)
    store.apply([SetPrediction(pair.id, None, said)], ANN)
    if recipe is not None:
        store.apply([SetRecipe(pair.id, None, recipe)], ANN)
    source = MaskSource.PREDICTION if recipe is None else MaskSource.RECIPE
    store.apply([SetReview(pair.id, pair.review, replace(pair.review, source=source))], ANN)


def test_the_plan_is_what_the_training_does(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer
) -> None:
    for number in range(20):
        add(f"p{number}")
    gone = add("gone")
    Path(gone.original.path).unlink()
    plan = _plan(project, ctx)
    assert (plan.problem, plan.stopped, plan.echoes, plan.left_out) == (None, None, 0, 1)
    assert not (folder_of(project) / "training").exists(), "counting writes nothing"
    coach.worth[1] = 0.85
    report = train(project, ctx)
    learned, held = split(coach.asked[0].examples, 0.2)
    assert (plan.learned, plan.judges) == (len(learned), len(held))
    assert report.held_out == plan.judges - 1 > 1, "one of them could not be read"
    assert f"{plan.learned} photos are learned from, {plan.judges} judge the versions." in ctx.logs
    assert (900, 1000, "judging the new version") in ctx.steps
    assert [done for done, *_ in ctx.steps] == sorted(done for done, *_ in ctx.steps), "one bar"
    assert {total for _, total, _ in ctx.steps} == {1000}


def test_a_models_own_cut_judges_no_version(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer
) -> None:
    made = [add(f"p{number}") for number in range(24)]
    held = [pair for pair in made if Parts.of([_example(pair)], 0.2).judges]
    assert len(held) > 2
    _echo(project, held[0])
    stroke = Stroke(0, 0, project.project().put_mask(encode_mask(np.zeros((8, 4), np.uint8)), 4, 8))
    _echo(project, held[1], Recipe(MaskSource.PREDICTION, (), (stroke,)))
    echo_learned = next(pair for pair in made if pair not in held)
    _echo(project, echo_learned)
    plan = _plan(project, ctx)
    assert (plan.judges, plan.echoes) == (len(held) - 1, 1), "what a person painted on judges"
    coach.worth[1] = 0.85
    train(project, ctx)
    keys = {example.key for example in coach.asked[0].examples}
    assert held[0].original.sha256 not in keys, "it is not learned from either: corrected, it will judge"
    assert echo_learned.original.sha256 in keys
    assert {example.key for example in coach.scored[0]} == {pair.original.sha256 for pair in held[1:]}


def test_where_only_models_cuts_are_held_out_nothing_can_be_judged(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer
) -> None:
    for pair in [add(f"p{number}") for number in range(20)]:
        _echo(project, pair)
    plan = _plan(project, ctx)
    assert plan.problem is not None
    assert "No photo can judge the new model" in plan.problem.message
    with pytest.raises(UserFacingError, match="a model's own cut"):
        train(project, ctx)


def _example(pair: Pair) -> Example:
    return Example(pair.original.sha256, Path(pair.original.path), Path("mask.png"))


def test_a_training_that_was_cut_short_is_offered_as_what_it_was(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        add(f"p{number}")

    def killed(task: Training) -> int:
        raise Cancelled

    full = TrainOptions(quick=False, device="cpu")
    with monkeypatch.context() as patch:
        patch.setattr(trainer, "train", killed)
        assert train(project, ctx, options=full).cancelled
    assert _plan(project, ctx).stopped == full
    going = folder_of(project) / "training" / "pawtrait" / "going.json"
    whole = going.read_text()
    going.write_text("[")
    assert _plan(project, ctx).stopped is None, "a damaged note is none"
    going.write_text(whole)
    add("another")
    assert _plan(project, ctx).stopped is None, "with other masks it is another training"
    coach.worth[1] = 0.85
    train(project, ctx, options=full)
    assert not going.exists()
    assert _plan(project, ctx).stopped is None
