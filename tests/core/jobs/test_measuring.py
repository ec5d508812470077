"""Measuring a model on folders: figures by hand, photos that cannot be read, and fixations."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import UsageProblem
from core.images.io import encode_mask
from core.jobs import inline
from core.jobs.answers import FixationScore, Score
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.specs import EvaluateModel, PredictOptions
from core.jobs.work import measuring, predictor
from core.jobs.work.measuring import mean_of
from core.model.card import ModelProblem
from core.model.data import Example
from core.model.deepgaze import mark
from tests.core.jobs.modelling import Loader, Painted, paint, write_model

OPTIONS = PredictOptions(device="cpu")


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Six photos and the masks that the painted model would cut, one of them half as wide."""
    images, masks = tmp_path / "images", tmp_path / "masks"
    masks.mkdir()
    for number in range(6):
        photo = np.asarray(Image.open(paint(images / f"p{number}.png", (120, 80), seed=number)))[..., 0]
        mask = np.where(photo >= 127.5, np.uint8(255), np.uint8(0))
        if number == 0:
            columns = np.flatnonzero(mask.any(0))
            mask[:, : int(np.median(columns))] = 0
        (masks / f"p{number}.png").write_bytes(encode_mask(mask))
    return images, masks


def _evaluate(services: Services, ctx: Any, images: Path, **more: Any) -> Any:
    return inline.run(EvaluateModel(str(images), OPTIONS, **more), services, ctx)


def test_what_is_cut_as_it_should_be_scores_one(
    services: Services, ctx: Any, loader: Loader, folders: tuple[Path, Path]
) -> None:
    found = _evaluate(services, ctx, folders[0], masks=str(folders[1]))
    assert isinstance(found, Score)
    by_photo = {key: (iou, edge) for key, iou, edge in found.by_photo}
    assert found.photos == len(by_photo) == 6
    assert all(by_photo[f"p{number}"] == (1.0, 1.0) for number in range(1, 6))
    assert 0.4 < by_photo["p0"][0] < 0.6
    assert found.iou == pytest.approx(np.mean([iou for iou, _ in by_photo.values()]))
    assert found.iou < found.dice < 1
    assert np.isfinite([found.nll, found.information_gain_bits]).all()
    curve = dict(found.curve)
    assert max(curve.values()) == pytest.approx(curve[0.5], abs=0.01)
    assert ctx.steps[-1][:2] == (6, 6)
    assert len(loader.calls) == 1


def test_a_photo_that_cannot_be_read_is_named_and_left_out(
    services: Services, ctx: Any, loader: Loader, folders: tuple[Path, Path]
) -> None:
    (folders[0] / "p1.png").write_bytes(b"no photo")
    (folders[1] / "p2.png").write_bytes(encode_mask(np.zeros((3, 4), np.uint8)))
    found = _evaluate(services, ctx, folders[0], masks=str(folders[1]))
    assert found.photos == 4
    assert [failure.item for failure in ctx.of(ItemFailed)] == ["p1.png", "p2.png"]
    for number in (0, 3, 4, 5):
        (folders[0] / f"p{number}.png").write_bytes(b"no photo")
    with pytest.raises(UsageProblem, match=r"p0\.png"):
        _evaluate(services, ctx, folders[0], masks=str(folders[1]))


def test_an_empty_mask_does_not_make_nonsense_of_the_means(
    services: Services, ctx: Any, loader: Loader, folders: tuple[Path, Path]
) -> None:
    (folders[1] / "p3.png").write_bytes(encode_mask(np.zeros((80, 120), np.uint8)))
    found = _evaluate(services, ctx, folders[0], masks=str(folders[1]))
    assert found.photos == 6
    assert np.isfinite([found.iou, found.nll, found.information_gain_bits]).all()


@pytest.mark.parametrize(("there", "drawn"), [(3, [0, 1, 2]), (9, [0, 2, 4, 6]), (7, [0, 1, 3, 5])])
def test_the_centre_bias_is_of_masks_evenly_drawn(
    ctx: Any, in_process: None, monkeypatch: pytest.MonkeyPatch, there: int, drawn: list[int]
) -> None:
    asked: list[str] = []

    def place(example: Example) -> Any:
        asked.append(example.key)
        return np.ones((64, 64))

    monkeypatch.setattr(measuring, "_FOR_BIAS", 4)
    monkeypatch.setattr(measuring, "place_of", place)
    measuring._bias_of([Example(f"{number}", Path(), Path()) for number in range(there)], ctx)
    assert asked == [f"{number}" for number in drawn]


