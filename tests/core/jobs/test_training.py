"""Training: what a project has to train on, what is kept and put in use, and going on after an end by force."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.domain import Decision, MaskSource, Pair, Placement, Prediction, Reconciliation, Review
from core.edits import AddPair, Initiator, RemovePair, SetPrediction, SetReconciliation, SetReview
from core.errors import Cancelled, FileProblem, StorageProblem, UsageProblem
from core.images.io import Limits, decode_mask, encode_mask
from core.jobs import inline
from core.jobs.answers import ModelList, Score, TrainPoint, TrainReport
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.specs import ListModels, TrainModel, TrainOptions, UseModel
from core.jobs.work import measuring, trainer, training
from core.jobs.work.examples import examples_of
from core.jobs.work.predictor import Loading
from core.jobs.work.trainer import PointFile, Training, read_points
from core.model import registry, versions
from core.model.card import ModelProblem
from core.model.data import Example, split
from core.settings import Settings
from core.store.base import Store
from core.store.opening import create_project
from tests.core.jobs.modelling import Loader, paint, write_model

ANN = Initiator("ann")
ACCEPTED = Review(Decision.ACCEPTED)


@pytest.fixture
def project(services: Services, tmp_path: Path) -> Any:
    """Services with a project on the disk."""
    store = create_project(tmp_path / "project", "ann")
    yield replace(services, store=store)
    store.close()


@pytest.fixture
def add(project: Services, tmp_path: Path, reference: Any) -> Callable[..., Pair]:
    """Put a painted photo with an accepted mask into the project."""
    store = project.project()

    def add_pair(name: str, review: Review = ACCEPTED, mask: Any = None, photo: str | None = None) -> Pair:
        path = tmp_path / "photos" / f"{photo or name}.png"
        original = reference(path if path.exists() else paint(path, seed=len(store.pair_ids()), size=(60, 40)))
        if path.stat().st_size and photo is None:  # no two photos of one content
            with path.open("ab") as file:
                file.write(name.encode())
            original = reference(path)
        if mask is None:
            mask = np.zeros((40, 60), np.uint8)
            mask[10:30, 10:30] = 255
        found = Reconciliation(
            "pawtrait", Placement(1, 0, False, 0, 0), 0.9, "", 0.1, store.put_mask(encode_mask(mask), 60, 40)
        )
        (number,) = store.apply([AddPair(Pair(0, name, original, None, found, review))], ANN).pair_ids
        return store.pairs([number])[0]

    return add_pair


def score(iou: float, boundary_f: float = 0.4, photos: int = 3) -> Score:
    return Score(photos, iou, 0.9, boundary_f, 7.0, 1.3, (("k", iou, boundary_f),), ((0.5, iou),))


class Trainer:
    """Stands for the training and the measuring: writes points and a file; new models do as well as they are told."""

    def __init__(self) -> None:
        self.asked: list[Training] = []
        self.scored: list[tuple[Example, ...]] = []
        self.worth = {0: 0.8}
        """IoU by the seed on a model's card; what ships has 0."""

    def train(self, task: Training) -> int:
        self.asked.append(task)
        points = PointFile(task.points)
        for epoch in (1.0, 2.0):
            points.add("heads", epoch, 2.0, 1 / epoch, 0.5 + epoch / 10)
        write_model(task.out, task.options.model, task.options.seed)
        return 17

    def on_masks(self, loading: Loading, examples: Any, *_: Any, **__: Any) -> tuple[Score, list[ItemFailed]]:
        self.scored.append(tuple(examples))
        failures = [ItemFailed("torn.jpg", "It is torn.", "Mend it.")]
        return score(self.worth[registry.card_of(loading.file).seed], photos=len(examples)), failures


