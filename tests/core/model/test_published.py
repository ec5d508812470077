"""Published DeepGaze checkpoints: named, explained, and never run."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from core.model import checkpoint, registry
from core.model.card import ModelProblem
from core.model.published import problem_with


def _saved(path: Path, names: Sequence[str]) -> Path:
    torch.save({name: torch.zeros(2) for name in names}, path)
    return path


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["models.0.features.x", "models.0.saliency_networks.0.conv0.weight"], "DeepGaze IIE"),
        (["saliency_networks.0.conv0.weight", "scanpath_networks.0.conv1.weight"], "DeepGaze III"),
        (["readout_network.conv0.weight", "finalizer.gauss.sigma"], "another network or with other layers"),
        (["saliency_networks.0.conv0.weight"], "a DeepGaze checkpoint"),
    ],
)
def test_a_published_checkpoint_is_named_with_a_remedy(tmp_path: Path, names: list[str], said: str) -> None:
    path = _saved(tmp_path / "deepgaze.pth", names)
    with pytest.raises(ModelProblem, match=said) as caught:
        checkpoint.read_card(path)
    assert "pawtrait pretrain" in caught.value.remedy
    with pytest.raises(ModelProblem, match=said):
        registry.card_of(registry.find(str(path)))


def test_other_checkpoints_are_no_models_file(tmp_path: Path) -> None:
    path = _saved(tmp_path / "vgg16.pth", ["features.0.weight"])
    with pytest.raises(ModelProblem, match="is not a model's file"):
        checkpoint.read_card(path)


class _Evil:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> object:
        return Path.touch, (self.mark,)


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    path, mark = tmp_path / "evil.pth", tmp_path / "ran"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("evil/data.pkl", pickle.dumps({"readout_network.conv0.weight": _Evil(mark)}))
    problem = problem_with(path)
    assert problem is not None
    assert "another network" in problem.message
    assert not mark.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), bytes(100)])
def test_a_damaged_file_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "torn.pth"
    path.write_bytes(content)
    assert problem_with(path) is None


def test_a_pickle_that_is_cut_off_is_none(tmp_path: Path) -> None:
    path = tmp_path / "cut.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cut/data.pkl", pickle.dumps({"readout_network.conv0.weight": 1})[:-3] + b"\xff")
    assert problem_with(path) is None
