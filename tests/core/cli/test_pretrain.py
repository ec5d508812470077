"""The command that trains on eye tracking, with a trunk that sees colours alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.model import checkpoint, deepgaze
from core.model.fitting import Schedule
from core.model.trunks import vgg16
from tests.core.cli.conftest import lines, run
from tests.core.model.deepgaze_case import Colours, discs, looks
from tests.core.model.published.cases import bare


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(vgg16, "load", lambda *_: Colours())
    monkeypatch.setattr(deepgaze, "FIXATIONS", Schedule(epochs=2, batch=4, rate=3e-3))
    path = tmp_path / "gazes.csv"
    rows = ["image,subject,order,x,y"]
    for picture in looks(discs(tmp_path / "data", 24)):
        for order, (person, x, y) in enumerate(zip(picture.subject, picture.x, picture.y, strict=True)):
            rows.append(f"{picture.name},{person},{order},{x},{y}")
    path.write_text("\n".join(rows))
    return path


def test_it_writes_a_read_out_and_says_how_good_it_is(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images, out = table.parent / "data" / "images", table.parent / "gaze.safetensors"
    asked = ("pretrain", "--fixations", table, "--images", images, "--out", out, "--size", 64)
    assert run(*asked, "--json") == 0
    result = lines(capsys.readouterr().out)[-1]
    assert result["event"] == "result" and {"information_gain_bits", "explained", "auc", "nss"} <= result.keys()
    card = checkpoint.read_card(out)
    assert (
        card.name == "deepgaze2-vgg16-fixations"
        and "--seed 0" in card.command
        and str(table.parent) not in card.command
    )
    assert [path.name for path in table.parent.glob(".*going*")] == []
    assert run(*asked) == 0
    assert "information gain bits" in capsys.readouterr().out


def test_it_goes_on_from_a_published_read_out_at_its_size(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    published, out = table.parent / "gazes.pth", table.parent / "gaze.safetensors"
    torch.save(bare(torch.Generator().manual_seed(1)), published)
    asked = ("pretrain", "--fixations", table, "--images", table.parent / "data" / "images", "--out", out)
    assert run(*asked, "--from", published) == 0
    card = checkpoint.read_card(out)
    assert card.options["size"] == 512
    assert card.command.endswith("--size 512 --seed 0 --from gazes.pth")
    torch.save({"x": torch.zeros(1)}, published)
    capsys.readouterr()
    assert run(*asked, "--from", published) == 1
    assert "gazes.pth holds weights, but not of a read-out." in capsys.readouterr().err


def test_bad_usage_is_told_before_anything_is_loaded(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images = table.parent / "data" / "images"
    assert run("pretrain", "--fixations", table, "--images", images, "--out", "gaze.bin") == 2
    assert "safetensors" in capsys.readouterr().err
    out = table.parent / "gaze.safetensors"
    assert run("pretrain", "--fixations", table, "--images", table.parent / "none", "--out", out) == 2
    assert run("pretrain", "--fixations", table.parent / "no.csv", "--images", images, "--out", out) == 1
    assert not out.exists()