def test_means() -> None:
    one = Score(1, 0.5, 0.6, 0.2, float("nan"), 1.0, (("a", 0.5, 0.2),), ((0.1, 0.2), (0.9, 0.4)))
    other = Score(1, 0.7, 0.8, 0.4, 7.0, float("nan"), (("b", 0.7, 0.4),), ((0.1, 0.6), (0.9, 0.8)))
    found = mean_of([one, other])
    assert (found.photos, found.by_photo) == (2, one.by_photo + other.by_photo)
    assert [found.iou, found.dice, found.boundary_f, found.nll] == pytest.approx([0.6, 0.7, 0.3, 7.0])
    assert found.information_gain_bits == 1.0
    assert [overlap for _, overlap in found.curve] == pytest.approx([0.4, 0.6])


@pytest.fixture
def gazes(tmp_path: Path) -> Path:
    """The table of six pictures at whose bright part three people looked."""
    rng = np.random.default_rng(1)
    with (tmp_path / "table.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "subject", "order", "x", "y"])
        for number in range(6):
            photo = paint(tmp_path / "images" / f"p{number}.png", (120, 80), seed=number)
            bright = np.argwhere(np.asarray(Image.open(photo))[..., 0] > 128)
            for person in range(3):
                for order, (y, x) in enumerate(bright[rng.integers(len(bright), size=8)]):
                    writer.writerow([photo.name, person, order, x, y])
    return tmp_path / "table.csv"


def test_fixations(services: Services, ctx: Any, loader: Loader, tmp_path: Path, gazes: Path) -> None:
    found = _evaluate(services, ctx, tmp_path / "images", fixations=str(gazes))
    assert isinstance(found, FixationScore)
    assert (found.pictures, found.fixations) == (6, 126), "where people look first is left out"
    assert found.information_gain_bits > 0
    assert found.auc > 0.8
    assert found.nss > 1
    assert [done for done, total, _ in ctx.steps if total == 6] == [1, 2, 3, 4, 5, 6]
    assert ctx.logs == []


def test_pictures_that_were_trained_on_are_left_out_and_that_is_said(
    services: Services, ctx: Any, loader: Loader, tmp_path: Path, gazes: Path
) -> None:
    write_model(tmp_path / "shipped" / "pawtrait.safetensors", seen=[mark("p0.png"), mark("p4.png")])
    assert _evaluate(services, ctx, tmp_path / "images", fixations=str(gazes)).pictures == 4
    assert ctx.logs == ["The model was trained on 2 of the 6 pictures: they are left out."]


def test_fixations_where_the_gpu_is_too_small(
    services: Services, ctx: Any, loader: Loader, tmp_path: Path, gazes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []

    class Short(Painted):
        def raw_all(self, photos: Any) -> Any:
            asked.append((self.device, len(photos)))
            if self.device == "cuda" and len(photos) > 2:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super().raw_all(photos)

    plain = _evaluate(services, ctx, tmp_path / "images", fixations=str(gazes))
    loader.make = Short
    monkeypatch.setattr(predictor, "resolve", lambda _wish: "cuda")
    assert _evaluate(services, ctx, tmp_path / "images", fixations=str(gazes)) == plain
    assert asked == [("cuda", 4), ("cuda", 2), ("cuda", 2), ("cuda", 2)]
    assert ctx.logs == [predictor.FEWER]


def test_fixations_and_a_model_that_gives_no_map(
    services: Services, ctx: Any, loader: Loader, tmp_path: Path, gazes: Path
) -> None:
    class Broken(Painted):
        def raw_all(self, photos: Any) -> Any:
            raise AssertionError

    loader.make = Broken
    with pytest.raises(ModelProblem, match="makes no sense"):
        _evaluate(services, ctx, tmp_path / "images", fixations=str(gazes))


def test_masks_or_fixations(services: Services, ctx: Any, loader: Loader, folders: tuple[Path, Path]) -> None:
    with pytest.raises(UsageProblem, match="masks or against fixations"):
        _evaluate(services, ctx, folders[0])
    with pytest.raises(UsageProblem, match="no folder"):
        _evaluate(services, ctx, folders[0], masks=str(folders[0] / "none"))


def test_short_memory_is_told_once(
    services: Services, ctx: Any, loader: Loader, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(Painted):
        def predict_all(self, photos: Any, portraits: Any) -> Any:
            if self.device == "cuda":
                raise torch.OutOfMemoryError("CUDA out of memory")
            return super().predict_all(photos, portraits)

    loader.make = Full
    monkeypatch.setattr(predictor, "resolve", lambda _wish: "cuda")
    assert _evaluate(services, ctx, folders[0], masks=str(folders[1])).photos == 6
    assert ctx.logs == [predictor.ON_CPU]
