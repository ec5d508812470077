"""Training: what is kept and put in use, and going on after an end by force."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.domain import Pair
from core.errors import Cancelled, FileProblem, StorageProblem, UsageProblem
from core.images.io import encode_mask
from core.jobs import inline
from core.jobs.answers import ModelList, Score, TrainPoint
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.specs import ListModels, TrainOptions, UseModel
from core.jobs.work import trainer
from core.jobs.work.trainer import PointFile, Training
from core.model import registry, versions
from core.model.card import ModelProblem
from core.model.data import split
from core.store.opening import create_project
from tests.core.jobs.coaching import Trainer, folder_of, score, train
from tests.core.jobs.modelling import paint


def test_a_better_version_is_kept_and_put_in_use(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer
) -> None:
    for number in range(20):
        add(f"p{number}")
    coach.worth[1] = 0.85
    report = train(project, ctx)
    assert report.promoted
    assert (report.model, report.trained_on, report.cancelled) == ("pawtrait", 17, False)
    assert report.new is not None
    assert report.old is not None
    assert (report.new.iou, report.old.iou) == (0.85, 0.8)
    (task,) = coach.asked
    learned, held = split(task.examples, task.held_out)
    assert report.held_out == len(held) - 1 > 0, "one of them could not be read"
    assert len(learned) + len(held) == 20
    assert [set(scored) for scored in coach.scored] == [set(held), set(held)]
    assert [failure.item for failure in report.failures] == ["torn.jpg"]
    assert task.start_from == registry.shipped() / "pawtrait.safetensors"
    folder = folder_of(project)
    assert versions.resolve(folder, "pawtrait") == Path(report.file)
    assert json.loads((Path(report.file).parent / "record.json").read_text())["new"]["iou"] == 0.85
    assert [point.epoch for point in ctx.of(TrainPoint)] == [1.0, 2.0]
    assert any(label == "heads, epoch 2 of 2" for *_, label in ctx.steps)
    assert [path.name for path in (folder / "training" / "pawtrait").iterdir()] == ["masks"]


def test_a_worse_version_is_kept_but_not_used_unless_one_wants_it(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer
) -> None:
    for number in range(20):
        add(f"p{number}")
    coach.worth |= {1: 0.85, 2: 0.7, 3: 0.6, 4: 0.9}
    first = train(project, ctx, seed=1)
    second = train(project, ctx, seed=2)
    assert (first.promoted, second.promoted) == (True, False)
    assert second.old is not None
    assert second.old.iou == 0.85, "it is held against the one in use"
    assert coach.asked[1].start_from == Path(first.file)
    third = train(project, ctx, seed=3, promote="always")
    fourth = train(project, ctx, seed=4, promote="never")
    assert (third.promoted, fourth.promoted) == (True, False)
    listed = inline.run(ListModels(), project, ctx)
    assert isinstance(listed, ModelList)
    rows = [(row.version, row.held_out_iou, row.in_use) for row in listed.entries]
    assert rows[:4] == [
        (fourth.version, 0.9, False),
        (third.version, 0.6, True),
        (second.version, 0.7, False),
        (first.version, 0.85, False),
    ]
    assert [(row.model, row.version, row.in_use) for row in listed.entries[4:]] == [("pawtrait", "", False)]
    listed = inline.run(UseModel("pawtrait", first.version), project, ctx)
    assert [row.version for row in listed.entries if row.in_use] == [first.version]  # type: ignore[attr-defined]
    listed = inline.run(UseModel("pawtrait"), project, ctx)
    assert [row.version for row in listed.entries if row.in_use] == [""]  # type: ignore[attr-defined]
    with pytest.raises(ModelProblem, match="no version"):
        inline.run(UseModel("pawtrait", "0" * 12), project, ctx)


def test_what_was_cut_short_goes_on_in_the_same_place(
    project: Services,
    ctx: Any,
    add: Callable[..., Pair],
    coach: Trainer,
    cancelled_at: Callable[[int], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(20):
        add(f"p{number}")

    def killed(task: Training) -> int:
        coach.asked.append(task)
        PointFile(task.points).add("heads", 0.5, 2.0, 2.0, None)
        with task.points.open("ab") as file:
            file.write(b'{"stage": "he')  # the plug is pulled
        raise Cancelled

    monkeypatch.setattr(trainer, "train", killed)
    report = train(project, ctx)
    assert (report.cancelled, report.promoted, report.version) == (True, False, "")
    assert versions.versions(folder_of(project)) == []
    monkeypatch.setattr(trainer, "train", coach.train)
    coach.worth[1] = 0.85
    again = train(project, ctx)
    first, second = coach.asked
    assert (first.workdir, first.points, first.examples) == (second.workdir, second.points, second.examples)
    assert not again.cancelled
    assert [point.epoch for point in ctx.of(TrainPoint)] == [0.5, 2.0], "the cut line and what hangs on it are lost"
    early = train(project, cancelled_at(3), seed=2)
    assert early.cancelled


def test_photos_that_the_training_leaves_out_are_told_once(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        add(f"p{number}")

    def leaving_out(task: Training) -> int:
        points = PointFile(task.points)
        for _ in range(2):
            points.fail(Path("/far/rex.jpg"), FileProblem("It is cut off.", "Copy it again."))
        assert task.cache_megabytes == 4096
        return coach.train(task)

    monkeypatch.setattr(trainer, "train", leaving_out)
    coach.worth[1] = 0.85
    report = train(project, ctx)
    lost = ItemFailed("rex.jpg", "It is cut off.", "Copy it again.")
    assert [failure for failure in report.failures if failure.item == "rex.jpg"] == [lost]
    assert ctx.of(ItemFailed).count(lost) == 1
    assert len(ctx.of(TrainPoint)) == 2


def test_where_a_training_makes_no_sense(
    services: Services, project: Services, ctx: Any, coach: Trainer, tmp_path: Path
) -> None:
    with pytest.raises(UsageProblem, match="in memory"):
        train(services, ctx)
    with pytest.raises(UsageProblem, match="No project"):
        train(replace(services, store=None), ctx)
    with pytest.raises(UsageProblem, match="go together"):
        train(services, ctx, images=str(tmp_path))
    with pytest.raises(UsageProblem, match="no file to write"):
        train(services, ctx, images=str(tmp_path), masks=str(tmp_path))
    with pytest.raises(UsageProblem, match="held out"):
        train(project, ctx, options=TrainOptions(held_out=1.5))
    photo, published = paint(tmp_path / "rex.png"), tmp_path / "deepgaze2.pth"
    torch.save({"readout_network.conv0.weight": torch.zeros(1)}, published)
    for out in (photo, published):
        with pytest.raises(UsageProblem, match="destroy"):
            train(services, ctx, images=str(tmp_path), masks=str(tmp_path), out=str(out))
    project.project().close()
    other = create_project(tmp_path / "other", "ann")
    reader = replace(services, store=other)
    other._reason = "Open by Ben."  # type: ignore[attr-defined]
    with pytest.raises(StorageProblem, match="Open by Ben"):
        train(reader, ctx)
    with pytest.raises(StorageProblem, match="Open by Ben"):
        inline.run(UseModel("pawtrait"), reader, ctx)
    other.close()


def test_two_folders_give_a_file(services: Services, ctx: Any, coach: Trainer, tmp_path: Path) -> None:
    for number in range(20):
        paint(tmp_path / "images" / f"p{number}.png", seed=number)
        mask = np.zeros((40, 60), np.uint8)
        mask[10:30, 10:30] = 255
        (tmp_path / "masks").mkdir(exist_ok=True)
        (tmp_path / "masks" / f"p{number}.png").write_bytes(encode_mask(mask))
    out = tmp_path / "new" / "mine.safetensors"
    coach.worth[1] = 0.9
    options = TrainOptions(quick=False, device="cpu")
    report = train(
        services, ctx, options=options, images=str(tmp_path / "images"), masks=str(tmp_path / "masks"), out=str(out)
    )
    assert (report.file, report.promoted) == (str(out), False)
    assert registry.card_of(out).name == "pawtrait"
    assert [path.name for path in out.parent.iterdir()] == ["mine.safetensors"]
    (task,) = coach.asked
    assert task.start_from is None
    assert task.command == "pawtrait train --images images --masks masks --model pawtrait --seed 1 --full"
    assert str(tmp_path) not in task.command


@pytest.mark.parametrize(
    ("new", "old", "better"),
    [
        (score(0.81), score(0.8), True),
        (score(0.79), score(0.8), False),
        (score(0.8), score(0.8), False),
        (score(0.802), score(0.8), False),
        (score(0.8, 0.5), score(0.8, 0.4), True),
        (score(0.798, 0.5), score(0.8, 0.4), True),
        (score(0.79, 0.5), score(0.8, 0.4), False),
        (score(0.8, 0.402), score(0.8, 0.4), False),
        (score(0.8, 0.3), score(0.8, 0.4), False),
    ],
)
def test_which_is_better_by_more_than_chance(new: Score, old: Score, better: bool) -> None:
    assert new.is_better_than(old) is better
