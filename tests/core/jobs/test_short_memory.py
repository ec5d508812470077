"""Where the GPU's memory runs out: fewer photos at a time, at last the CPU, and it is said."""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import Any

import pytest
import torch

from core.images.io import Limits, encode_mask
from core.jobs import inline
from core.jobs.answers import BatchReport, PredictLine
from core.jobs.services import Services
from core.jobs.specs import PredictFiles, PredictOptions, TrainOptions
from core.jobs.work import predictor, trainer
from core.jobs.work.predictor import FEWER, ON_CPU, Loading
from core.jobs.work.trainer import PointFile, Training
from core.model import deepgaze
from core.model.card import ModelCard
from core.model.data import Example
from core.model.predict import Predicted
from core.model.trunks import vgg16
from core.settings import Settings
from tests.core.jobs.modelling import Loader, Painted, card, paint


class Room:
    """A GPU with room for so many photos at a time."""

    def __init__(self, photos: int) -> None:
        self.photos = photos
        self.asked: list[tuple[str, int]] = []

    def __call__(self, *made_of: Any) -> Painted:
        room = self

        class Short(Painted):
            def predict_all(self, photos: Any, portraits: Any) -> list[Predicted]:
                room.asked.append((self.device, len(photos)))
                if self.device == "cuda" and len(photos) > room.photos:
                    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
                return super().predict_all(photos, portraits)

        return Short(*made_of)


def _predict(services: Services, ctx: Any, tmp_path: Path, count: int) -> BatchReport:
    photos = [str(paint(tmp_path / f"p{number}.png", seed=number)) for number in range(count)]
    report = inline.run(PredictFiles(tuple(photos), str(tmp_path / "out"), PredictOptions()), services, ctx)
    assert isinstance(report, BatchReport)
    return report


@pytest.fixture
def on_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictor, "resolve", lambda _wish: "cuda")


@pytest.mark.parametrize(
    ("room", "asked", "said"),
    [
        (4, [("cuda", 4), ("cuda", 2)], []),
        (2, [("cuda", 4), ("cuda", 2), ("cuda", 2), ("cuda", 2)], [FEWER]),
        (0, None, [ON_CPU]),
    ],
)
def test_fewer_at_a_time_and_then_the_cpu(
    services: Services,
    ctx: Any,
    loader: Loader,
    tmp_path: Path,
    on_gpu: None,
    room: int,
    asked: list[tuple[str, int]] | None,
    said: list[str],
) -> None:
    loader.make = gpu = Room(room)
    report = _predict(services, ctx, tmp_path, 6)
    assert (report.done, report.matched, report.failures) == (6, 6, ())
    assert [Path(line.image).stem for line in ctx.of(PredictLine)] == [f"p{number}" for number in range(6)]
    assert ctx.logs == list(report.notes) == said, "once, however many photos it concerns"
    if asked is not None:
        assert gpu.asked == asked
    assert [count for device, count in gpu.asked if device == "cpu"] == ([] if room else [1] * 6)


def test_nothing_of_a_failed_try_is_held_when_the_next_one_begins(
    services: Services, ctx: Any, loader: Loader, tmp_path: Path, on_gpu: None
) -> None:
    gpu, loaded = Room(2), list[weakref.ref[Painted]]()

    def make(*made_of: Any) -> Painted:
        assert [one() for one in loaded] == [None] * len(loaded), "the GPU would have to hold it twice"
        model = gpu(*made_of)
        loaded.append(weakref.ref(model))
        return model

    loader.make = make
    assert _predict(services, ctx, tmp_path, 4).done == 4
    assert len(loaded) == 2


def test_a_photo_that_cannot_be_read_costs_its_group_nothing(
    services: Services, ctx: Any, loader: Loader, tmp_path: Path, on_gpu: None
) -> None:
    photos = [str(paint(tmp_path / f"p{number}.png", seed=number)) for number in range(3)]
    Path(photos[1]).write_bytes(b"torn")
    report = inline.run(PredictFiles(tuple(photos), str(tmp_path / "out"), PredictOptions()), services, ctx)
    assert isinstance(report, BatchReport)
    assert (report.done, [failure.item for failure in report.failures]) == (2, [photos[1]])


def test_another_error_is_no_lack_of_memory(loader: Loader, tmp_path: Path) -> None:
    class Wrong(Painted):
        def predict_all(self, photos: Any, portraits: Any) -> list[Predicted]:
            raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    loader.make = Wrong
    loading = Loading(tmp_path / "shipped" / "pawtrait.safetensors", "cuda")
    with pytest.raises(RuntimeError, match="mat1"):
        predictor.predict_all(loading, [(torch.zeros(4, 4, 3).byte().numpy(), 0)])


def test_a_model_that_does_not_fit_is_loaded_on_the_cpu(
    services: Services, ctx: Any, loader: Loader, tmp_path: Path, on_gpu: None
) -> None:
    def make(card: ModelCard, version: str, device: str) -> Painted:
        if device == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return Painted(card, version, device)

    loader.make = make
    assert _predict(services, ctx, tmp_path, 2).done == 2
    assert ctx.logs == [ON_CPU]
    assert [call["device"] for call in loader.calls] == ["cuda", "cpu"]


def test_the_papers_training_goes_on_on_the_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    devices: list[str] = []

    class Trunk(vgg16.VGG16):
        def __init__(self) -> None:
            torch.nn.Module.__init__(self)

        def to(self, device: str) -> Trunk:  # type: ignore[override]
            devices.append(device)
            return self

    def train(examples: Any, *_: Any) -> Any:
        if devices[-1] == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return {"x": torch.zeros(1)}, card("deepgaze2-vgg16")

    monkeypatch.setattr(trainer, "resolve", lambda _wish: "cuda")
    monkeypatch.setattr(vgg16, "load", lambda _weights: Trunk())
    monkeypatch.setattr(vgg16, "quicken", lambda trunk: trunk)
    monkeypatch.setattr(deepgaze, "train", train)
    mask = tmp_path / "mask.png"
    mask.write_bytes(encode_mask(torch.zeros(40, 60).byte().numpy()))
    examples = tuple(Example(f"p{n}", paint(tmp_path / f"p{n}.png", seed=n), mask) for n in range(3))
    points = tmp_path / "points.jsonl"
    task = Training(
        TrainOptions("deepgaze2-vgg16"),
        examples,
        tmp_path / "made.safetensors",
        tmp_path,
        points,
        Limits.from_settings(Settings()),
        0.2,
        None,
        "data",
        "none",
        "by hand",
    )
    assert trainer.train(task) == 20
    assert devices == ["cuda", "cpu"]
    assert trainer.read_told(points, 0)[0] == [ON_CPU]
    assert PointFile(points)._before == 0, "a sentence is no point"
