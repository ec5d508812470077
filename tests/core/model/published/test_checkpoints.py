"""Which DeepGaze a file holds is told by its names; what cannot be used is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.model.card import ModelProblem
from core.model.published.checkpoints import Checkpoint, taken_apart
from tests.core.model.published import cases
from tests.core.model.published.cases import State, under


def _saved(path: Path, state: State) -> Path:
    torch.save(state, path)
    return path


def _apart(tmp_path: Path, state: State) -> Checkpoint:
    return taken_apart(_saved(tmp_path / "deepgaze.pth", state))


@pytest.mark.parametrize("prefix", ["", "module.", "model.net."])
@pytest.mark.usefixtures("tiny")
def test_the_kinds(tmp_path: Path, random: torch.Generator, prefix: str) -> None:
    one = cases.mixture(random, cases.SECOND, 11)
    two = under("models.0.", cases.mixture(random, cases.FIRST, 1)) | under("models.1.", one)
    for state, title, found in (
        (two, "DeepGaze IIE", [cases.FIRST, cases.SECOND]),
        (one, "DeepGaze II", [cases.SECOND]),
        (cases.bare(random), "DeepGaze II", [None]),
    ):
        checkpoint = _apart(tmp_path, under(prefix, state) | {"step": torch.ones(1)})
        assert checkpoint.title == title
        assert [part.trunk for part in checkpoint.parts] == found
    assert len(_apart(tmp_path, one).parts[0].networks) == 11


def test_deepgaze_1_is_known_by_its_trunk(tmp_path: Path) -> None:
    state = {"features.features.1.features.10.weight": torch.zeros(1), "readout_network.conv0.weight": torch.zeros(1)}
    assert _apart(tmp_path, state).title == "DeepGaze I"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["features.0.weight"], "holds weights, but not of a read-out"),
        (
            ["saliency_networks.0.conv0.weight", "scanpath_networks.0.conv1.weight"],
            "DeepGaze III, which has to be told",
        ),
        (["saliency_network.conv0.weight", "finalizer.gauss.dataset_sigmas"], "DeepGaze MSDB, which reads CLIP"),
        (["features.features.x", "readout_network.conv0.weight", "finalizer.x"], "reads a network that Pawtrait does"),
        (["models.0.saliency_networks.0.x", "models.1.y"], "but not as published"),
        (["saliency_networks.0.x", "fixation_selection_networks.1.x"], "but not as published"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, names: list[str], said: str) -> None:
    with pytest.raises(ModelProblem, match=rf"deepgaze\.pth .*{said}") as caught:
        _apart(tmp_path, {name: torch.zeros(2) for name in names})
    assert caught.value.remedy


@pytest.mark.usefixtures("tiny")
def test_a_network_that_is_not_whole_is_refused(tmp_path: Path, random: torch.Generator) -> None:
    whole = cases.mixture(random, cases.FIRST, 2)
    _apart(tmp_path, whole).mixture()
    wrong = {
        "features.features.1.0.bias": None,
        "features.features.1.2.weight": torch.zeros(3, 5, 3, 3),
        "saliency_networks.1.conv0.weight": torch.zeros(8, 9, 1, 1),
        "fixation_selection_networks.0.conv1.weight": None,
        "finalizers.1.gauss.sigma": None,
    }
    for name, value in wrong.items():
        state = {key: one for key, one in whole.items() if key != name}
        with pytest.raises(ModelProblem, match="but not as published"):
            _apart(tmp_path, state if value is None else {**state, name: value}).mixture()


@pytest.mark.parametrize("name", ["features.features.1.0.bias", "saliency_networks.1.conv1.weight"])
@pytest.mark.usefixtures("tiny")
def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, random: torch.Generator, name: str) -> None:
    whole = cases.mixture(random, cases.FIRST, 2)
    whole[name].view(-1)[0] = torch.nan
    with pytest.raises(ModelProblem, match="not finite"):
        _apart(tmp_path, whole).mixture()
