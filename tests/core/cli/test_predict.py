"""``predict``: photos, folders and projects; what it prints, and what it never writes over."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain import Decision, ImageRef, MaskSource, Pair, Review
from core.edits import AddPair, Initiator, SetReview
from core.images.io import Limits
from core.jobs.work.files import examine
from core.model import registry
from core.settings import Settings
from core.store.opening import create_project, open_project
from tests.core.cli.conftest import lines, run
from tests.core.jobs.modelling import Loader, paint, write_model

KEYS = [
    "image",
    "model",
    "version",
    "threshold",
    "interval",
    "expected_iou",
    "found",
    "portraits",
    "reason",
    "seconds",
    "mask_file",
    "map_file",
]


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    return [paint(tmp_path / "photos" / f"{name}.png", seed=n) for n, name in enumerate(("ada", "bob"))]


@pytest.fixture
def project(tmp_path: Path, photos: list[Path]) -> Path:
    store = create_project(tmp_path / "project", "ann")
    limits = Limits.from_settings(Settings())
    refs: list[ImageRef] = [examine(photo, limits, lambda: None) for photo in photos]
    store.apply([AddPair(Pair(0, ref.path[-7:-4], ref, None)) for ref in refs], Initiator("ann"))
    store.close()
    return tmp_path / "project"


def test_a_photo_that_cannot_be_looked_at_is_named_and_the_others_go_on(
    photos: list[Path], loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = tmp_path / f"{'x' * 300}.png"
    assert run("predict", long, *photos, "--out", tmp_path / "out", "--device", "cpu") == 1
    shown = capsys.readouterr()
    assert "File name too long" in shown.err
    assert "Predicted 2 photos" in shown.out


def test_a_photo_that_may_not_be_read_does_not_stop_the_others(
    photos: list[Path], loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it can be is found out by reading it: the command line does not ask the system beforehand."""
    monkeypatch.setattr(os, "access", lambda *args, **how: False)
    assert run("predict", *photos, "--out", tmp_path / "out", "--device", "cpu") == 0


def test_names_of_photos_do_not_steer_the_terminal(
    loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = paint(tmp_path / "photos" / "r\nex\x1b]0;owned\x07.png")
    assert run("predict", photo, "--out", tmp_path / "out", "--device", "cpu") == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 2


def test_masks_of_the_photos_size_are_written(
    photos: list[Path], loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run("predict", *photos, "--out", out, "--device", "cpu") == 0
    assert "Predicted 2 photos" in capsys.readouterr().out
    for photo in photos:
        with Image.open(out / photo.name) as mask:
            assert (mask.size, mask.mode) == ((60, 40), "L")
            assert set(np.unique(np.asarray(mask))) == {0, 255}
    assert len(list(out.iterdir())) == 2


def test_json_is_one_line_for_each_photo(
    photos: list[Path], loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no photo")
    out = tmp_path / "out"
    arguments = ("--out", out, "--device", "cpu", "--maps", "--threshold", 0.25, "--json")
    assert run("predict", photos[0], bad, *arguments) == 1
    good, failed = lines(capsys.readouterr().out)
    assert list(good) == KEYS
    assert list(failed) == [*KEYS, "error"]
    assert (good["image"], good["model"], good["threshold"]) == (str(photos[0]), "pawtrait", 0.25)
    assert good["version"] == registry.version_of(registry.shipped() / "pawtrait.safetensors")
    assert (good["mask_file"], good["map_file"]) == (str(out / "ada.png"), str(out / "ada.map.png"))
    with Image.open(out / "ada.map.png") as deep:
        assert deep.mode == "I;16"
    assert "not a picture" in failed["error"]


def test_a_folder_stands_for_its_pictures(photos: list[Path], loader: Loader, tmp_path: Path) -> None:
    (tmp_path / "photos" / "notes.txt").write_text("x")
    assert run("predict", tmp_path / "photos", "--out", tmp_path / "out", "--device", "cpu") == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"ada.png", "bob.png"}
    (tmp_path / "empty").mkdir()
    assert run("predict", tmp_path / "empty", "--out", tmp_path / "out") == 1


def test_a_photo_is_never_written_over(
    photos: list[Path], loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [photo.read_bytes() for photo in photos]
    assert run("predict", *photos, "--out", tmp_path / "photos", "--device", "cpu") == 2
    assert "destroy" in capsys.readouterr().err
    assert [photo.read_bytes() for photo in photos] == before
    assert run("predict", *photos) == 2
    assert "--out" in capsys.readouterr().err


def test_nothing_found_is_an_answer(loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("predict", paint(tmp_path / "dark.png", heads=0), "--out", tmp_path / "out", "--device", "cpu")
    assert run(*asked) == 0
    assert "dark.png: Nothing found." in capsys.readouterr().out
    assert not np.asarray(Image.open(tmp_path / "out" / "dark.png")).any()
    assert run(*asked, "--threshold", 0.3) == 0
    assert "dark.png: cut at 0.30. Nothing found." in capsys.readouterr().out


def test_what_makes_no_sense_is_2_and_what_is_no_model_is_1(
    photos: list[Path], project: Path, loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ("--out", tmp_path / "out", "--device", "cpu")
    assert run("predict", photos[0], *out, "--threshold", 7) == 2
    assert run("predict", photos[0], photos[0], *out) == 2
    assert run("predict", project, "--maps") == 2
    assert run("predict", project, photos[0]) == 2
    assert run("predict") == 2
    capsys.readouterr()
    assert run("predict", photos[0], *out, "--model", "nonsense") == 1
    shown = capsys.readouterr().err
    assert "no model called 'nonsense'" in shown
    assert "pawtrait" in shown
    evil = tmp_path / "evil.safetensors"
    evil.write_bytes(b"\xff" * 100)
    assert run("predict", photos[0], *out, "--model", evil) == 1
    assert "not a model's file" in capsys.readouterr().err


def test_a_project_is_predicted_once(
    project: Path, loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("predict", project, "--device", "cpu") == 0
    assert "Predicted 2 photos in" in capsys.readouterr().out
    assert run("predict", project, "--device", "cpu") == 0
    assert "Nothing to predict." in capsys.readouterr().out
    store = open_project(project, "ann")
    first, second = store.pairs([1, 2])
    assert first.prediction is not None
    store.apply([SetReview(1, Review(), Review(Decision.ACCEPTED, source=MaskSource.PREDICTION))], Initiator("ann"))
    store.close()
    other = write_model(tmp_path / "other.safetensors", seed=1)
    assert run("predict", project, "--device", "cpu", "--model", other, "--json") == 0
    report = lines(capsys.readouterr().out)[-1]
    assert (report["event"], report["done"]) == ("report", 1)
    store = open_project(project, "ann")
    again = store.pairs([1, 2])
    store.close()
    assert again[0].prediction == first.prediction, "an accepted mask stays"
    assert again[1].prediction != second.prediction
    assert run("predict", project, "--device", "cpu", "--model", other, "--all", "--json") == 0
    assert lines(capsys.readouterr().out)[-1]["done"] == 1
