"""Models are found by name, version or path; what is no model is passed over or refused in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.model import checkpoint, registry
from core.model.card import ModelProblem
from tests.core.model.conftest import CARD


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shipped"
    monkeypatch.setattr(registry, "shipped", lambda: folder)
    return folder


def _write(path: Path, name: str = "pawtrait", **changes: str) -> Path:
    checkpoint.save(path, {"w": torch.zeros(1)}, replace(CARD, name=name, title=str(path), **changes))
    return path


def test_the_shipped_folder_lies_in_the_resources() -> None:
    assert registry.shipped().parts[-2:] == ("resources", "models")


def test_models_of_all_folders_are_listed_and_strays_passed_over(shipped: Path, tmp_path: Path) -> None:
    extra = tmp_path / "project"
    first, second = _write(shipped / "pawtrait.safetensors"), _write(extra / "deep" / "mine.safetensors", "mine")
    (extra / "broken.safetensors").write_bytes(b"nonsense")
    (extra / "notes.txt").write_text("x")
    found = registry.models([extra, tmp_path / "nowhere"])
    assert [(known.path, known.card.name) for known in found] == [(first, "pawtrait"), (second, "mine")]
    assert found[0].version == checkpoint.version_of(first)


def test_a_model_is_found_by_name_version_and_path(shipped: Path, tmp_path: Path) -> None:
    standard = _write(shipped / "pawtrait.safetensors")
    extra = tmp_path / "project"
    mine, same = _write(extra / "x.safetensors", "mine"), _write(extra / "y.safetensors")
    assert registry.find("pawtrait", [extra]) == standard
    assert registry.find("mine", [extra]) == mine
    assert registry.find(checkpoint.version_of(same), [extra]) == same
    assert registry.find(str(mine)) == mine
    without = _write(tmp_path / "no_suffix")
    assert registry.find(str(without)) == without


def test_a_stray_file_does_not_hide_what_ships(shipped: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    standard = _write(shipped / "pawtrait.safetensors")
    (tmp_path / "pawtrait").write_text("notes")
    monkeypatch.chdir(tmp_path)
    assert registry.find("pawtrait") == standard


@pytest.mark.parametrize("name", ["nobody", "", "x" * 5000, "a\0b", "..", "/", "ä/ö"])
def test_an_unknown_name_tells_the_known_ones(shipped: Path, name: str) -> None:
    _write(shipped / "pawtrait.safetensors")
    with pytest.raises(ModelProblem, match=r"Use pawtrait or the path of its file\.$"):
        registry.find(name)


def test_where_there_are_no_models_at_all(shipped: Path) -> None:
    with pytest.raises(ModelProblem, match=r"called 'pawtrait'\. Use the path of its file\.$"):
        registry.find("pawtrait")


@pytest.mark.parametrize("name", ["gone.safetensors", f"{'x' * 5000}.safetensors"])
def test_a_path_to_nothing(shipped: Path, name: str) -> None:
    with pytest.raises(ModelProblem, match="There is no model's file"):
        registry.find(name)


def test_a_kind_of_tomorrow_asks_for_a_newer_program(tmp_path: Path) -> None:
    path = _write(tmp_path / "m.safetensors", architecture="telepathy")
    with pytest.raises(ModelProblem, match=r"'telepathy'.*Install the newest version\."):
        registry.build(path, device="cpu", weights=None, views=1)
