"""``train``, ``evaluate`` and ``models``: what they ask for, print and refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import UsageProblem
from core.jobs import inline
from core.jobs.answers import FixationScore, Score, TrainPoint, TrainReport
from core.jobs.context import ItemFailed
from core.jobs.specs import EvaluateModel, TrainModel
from core.model import registry, versions
from core.store.opening import create_project
from tests.core.cli.conftest import lines, run
from tests.core.jobs.modelling import Loader, write_model

SCORE = Score(12, 0.85, 0.92, 0.37, 7.1, 1.31, (("rex", 0.85, 0.37),), ((0.4, 0.8), (0.5, 0.84)))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    create_project(tmp_path / "project", "ann").close()
    return tmp_path / "project"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, loader: Loader) -> list[Any]:
    """Remember what is trained and measured, and answer at once."""
    specs: list[Any] = []
    real = inline.run

    def answer(spec: Any, services: Any, ctx: Any) -> object:
        if isinstance(spec, EvaluateModel):
            specs.append(spec)
            return SCORE if spec.masks else FixationScore(60, 5000, 0.9, 1.2, 0.75, 0.85, 2.1)
        if isinstance(spec, TrainModel):
            specs.append(spec)
            if spec.options.seed == 13:
                raise UsageProblem("2 photos have a mask.", "Accept more.")
            ctx.partial(TrainPoint("heads", 1.0, 2.0, 0.5, 0.7, 3.0))
            failures = (ItemFailed("rex", "The mask is empty.", "Correct it."),)
            return TrainReport(
                spec.options.model, "0" * 12, "file", 40, 12, SCORE, None, True, spec.options.seed == 7, 60.0, failures
            )
        return real(spec, services, ctx)

    monkeypatch.setattr(inline, "run", answer)
    return specs


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    made = {name: tmp_path / name for name in ("images", "masks")}
    for folder in made.values():
        folder.mkdir()
    return made


def test_train_on_a_project(project: Path, asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", project, "--seed", 3, "--promote", "never", "--device", "cpu") == 0
    shown = capsys.readouterr()
    assert "IoU 0.850, boundary F 0.370" in shown.out
    assert "used from now on" in shown.out
    assert "rex: The mask is empty." in shown.err
    (spec,) = asked
    assert (spec.images, spec.out, spec.promote) == (None, None, "never")
    assert (spec.options.model, spec.options.seed, spec.options.quick) == ("pawtrait", 3, True)


def test_train_on_folders(
    folders: dict[str, Path], asked: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--images", folders["images"], "--masks", folders["masks"], "--out", tmp_path / "m.safetensors")
    assert run("train", *given, "--model", "deepgaze2-vgg16", "--from", "deepgaze2-vgg16-fixations", "--json") == 0
    events = lines(capsys.readouterr().out)
    assert [event["event"] for event in events] == ["point", "report"]
    assert events[0]["held_out_iou"] == 0.7
    assert events[1]["new"]["iou"] == 0.85
    (spec,) = asked
    assert spec.options.quick is False
    assert (spec.options.model, spec.options.start_from) == ("deepgaze2-vgg16", "deepgaze2-vgg16-fixations")
    assert (spec.images, spec.masks) == (str(folders["images"]), str(folders["masks"]))


def test_train_says_what_is_wrong(
    project: Path, folders: dict[str, Path], asked: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train") == 2
    assert run("train", project, "--images", folders["images"]) == 2
    assert run("train", project.parent / "none") == 1
    capsys.readouterr()
    assert run("train", project, "--seed", 13) == 2
    assert "2 photos have a mask. Accept more." in capsys.readouterr().err
    assert run("train", project, "--seed", 7) == 130
    assert "go on where it stopped" in capsys.readouterr().out


def test_evaluate_on_masks(folders: dict[str, Path], asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--images", folders["images"], "--masks", folders["masks"], "--model", "pawtrait")
    assert run("evaluate", *given, "--json") == 0
    (told,) = lines(capsys.readouterr().out)
    assert {"iou", "dice", "boundary_f", "nll", "information_gain_bits", "threshold_curve"} <= set(told)
    assert told["threshold_curve"] == [[0.4, 0.8], [0.5, 0.84]]
    assert told["by_photo"] == [{"key": "rex", "iou": 0.85, "boundary_f": 0.37}]
    assert run("evaluate", *given) == 0
    assert "Best single threshold        0.50 (IoU 0.840)" in capsys.readouterr().out


def test_evaluate_is_1_where_a_photo_could_not_be_measured(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(spec: Any, services: Any, ctx: Any) -> object:
        ctx.partial(ItemFailed("rex.jpg", "rex.jpg is empty.", "Copy it again."))
        return SCORE

    monkeypatch.setattr(inline, "run", answer)
    assert run("evaluate", "--images", folders["images"], "--masks", folders["masks"], "--json") == 1
    shown = capsys.readouterr()
    assert lines(shown.out)[0]["iou"] == 0.85
    assert "rex.jpg is empty" in shown.err


def test_evaluate_on_fixations(
    folders: dict[str, Path], asked: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "fixations.csv"
    table.write_text("image,subject,x,y\n")
    given = ("--images", folders["images"], "--fixations", table, "--model", "deepgaze2-vgg16-fixations")
    assert run("evaluate", *given, "--json") == 0
    (told,) = lines(capsys.readouterr().out)
    assert {"information_gain_bits", "explained", "auc", "nss"} <= set(told)
    assert run("evaluate", *given) == 0
    assert "75.0%" in capsys.readouterr().out
    assert asked[0].fixations == str(table)
    folder = tmp_path / "DATA"
    folder.mkdir()
    assert run("evaluate", "--images", folders["images"], "--fixations", folder) == 0, "MIT1003 is a folder"
    assert asked[-1].fixations == str(folder)


def test_evaluate_takes_one_of_the_two(folders: dict[str, Path], loader: Loader) -> None:
    assert run("evaluate", "--images", folders["images"]) == 2
    assert run("evaluate", "--images", folders["images"], "--masks", folders["masks"]) == 2


def test_models_are_listed_and_put_in_use(
    project: Path, loader: Loader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("models") == 0
    assert "* pawtrait" in capsys.readouterr().out
    kept = versions.keep(project, write_model(tmp_path / "new.safetensors", seed=5), {"at": "2026-03-01T10:00:00Z"})
    assert run("models", project, "--use", kept.version) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("* pawtrait")
    assert f"version {kept.version}, 2026-03-01" in first
    assert second.startswith("  pawtrait")
    assert run("models", project, "--json") == 0
    entries = json.loads(capsys.readouterr().out)
    assert [(entry["version"], entry["in_use"]) for entry in entries] == [(kept.version, True), ("", False)]
    assert entries[1]["name"] == registry.version_of(registry.shipped() / "pawtrait.safetensors")
    assert run("models", project, "--use", "shipped") == 0
    assert versions.in_use(project, "pawtrait") is None
    assert run("models", project, "--use", "0" * 12) == 1
    assert run("models", "--use", kept.version) == 2