@pytest.fixture
def coach(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> Trainer:
    standing = Trainer()
    monkeypatch.setattr(trainer, "train", standing.train)
    monkeypatch.setattr(measuring, "on_masks", standing.on_masks)
    return standing


def _train(services: Services, ctx: Any, seed: int = 1, **more: Any) -> TrainReport:
    options = more.pop("options", TrainOptions(seed=seed, device="cpu"))
    report = inline.run(TrainModel(options, who="ann", **more), services, ctx)
    assert isinstance(report, TrainReport)
    return report


def _folder(services: Services) -> Path:
    return Path(services.project().info.path)


# --- Examples ----------------------------------------------------------------------------------------------------


def test_accepted_and_corrected_masks_are_examples_one_for_each_photo(
    project: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path
) -> None:
    store: Store = project.project()
    first, second = add("first"), add("second")
    other = np.zeros((40, 60), np.uint8)
    other[5:15, 5:50] = 255
    corrected = add("corrected", Review(Decision.CORRECTED), other, photo="first")
    newer = add("newer", ACCEPTED, None, photo="first")
    for name, decision in (("rejected", Decision.REJECTED), ("open", Decision.UNDECIDED)):
        add(name, Review(decision))
    found, failures = examples_of(store, tmp_path / "masks", ctx)
    assert [example.key for example in found] == sorted([first.original.sha256, second.original.sha256])
    assert failures == []
    (mine,) = [example for example in found if example.key == first.original.sha256]
    assert newer.original.sha256 == mine.key
    assert np.array_equal(decode_mask(mine.mask.read_bytes()), other), "corrected goes before accepted and newer"
    assert mine.image == Path(corrected.original.path)


def test_a_predictions_mask_is_cut_at_the_photos_size(
    project: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path
) -> None:
    store, pair = project.project(), add("rex")
    small = np.zeros((20, 30), np.uint8)
    small[5:15, 5:15] = 200
    said = Prediction("pawtrait", "0" * 12, store.put_mask(encode_mask(small), 30, 20), 0.5, (0.4, 0.6), 0.9, 1, "", 0)
    store.apply([SetPrediction(pair.id, None, said)], ANN)
    store.apply([SetReview(pair.id, ACCEPTED, replace(ACCEPTED, source=MaskSource.PREDICTION))], ANN)
    ((example,), _) = examples_of(store, tmp_path / "masks", ctx)
    mask = decode_mask(example.mask.read_bytes())
    assert mask.shape == (40, 60)
    assert np.argwhere(mask >= 128).min(0).tolist() == [10, 10]


def test_masks_from_earlier_times_are_taken_as_they_are(
    project: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path
) -> None:
    add("one")
    ((example,), _) = examples_of(project.project(), tmp_path / "masks", ctx)
    example.mask.touch()
    before = example.mask.stat().st_mtime_ns
    add("two")
    again, _ = examples_of(project.project(), tmp_path / "masks", ctx)
    assert len(again) == 2
    assert example.mask.stat().st_mtime_ns == before
    (tmp_path / "masks" / "index.json").write_text("[" * 100_000)
    assert len(examples_of(project.project(), tmp_path / "masks", ctx)[0]) == 2


def test_what_teaches_nothing_is_left_out_with_a_sentence(
    project: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path
) -> None:
    store = project.project()
    add("fine")
    add("empty", mask=np.zeros((40, 60), np.uint8))
    add("full", mask=np.full((40, 60), 255, np.uint8))
    gone, broken = add("gone"), add("broken")
    Path(gone.original.path).unlink()
    bad = store.put_mask(b"no PNG", 60, 40)
    assert broken.reconciliation is not None
    store.apply([SetReconciliation(broken.id, broken.reconciliation, replace(broken.reconciliation, mask=bad))], ANN)
    found, failures = examples_of(store, tmp_path / "masks", ctx)
    assert len(found) == 1
    assert {failure.item for failure in failures} == {"empty", "full", "gone", "broken"}
    assert all(failure.message.endswith(".") and failure.remedy for failure in failures)
    assert ctx.of(ItemFailed) == failures


# --- A project ---------------------------------------------------------------------------------------------------


def test_a_better_version_is_kept_and_put_in_use(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer
) -> None:
    for number in range(20):
        add(f"p{number}")
    coach.worth[1] = 0.85
    report = _train(project, ctx)
    assert report.promoted
    assert (report.model, report.trained_on, report.cancelled) == ("pawtrait", 17, False)
    assert report.new is not None
    assert report.old is not None
    assert (report.new.iou, report.old.iou) == (0.85, 0.8)
    (task,) = coach.asked
    train, held = split(task.examples, task.held_out)
    assert report.held_out == len(held) > 0
    assert len(train) + len(held) == 20
    assert coach.scored == [tuple(held), tuple(held)]
    assert [failure.item for failure in report.failures] == ["torn.jpg"]
    assert task.start_from == registry.shipped() / "pawtrait.safetensors"
    folder = _folder(project)
    assert versions.resolve(folder, "pawtrait") == Path(report.file)
    assert json.loads((Path(report.file).parent / "record.json").read_text())["new"]["iou"] == 0.85
    assert [point.epoch for point in ctx.of(TrainPoint)] == [1.0, 2.0]
    assert any(label == "heads, epoch 2.0 of 2" for *_, label in ctx.steps)
    assert [path.name for path in (folder / "training" / "pawtrait").iterdir()] == ["masks"]


def test_a_worse_version_is_kept_but_not_used_unless_one_wants_it(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer
) -> None:
    for number in range(20):
        add(f"p{number}")
    coach.worth |= {1: 0.85, 2: 0.7, 3: 0.6, 4: 0.9}
    first = _train(project, ctx, seed=1)
    second = _train(project, ctx, seed=2)
    assert (first.promoted, second.promoted) == (True, False)
    assert second.old is not None
    assert second.old.iou == 0.85, "it is held against the one in use"
    assert coach.asked[1].start_from == Path(first.file)
    third = _train(project, ctx, seed=3, promote="always")
    fourth = _train(project, ctx, seed=4, promote="never")
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


def test_the_held_out_part_is_fixed_by_the_first_training(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer
) -> None:
    for number in range(20):
        add(f"p{number}")
    coach.worth |= {1: 0.85, 2: 0.86}
    _train(project, ctx, options=TrainOptions(held_out=0.3))
    for number in range(20, 30):
        add(f"p{number}")
    _train(project, ctx, options=TrainOptions(seed=2, held_out=0.1))
    assert [task.held_out for task in coach.asked] == [0.3, 0.3]
    assert any("30% of the photos are held out" in line for line in ctx.logs)
    before, after = ({example.key for example in split(task.examples, 0.3)[1]} for task in coach.asked)
    assert before <= after
    (_folder(project) / "models" / "split.json").write_text("{}")
    with pytest.raises(ModelProblem, match="held out"):
        _train(project, ctx)


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
    report = _train(project, ctx)
    assert (report.cancelled, report.promoted, report.version) == (True, False, "")
    assert versions.versions(_folder(project)) == []
    monkeypatch.setattr(trainer, "train", coach.train)
    coach.worth[1] = 0.85
    again = _train(project, ctx)
    first, second = coach.asked
    assert (first.workdir, first.points, first.examples) == (second.workdir, second.points, second.examples)
    assert not again.cancelled
    assert [point.epoch for point in ctx.of(TrainPoint)] == [0.5, 2.0], "the cut line and what hangs on it are lost"
    early = _train(project, cancelled_at(3), seed=2)
    assert early.cancelled


def test_photos_that_the_training_leaves_out_are_told_once(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        add(f"p{number}")

    def train(task: Training) -> int:
        points = PointFile(task.points)
        for _ in range(2):
            points.fail(Path("/far/rex.jpg"), FileProblem("It is cut off.", "Copy it again."))
        assert task.cache_megabytes == 4096
        return coach.train(task)

    monkeypatch.setattr(trainer, "train", train)
    coach.worth[1] = 0.85
    report = _train(project, ctx)
    lost = ItemFailed("rex.jpg", "It is cut off.", "Copy it again.")
    assert [failure for failure in report.failures if failure.item == "rex.jpg"] == [lost]
    assert ctx.of(ItemFailed).count(lost) == 1
    assert len(ctx.of(TrainPoint)) == 2


def test_the_papers_training_leaves_out_what_cannot_be_read(tmp_path: Path) -> None:
    paint(tmp_path / "fine.png", seed=1, size=(60, 40))
    (tmp_path / "torn.png").write_bytes(b"no picture")
    (tmp_path / "mask.png").write_bytes(encode_mask(np.zeros((40, 60), np.uint8)))
    made = [Example(name, tmp_path / f"{name}.png", tmp_path / "mask.png") for name in ("fine", "torn")]
    points = PointFile(tmp_path / "points.jsonl")
    assert trainer._readable(made, Limits.from_settings(Settings()), points) == made[:1]
    (told,), _ = trainer.read_told(tmp_path / "points.jsonl", 0)
    assert isinstance(told, ItemFailed)
    assert told.item == "torn.png"


def test_too_few_photos_are_a_sentence_and_a_remedy(
    project: Services, ctx: Any, add: Callable[..., Pair], coach: Trainer
) -> None:
    with pytest.raises(UsageProblem, match="0 photos have") as caught:
        _train(project, ctx)
    assert caught.value.remedy
    add("only")
    add("empty", mask=np.zeros((40, 60), np.uint8))
    with pytest.raises(UsageProblem, match=r"1 photo has a mask .* 1 more were left out"):
        _train(project, ctx)
    for number in range(12):
        add(f"p{number}")
    with pytest.raises(UsageProblem, match="none of them is held out"):
        _train(project, ctx, options=TrainOptions(held_out=1e-9))
    assert coach.asked == []


def test_where_a_training_makes_no_sense(
    services: Services, project: Services, ctx: Any, coach: Trainer, tmp_path: Path
) -> None:
    with pytest.raises(UsageProblem, match="in memory"):
        _train(services, ctx)
    with pytest.raises(UsageProblem, match="No project"):
        _train(replace(services, store=None), ctx)
    with pytest.raises(UsageProblem, match="go together"):
        _train(services, ctx, images=str(tmp_path))
    with pytest.raises(UsageProblem, match="should go"):
        _train(services, ctx, images=str(tmp_path), masks=str(tmp_path))
    with pytest.raises(UsageProblem, match="held out"):
        _train(project, ctx, options=TrainOptions(held_out=1.5))
    photo = paint(tmp_path / "rex.png")
    with pytest.raises(UsageProblem, match="destroy"):
        _train(services, ctx, images=str(tmp_path), masks=str(tmp_path), out=str(photo))
    project.project().close()
    other = create_project(tmp_path / "other", "ann")
    reader = replace(services, store=other)
    other._reason = "Open by Ben."  # type: ignore[attr-defined]
    with pytest.raises(StorageProblem, match="Open by Ben"):
        _train(reader, ctx)
    with pytest.raises(StorageProblem, match="Open by Ben"):
        inline.run(UseModel("pawtrait"), reader, ctx)
    other.close()


# --- Folders -----------------------------------------------------------------------------------------------------


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
    report = _train(
        services, ctx, options=options, images=str(tmp_path / "images"), masks=str(tmp_path / "masks"), out=str(out)
    )
    assert (report.file, report.promoted) == (str(out), False)
    assert registry.card_of(out).name == "pawtrait"
    assert [path.name for path in out.parent.iterdir()] == ["mine.safetensors"]
    (task,) = coach.asked
    assert task.start_from is None
    assert task.command == "pawtrait train --images images --masks masks --model pawtrait --seed 1 --full"
    assert str(tmp_path) not in task.command


def test_points_survive_what_is_no_point(tmp_path: Path) -> None:
    file = tmp_path / "points.jsonl"
    assert read_points(file, 0) == ([], 0)
    file.write_bytes(b'{"stage": 1, "nonsense": 2}\n[]\n\xff\n')
    PointFile(file).add("heads", 1.0, 2.0, 0.5, None)
    points, offset = read_points(file, 0)
    assert [point.epoch for point in points] == [1.0]
    assert read_points(file, offset) == ([], offset)


@pytest.mark.parametrize(
    ("new", "old", "better"),
    [
        (score(0.8), None, True),
        (score(0.81), score(0.8), True),
        (score(0.79), score(0.8), False),
        (score(0.8), score(0.8), False),
        (score(0.8, 0.5), score(0.8, 0.4), True),
        (score(0.8, 0.3), score(0.8, 0.4), False),
    ],
)
def test_which_is_better(new: Score, old: Score | None, better: bool) -> None:
    assert training.is_better(new, old) is better


def test_a_removed_pair_is_no_example(
    project: Services, ctx: Any, add: Callable[..., Pair], in_process: None, tmp_path: Path
) -> None:
    project.project().apply([RemovePair(add("gone"))], ANN)
    assert examples_of(project.project(), tmp_path / "masks", ctx) == ([], [])
