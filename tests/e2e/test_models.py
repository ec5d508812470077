"""Predictions through ``main`` and real child processes, by a network of the shipped kind whose weights are noise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain import Decision, MaskSource, Review
from core.edits import Initiator, SetReview, SetThreshold
from core.jobs import pool
from core.store.opening import open_project
from main import main
from tests.core.jobs.modelling import card

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound file of the kind "portrait"."""
    import torch

    from core.model import checkpoint, portrait

    torch.manual_seed(0)
    stages = portrait.empty("efficientnet-lite0")
    path = tmp_path_factory.mktemp("noise") / "noise.safetensors"
    checkpoint.save(path, portrait.tensors_of(stages), card())
    return path


@pytest.fixture(autouse=True)
def children() -> Iterator[None]:
    """Let no child process outlive the test."""
    yield
    pool.shut_down()


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """A photo taken with the camera on its side, and one of a single pixel."""
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(1)
    turned = Image.fromarray(rng.integers(0, 256, (90, 160, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(folder / "turned.jpg", exif=exif)
    Image.fromarray(np.full((1, 1, 3), 90, np.uint8)).save(folder / "dot.png")
    return [folder / "dot.png", folder / "turned.jpg"]


def _run(*args: object) -> int:
    return main([str(arg) for arg in args])


def test_photos_upright_and_tiny(
    noise: Path, photos: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ("--out", out, "--model", noise, "--device", "cpu", "--views", 1, "--maps", "--json")
    assert _run("predict", *photos, *arguments) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["image"] for line in lines] == [str(photo) for photo in photos]
    for name, size in (("dot", (1, 1)), ("turned", (90, 160))):
        for suffix, mode in ((".png", "L"), (".map.png", "I;16")):
            with Image.open(out / f"{name}{suffix}") as written:
                assert (written.size, written.mode) == (size, mode)


@pytest.mark.parametrize("damage", ["cut", "other", "nan"])
def test_a_hostile_file_is_a_sentence(
    noise: Path, photos: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    import torch

    from core.model import checkpoint

    evil = tmp_path / "evil.safetensors"
    data = noise.read_bytes()
    if damage == "cut":
        evil.write_bytes(data[: len(data) // 2])
    elif damage == "other":
        checkpoint.save(evil, {"weight": torch.zeros(3)}, card())
    else:
        kept, tensors = checkpoint.load(noise)
        name = next(name for name, tensor in tensors.items() if tensor.is_floating_point() and tensor.numel() > 9)
        tensors[name] = torch.full_like(tensors[name], float("nan"))
        checkpoint.save(evil, tensors, kept)
    assert _run("predict", photos[1], "--out", tmp_path / "out", "--model", evil, "--device", "cpu") == 1
    shown = capsys.readouterr()
    assert "evil.safetensors" in shown.err
    assert "Traceback" not in shown.err + shown.out
    assert not (tmp_path / "out").exists()


def test_a_project_is_predicted_accepted_and_exported(
    noise: Path, photos: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    originals, designers, project = tmp_path / "photos", tmp_path / "designers", tmp_path / "project"
    designers.mkdir()
    for photo in photos:
        Image.new("RGB", (30, 30), (len(photo.name), 9, 9)).save(designers / f"{photo.stem}.png")
    assert _run("import", project, "--originals", originals, "--designers", designers) == 0
    arguments = ("--model", noise, "--device", "cpu", "--views", 1)
    assert _run("predict", project, *arguments) == 0
    assert _run("predict", project, *arguments) == 0
    assert "Nothing to predict." in capsys.readouterr().out
    store = open_project(project, "ann")
    pairs = store.pairs(store.pair_ids())
    assert all(pair.prediction is not None for pair in pairs)
    about = Review(Decision.ACCEPTED, source=MaskSource.PREDICTION)
    for pair in pairs:
        store.apply([SetThreshold(pair.id, None, 0.0), SetReview(pair.id, Review(), about)], Initiator("ann"))
    store.close()
    assert _run("export", project, "--format", "cutouts", "--out", tmp_path / "out") == 0
    with Image.open(tmp_path / "out" / "turned.png") as written:
        assert (written.size, written.mode) == ((90, 160), "RGBA")
    assert _run("train", project, "--from", noise) == 1
    assert "about 10 are the least" in capsys.readouterr().err
    assert _run("models", project) == 0
